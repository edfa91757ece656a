/** `block:block_rq_issue` and its kin: a recording of their own, or the ranges that NVMe tracepoints leave out. */
import { nvmOpcode } from '../../nvme/opcode.ts';
import { BlockRequests, requestKind, sectorBytes } from './blockRequests.ts';
import type { OpenCommand } from './commandStream.ts';
import type { EventLine, NvmeTracepoints } from './nvmeTracepoints.ts';
import type { ParsedFacts, ParserContext } from './parser.ts';
import { at, numberBetween, skipSpaces, textBetween, tokenEnd } from './words.ts';

/** A request and its command are prepared within this time of each other, by one CPU. */
const pairNs = 1e6;

/** Block events at the start before it is decided that there will be no NVMe ones. */
const longestDoubt = 4096;
const nothing = new Uint8Array(0);

interface Discard {
  readonly timeNs: number;
  readonly sector: number;
  readonly sectors: number;
}

interface Parsed {
  readonly device: string;
  readonly kind: ReturnType<typeof requestKind>;
  readonly sector: number;
  readonly sectors: number;
  readonly error: number;
}

export class BlockTracepoints {
  readonly #requests: BlockRequests;
  #device: string | undefined;
  /** By CPU: a discard whose command has not come, or a command whose discard has not. */
  readonly #discards = new Map<number, Discard>();
  readonly #trims = new Map<number, OpenCommand>();
  /** Block events may begin before the first NVMe one: kept until it is known what they are. */
  #decided = false;
  #kept: { readonly event: string; readonly line: EventLine; readonly parsed: Parsed }[] = [];

  constructor(
    private readonly context: ParserContext,
    private readonly nvme: NvmeTracepoints,
  ) {
    this.#requests = new BlockRequests(context);
    this.#device = context.options.device;
    nvme.onTrim = (command, { cpu, timeNs }) => this.#trim(command, cpu, timeNs);
  }

  facts(): ParsedFacts {
    return {
      source: 'ftrace',
      clock: 'monotonic',
      queues: 'cpu',
      lbaBytes: this.context.options.lbaBytes,
      controller: this.#device ?? 'no device',
      notes: { requests: 'of the block layer: Write Zeroes cannot be told from writes, nor Verify and Compare seen' },
    };
  }

  event(event: 'issue' | 'end' | 'requeue', line: EventLine): void {
    const parsed = parseRequest(line);
    const { tally } = this.context;
    if (!parsed) {
      tally.leave('command line not understood');
      return;
    }
    this.#kept.push({ event, line: { ...line, bytes: nothing }, parsed });
    if (this.nvme.seen || this.#decided || this.#kept.length >= longestDoubt) this.end();
  }

  /** Treats what was kept as what it is. */
  end(): void {
    this.#decided = true;
    const kept = this.#kept;
    this.#kept = [];
    for (const { event, line, parsed } of kept) {
      if (this.nvme.seen) this.#beside(event, line, parsed);
      else this.#alone(event, line, parsed);
    }
  }

  #alone(event: string, line: EventLine, { device, kind, sector, sectors, error }: Parsed): void {
    const { tally } = this.context;
    this.#device ??= device;
    if (device !== this.#device) {
      if (event === 'issue') {
        tally.leave('request of another device');
        return;
      }
      tally.count('lines of other events');
      return;
    }
    if (!kind) {
      if (event === 'issue') {
        tally.leave('passed-through request');
        return;
      }
      tally.count('lines of other events');
      return;
    }
    const request = { timeNs: line.timeNs, kind, cpu: line.cpu, sector, sectors };
    if (event === 'issue') this.#requests.issue(request);
    else if (event === 'requeue') this.#requests.requeue(request);
    else this.#requests.complete(request, error);
  }

  /** Beside NVMe tracepoints only discards are of use. */
  #beside(event: string, { cpu, timeNs }: EventLine, { kind, sector, sectors }: Parsed): void {
    this.context.tally.count('lines of other events');
    if (event !== 'issue' || kind?.opcode !== nvmOpcode.datasetManagement) return;
    const discard = { timeNs, sector, sectors };
    const trim = this.#trims.get(cpu);
    if (trim && timeNs - trim.timeNs <= pairNs && !trim.settled) {
      this.#trims.delete(cpu);
      this.#supply(trim, discard);
    } else this.#discards.set(cpu, discard);
  }

  #trim(command: OpenCommand, cpu: number, timeNs: number): void {
    if (this.#kept.length > 0) this.end();
    const discard = this.#discards.get(cpu);
    this.#discards.delete(cpu);
    if (discard && timeNs - discard.timeNs <= pairNs) this.#supply(command, discard);
    else this.#trims.set(cpu, command);
  }

  /** One request of several ranges has only their sum: it tells the range of a command of one range. */
  #supply(command: OpenCommand, { sector, sectors }: Discard): void {
    const per = this.context.options.lbaBytes / sectorBytes;
    const first = sector / per;
    const length = sectors / per;
    if (command.cdw10 !== 0 || !Number.isInteger(first) || !Number.isInteger(length) || length > 0xffff_ffff) return;
    const [low, high] = [first % 0x1_0000_0000, Math.floor(first / 0x1_0000_0000)];
    command.ranges = [{ attributes: 0, length, low, high }];
    command.wantedRanges = 1;
    command.lacks = undefined;
  }
}

/** `259,0 RS 65536 () 0 + 128 [dd]`, newer kernels with priority: `... 0 + 128 none,0,0 [dd]`. */
function parseRequest({ bytes, from, to }: EventLine): Parsed | undefined {
  const deviceEnd = tokenEnd(bytes, from, to);
  const letters = skipSpaces(bytes, deviceEnd, to);
  const lettersEnd = tokenEnd(bytes, letters, to);
  // The command of a passed-through request is between the parentheses.
  const close = bytes.indexOf(0x29, lettersEnd);
  if (close < 0 || close >= to) return undefined;
  const sectorAt = skipSpaces(bytes, close + 1, to);
  const sectorEnd = tokenEnd(bytes, sectorAt, to);
  const plus = skipSpaces(bytes, sectorEnd, to);
  const countAt = skipSpaces(bytes, plus + 1, to);
  const countEnd = tokenEnd(bytes, countAt, to);
  const sector = numberBetween(bytes, sectorAt, sectorEnd);
  const sectors = numberBetween(bytes, countAt, countEnd);
  if (sector < 0 || sectors < 0 || plus >= to || at(bytes, plus) !== 0x2b) return undefined;
  const kind = requestKind(bytes, letters, lettersEnd);
  // A flush ends at sector -1; elsewhere such a number cannot be.
  if (kind?.opcode !== nvmOpcode.flush && !Number.isSafeInteger(sector + sectors)) return undefined;
  const bracket = bytes.lastIndexOf(0x5b, to - 1);
  const minus = at(bytes, bracket + 1) === 0x2d;
  const error = bracket > countEnd ? numberBetween(bytes, bracket + (minus ? 2 : 1), to - 1) : 0;
  return { device: textBetween(bytes, from, deviceEnd), kind, sector, sectors, error: Math.max(0, error) };
}
