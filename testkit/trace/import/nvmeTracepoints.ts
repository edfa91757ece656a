/** `nvme:nvme_setup_cmd` and `nvme:nvme_complete_rq`. */
import { nvmOpcode } from '../../nvme/opcode.ts';
import { hasRange, TraceFlag } from '../traceCommand.ts';
import type { OpenCommand } from './commandStream.ts';
import type { ParsedFacts, ParserContext } from './parser.ts';
import { at, Fields, hashBetween, hashOf, hexBetween, textBetween, wordEnd, wordTable } from './words.ts';

export interface EventLine {
  readonly bytes: Uint8Array;
  /** After the event's name. */
  readonly from: number;
  readonly to: number;
  readonly timeNs: number;
  readonly cpu: number;
}

const names = [
  ...['qid', 'cmdid', 'nsid', 'slba', 'len', 'ctrl', 'dsmgmt', 'reftag', 'nr', 'attributes', 'res', 'status'],
  ...['cmd', 'cdw10'],
];
const [Qid, Cmdid, Nsid, Slba, Len, Ctrl, Dsmgmt, Reftag, Nr, Attributes, Res, Status, Cmd, Cdw10] = names.map(
  (_, slot) => slot,
) as [
  ...[number, number, number, number, number, number, number, number],
  ...[number, number, number, number, number, number],
];
const u16 = 0xffff;
const u32 = 0xffff_ffff;

const opcodes: ReadonlyMap<number, number> = wordTable<number>({
  nvme_cmd_flush: nvmOpcode.flush,
  nvme_cmd_write: nvmOpcode.write,
  nvme_cmd_read: nvmOpcode.read,
  nvme_cmd_write_uncor: nvmOpcode.writeUncorrectable,
  nvme_cmd_compare: nvmOpcode.compare,
  nvme_cmd_write_zeroes: nvmOpcode.writeZeroes,
  nvme_cmd_dsm: nvmOpcode.datasetManagement,
  nvme_cmd_verify: nvmOpcode.verify,
  nvme_cmd_resv_register: nvmOpcode.reservationRegister,
  nvme_cmd_resv_report: nvmOpcode.reservationReport,
  nvme_cmd_resv_acquire: nvmOpcode.reservationAcquire,
  nvme_cmd_resv_release: nvmOpcode.reservationRelease,
  nvme_cmd_zone_mgmt_send: nvmOpcode.zoneManagementSend,
  nvme_cmd_zone_mgmt_recv: nvmOpcode.zoneManagementReceive,
  nvme_cmd_zone_append: nvmOpcode.zoneAppend,
});

const keyOf = (qid: number, cid: number): number => qid * 0x1_0000 + cid;

export class NvmeTracepoints {
  readonly #fields = new Fields(names);
  readonly #admin = new Set<number>();
  #controller: string | undefined;
  #controllerHash: number | undefined;
  /** Whether the recording has NVMe tracepoints; then block ones only add ranges. */
  seen = false;

  constructor(private readonly context: ParserContext) {
    if (context.options.device) this.#choose(context.options.device);
  }

  facts(): ParsedFacts {
    return {
      source: 'ftrace',
      clock: 'monotonic',
      queues: 'sqid',
      lbaBytes: this.context.options.lbaBytes,
      controller: this.#controller ?? 'no controller',
    };
  }

  setup(line: EventLine): void {
    const { tally } = this.context;
    this.seen = true;
    if (!this.#isOurs(line)) {
      tally.leave('command of another controller');
      return;
    }
    const qid = this.#fields.get(Qid, u16);
    const cid = this.#fields.get(Cmdid, u16);
    const nsid = this.#fields.get(Nsid, u32);
    const mark = this.#fields.start(Cmd);
    if (qid < 0 || cid < 0 || nsid < 0 || mark < 0) {
      tally.leave('command line not understood');
      return;
    }
    if (qid === 0) {
      this.#admin.add(cid);
      tally.leave('admin command');
      return;
    }
    // `cmd=(nvme_cmd_read slba=...`
    const name = mark + 1;
    const opcode = opcodeAt(line, name);
    if (opcode < 0) {
      tally.leave('command line not understood');
      return;
    }
    const command = this.context.stream.submit(keyOf(qid, cid), line.timeNs);
    command.queue = qid;
    command.cid = cid;
    command.nsid = nsid;
    command.opcode = opcode;
    this.#describe(command, line);
    if (opcode === nvmOpcode.datasetManagement) this.onTrim(command, line);
  }

  /** Replaced by who supplies the ranges of Dataset Management commands. */
  onTrim: (command: OpenCommand, line: EventLine) => void = () => undefined;

  #isOurs({ bytes, from, to }: EventLine): boolean {
    this.#fields.scan(bytes, from, to);
    const end = wordEnd(bytes, from, to);
    if (hashBetween(bytes, from, end) === this.#controllerHash) return true;
    if (this.#controller !== undefined) return false;
    this.#choose(textBetween(bytes, from, end));
    return true;
  }

  #choose(controller: string): void {
    this.#controller = controller;
    this.#controllerHash = hashOf(controller);
  }

  #describe(open: OpenCommand, line: EventLine): void {
    if (open.opcode === nvmOpcode.datasetManagement) {
      const nr = this.#fields.get(Nr, 256);
      const attributes = this.#fields.get(Attributes, u32);
      open.lacks = 'DSM ranges not recorded';
      // As command dword 10 has it: 0-based.
      open.cdw10 = Math.max(0, nr);
      open.cdw11 = Math.max(0, attributes);
      return;
    }
    if (this.#fields.has64(Slba) && this.#fields.get(Len, u16) >= 0) {
      this.#range(open);
      return;
    }
    const raw = this.#fields.start(Cdw10);
    if (raw >= 0 && readDwords(open, line, raw)) open.lacks = lacking(open.opcode);
    else open.lacks = open.opcode === nvmOpcode.flush ? undefined : 'fields of this command not recorded';
  }

  #range(open: OpenCommand): void {
    open.cdw10 = this.#fields.low(Slba);
    open.cdw11 = this.#fields.high(Slba);
    open.length = this.#fields.get(Len, u16) + 1;
    open.control = Math.max(0, this.#fields.get(Ctrl, u16));
    open.cdw13 = Math.max(0, this.#fields.get(Dsmgmt, u32));
    open.cdw14 = Math.max(0, this.#fields.get(Reftag, u32));
    open.flags |= TraceFlag.Control;
    open.lacks = hasRange(open.opcode) ? undefined : lacking(open.opcode);
  }

  complete(line: EventLine): void {
    const { tally, stream } = this.context;
    this.seen = true;
    if (!this.#isOurs(line)) return;
    const qid = this.#fields.get(Qid, u16);
    const cid = this.#fields.get(Cmdid, u16);
    const status = this.#fields.get(Status, 0x7fff);
    if (qid < 0 || cid < 0 || status < 0) {
      tally.leave('command line not understood');
      return;
    }
    const command = stream.opened(keyOf(qid, cid));
    if (command) stream.complete(command, line.timeNs, status, Math.max(0, this.#fields.get(Res, u32)));
    else if (qid > 0) tally.leave('submission not recorded');
    else if (!this.#admin.delete(cid)) tally.leave('admin command');
  }
}

/** `nvme_cmd_read`, or a number where the kernel has no name for it. */
function opcodeAt({ bytes, to }: EventLine, from: number): number {
  const end = wordEnd(bytes, from, to);
  const known = opcodes.get(hashBetween(bytes, from, end));
  if (known !== undefined) return known;
  const isHex = at(bytes, from) === 0x30 && at(bytes, from + 1) === 0x78;
  const value = isHex ? hexBetween(bytes, from + 2, end) : -1;
  return value <= 0xff ? value : -1;
}

/** The 24 bytes of command dwords 10 to 15, printed one by one. */
function readDwords(open: OpenCommand, { bytes, to }: EventLine, from: number): boolean {
  const dwords = new Uint32Array(6);
  for (let index = 0; index < 24; index += 1) {
    const start = from + 3 * index;
    if (start + 2 > to) return false;
    const value = hexBetween(bytes, start, start + 2);
    if (value < 0) return false;
    const dword = index >> 2;
    dwords[dword] = (dwords[dword] as number) + value * 2 ** (8 * (index & 3));
  }
  const [cdw10 = 0, cdw11 = 0, cdw12 = 0, cdw13 = 0, cdw14 = 0, cdw15 = 0] = dwords;
  const low = cdw12 % 0x1_0000;
  const length = hasRange(open.opcode) ? low + 1 : low;
  Object.assign(open, { cdw10, cdw11, length, control: Math.floor(cdw12 / 0x1_0000), cdw13, cdw14, cdw15 });
  open.flags |= TraceFlag.Control;
  return true;
}

function lacking(opcode: number): OpenCommand['lacks'] {
  if (hasRange(opcode) || opcode === nvmOpcode.flush) return undefined;
  return opcode === nvmOpcode.copy ? 'Copy: source ranges not recorded' : 'fields of this command not recorded';
}
