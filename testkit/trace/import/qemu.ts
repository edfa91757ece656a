/** QEMU's `-trace 'pci_nvme_*'` text, QEMU 5.1 and later, with and without timestamps (`-msg timestamp=on`). */
import { nvmOpcode } from '../../nvme/opcode.ts';
import { hasRange } from '../traceCommand.ts';
import type { OpenCommand } from './commandStream.ts';
import type { ParsedFacts, ParserContext, TraceParser } from './parser.ts';
import { QemuClock } from './qemuClock.ts';
import { Fields, hashBetween, wordEnd, wordTable } from './words.ts';

const names = ['cid', 'nsid', 'sqid', 'opc', 'nlb', 'count', 'lba', 'slba', 'cqid', 'dw0', 'status', 'nr', 'attr'];
const [Cid, Nsid, Sqid, Opc, Nlb, Count, Lba, Slba, Cqid, Dw0, Status, Nr, Attr] = names.map((_, slot) => slot) as [
  ...[number, number, number, number, number, number, number],
  ...[number, number, number, number, number, number],
];
const u16 = 0xffff;
const u32 = 0xffff_ffff;

/** Dataset Management attribute "deallocate" (NVM Command Set 1.0, "Dataset Management command"). */
const deallocate = 4;

type Handler = (parser: QemuParser, timeNs: number) => void;

const events: ReadonlyMap<number, Handler> = wordTable<Handler>({
  pci_nvme_io_cmd: (parser, timeNs) => parser.ioCommand(timeNs),
  pci_nvme_admin_cmd: (parser) => parser.adminCommand(),
  pci_nvme_read: (parser) => parser.range(Lba),
  pci_nvme_write: (parser) => parser.range(Lba),
  pci_nvme_rw: (parser) => parser.range(Lba),
  pci_nvme_compare: (parser) => parser.range(Slba),
  pci_nvme_verify: (parser) => parser.range(Slba),
  pci_nvme_write_zeroes: (parser) => parser.range(Slba),
  pci_nvme_dsm: (parser) => parser.datasetManagement(),
  pci_nvme_dsm_deallocate: (parser) => parser.deallocated(),
  pci_nvme_enqueue_req_completion: (parser, timeNs) => parser.completion(timeNs),
  pci_nvme_create_sq: (parser) => parser.createQueue(),
  pci_nvme_del_sq: (parser) => parser.deleteQueue(),
  pci_nvme_mmio_stopped: (parser) => parser.reset(),
  pci_nvme_mmio_start_success: (parser) => parser.reset(),
  pci_nvme_pci_reset: (parser) => parser.reset(),
});

const keyOf = (sqid: number, cid: number): number => sqid * 0x1_0000 + cid;

export class QemuParser implements TraceParser {
  readonly #fields = new Fields(names);
  readonly #clock = new QemuClock();
  /** Submission queues by completion queue; the one of the same number where no creation was seen. */
  readonly #queues = new Map<number, number[]>();
  /** Completion queues whose list is of queues seen created. */
  readonly #created = new Set<number>();
  readonly #admin = new Set<number>();
  /** The latest command whose range is still to come: it follows at once. */
  #awaiting: OpenCommand | undefined;
  /** Dataset Management commands whose ranges are not complete, oldest first. */
  #trims: OpenCommand[] = [];
  #lbaBytes = 0;

  constructor(private readonly context: ParserContext) {}

  line(bytes: Uint8Array, from: number, to: number): void {
    const start = this.#clock.skipPrefix(bytes, from, to);
    const end = wordEnd(bytes, start, to);
    const handler = events.get(hashBetween(bytes, start, end));
    if (!handler) {
      this.context.tally.count('lines of other events');
      return;
    }
    this.#fields.scan(bytes, end, to);
    handler(this, this.#now());
  }

  end(): void {
    this.context.stream.giveUpAll();
  }

  facts(): ParsedFacts {
    return {
      source: 'qemu',
      clock: this.#clock.found ? 'wall' : 'none',
      queues: 'sqid',
      lbaBytes: this.#lbaBytes || this.context.options.lbaBytes,
      notes: { control: 'FUA, LR and the other bits of command dword 12 are not recorded by QEMU' },
    };
  }

  /** Without timestamps events count microseconds: order is all there is. */
  #now(): number {
    return this.context.stream.time(this.#clock.seconds, this.#clock.ns);
  }

  ioCommand(timeNs: number): void {
    const { tally, stream } = this.context;
    const cid = this.#fields.get(Cid, u16);
    const sqid = this.#fields.get(Sqid, u16);
    const nsid = this.#fields.get(Nsid, u32);
    const opcode = this.#fields.get(Opc, 0xff);
    if (cid < 0 || sqid < 1 || nsid < 0 || opcode < 0) {
      tally.leave('command line not understood');
      return;
    }
    const command = stream.submit(keyOf(sqid, cid), timeNs);
    command.cid = cid;
    command.queue = sqid;
    command.nsid = nsid;
    command.opcode = opcode;
    command.lacks = lacking(opcode);
    this.#awaiting = hasRange(opcode) || opcode === nvmOpcode.datasetManagement ? command : undefined;
  }

  adminCommand(): void {
    const { tally } = this.context;
    const cid = this.#fields.get(Cid, u16);
    if (cid < 0) {
      tally.leave('command line not understood');
      return;
    }
    this.#admin.add(cid);
    tally.leave('admin command');
  }

  /** `pci_nvme_read` and its kin: the range of a command, whose `pci_nvme_io_cmd` was just before. */
  range(slot: number): void {
    const blocks = this.#fields.get(Nlb, u32);
    const command = this.#commandOf(this.#fields.get(Cid, u16));
    if (!command || !hasRange(command.opcode) || blocks < 1 || !this.#fields.has64(slot)) return;
    command.cdw10 = this.#fields.low(slot);
    command.cdw11 = this.#fields.high(slot);
    command.length = blocks;
    command.lacks = undefined;
    this.#learnBlockSize(this.#fields.get(Count, Number.MAX_SAFE_INTEGER) / blocks);
  }

  #commandOf(cid: number): OpenCommand | undefined {
    if (this.#awaiting?.cid === cid) return this.#awaiting;
    for (const command of this.context.stream.openCommands) {
      if (command.cid === cid && command.lacks === 'range not recorded') return command;
    }
    return undefined;
  }

  #learnBlockSize(bytes: number): void {
    if (bytes < 512 || bytes > 65_536 || !Number.isInteger(Math.log2(bytes)) || bytes === this.#lbaBytes) return;
    if (this.#lbaBytes > 0) this.context.tally.count('logical block size changed');
    else this.#lbaBytes = bytes;
  }

  datasetManagement(): void {
    const nr = this.#fields.get(Nr, 256);
    const attributes = this.#fields.get(Attr, u32);
    const command = this.#awaiting;
    if (command?.opcode !== nvmOpcode.datasetManagement || nr < 1 || attributes < 0) return;
    command.cdw10 = nr - 1;
    command.cdw11 = attributes;
    command.wantedRanges = nr;
    // QEMU logs the ranges of those it deallocates only.
    if (attributes & deallocate) {
      command.lacks = undefined;
      this.#trims.push(command);
    }
  }

  /** The first range of a command follows it at once; the next come when the one before is done. */
  deallocated(): void {
    this.#trims = this.#trims.filter((trim) => !trim.settled && trim.ranges.length < trim.wantedRanges);
    const fresh = this.#trims.at(-1);
    const trim = fresh?.ranges.length === 0 ? fresh : this.#trims.find(({ ranges }) => ranges.length > 0);
    const length = this.#fields.get(Nlb, u32);
    if (!trim || length < 0 || !this.#fields.has64(Slba)) return;
    const range = { attributes: 0, length, low: this.#fields.low(Slba), high: this.#fields.high(Slba) };
    trim.ranges = [...trim.ranges, range];
  }

  completion(timeNs: number): void {
    const { tally, stream } = this.context;
    const cid = this.#fields.get(Cid, u16);
    const cqid = this.#fields.get(Cqid, u16);
    const status = this.#fields.get(Status, 0x7fff);
    if (cid < 0 || cqid < 0 || status < 0) {
      tally.leave('command line not understood');
      return;
    }
    if (cqid === 0) {
      this.#adminCompletion(cid);
      return;
    }
    const queues = this.#queuesOf(cqid);
    let command: OpenCommand | undefined;
    for (const sqid of queues) command ??= stream.opened(keyOf(sqid, cid));
    if (!command) {
      tally.leave('submission not recorded');
      return;
    }
    // Times that only count lines say nothing of latency.
    const ended = this.#clock.found ? timeNs : undefined;
    stream.complete(command, ended, status, Math.max(0, this.#fields.get(Dw0, u32)));
  }

  #queuesOf(cqid: number): readonly number[] {
    let queues = this.#queues.get(cqid);
    if (!queues) {
      queues = [cqid];
      this.#queues.set(cqid, queues);
    }
    return queues;
  }

  #adminCompletion(cid: number): void {
    if (!this.#admin.delete(cid)) this.context.tally.leave('admin command');
  }

  createQueue(): void {
    const sqid = this.#fields.get(Sqid, u16);
    const cqid = this.#fields.get(Cqid, u16);
    if (sqid < 1 || cqid < 1) return;
    // A number alone in its list was only supposed to be there.
    const before = (this.#created.has(cqid) ? this.#queuesOf(cqid) : []).filter((id) => id !== sqid);
    this.#created.add(cqid);
    this.#queues.set(cqid, [...before, sqid]);
  }

  deleteQueue(): void {
    const sqid = this.#fields.get(Sqid, u16);
    for (const command of [...this.context.stream.openCommands]) {
      if (command.queue === sqid) this.context.stream.giveUp(command);
    }
    for (const [cqid, queues] of this.#queues) {
      this.#queues.set(
        cqid,
        queues.filter((id) => id !== sqid),
      );
      if (this.#queues.get(cqid)?.length === 0) this.#queues.delete(cqid);
    }
  }

  /** The controller forgets its queues and what is in them. */
  reset(): void {
    this.context.stream.giveUpAll();
    this.#queues.clear();
    this.#created.clear();
    this.#admin.clear();
    this.#trims = [];
  }
}

function lacking(opcode: number): OpenCommand['lacks'] {
  if (opcode === nvmOpcode.flush) return undefined;
  if (hasRange(opcode)) return 'range not recorded';
  if (opcode === nvmOpcode.datasetManagement) return 'DSM ranges not recorded';
  return opcode === nvmOpcode.copy ? 'Copy: source ranges not recorded' : 'fields of this command not recorded';
}
