/** fio's I/O log (`write_iolog`), version 2 without times and version 3 with microseconds. */
import { nvmOpcode } from '../../nvme/opcode.ts';
import { OpenCommand } from './commandStream.ts';
import type { ParsedFacts, ParserContext, TraceParser } from './parser.ts';
import { hashBetween, numberBetween, skipSpaces, textBetween, tokenEnd, wordTable } from './words.ts';

const u32 = 0xffff_ffff;

type Action = 'read' | 'write' | 'trim' | 'sync' | 'wait' | 'add' | 'file';
const actions: ReadonlyMap<number, Action> = wordTable<Action>({
  read: 'read',
  write: 'write',
  trim: 'trim',
  sync: 'sync',
  datasync: 'sync',
  wait: 'wait',
  add: 'add',
  open: 'file',
  close: 'file',
});

export class FioParser implements TraceParser {
  #version = 0;
  #micros = 0;
  #lines = 0;
  readonly #files = new Map<number, number>();
  readonly #names: string[] = [];

  constructor(private readonly context: ParserContext) {}

  line(bytes: Uint8Array, from: number, to: number): void {
    if (this.#version === 0) {
      this.#header(bytes, from, to);
      return;
    }
    let start = skipSpaces(bytes, from, to);
    if (start === to) return;
    if (this.#version === 3) {
      const end = tokenEnd(bytes, start, to);
      const micros = numberBetween(bytes, start, end);
      if (micros < 0 || micros > 9e12) {
        this.context.tally.leave('command line not understood');
        return;
      }
      this.#micros = micros;
      start = skipSpaces(bytes, end, to);
    }
    this.#entry(bytes, start, to);
  }

  end(): void {
    this.context.stream.giveUpAll();
  }

  facts(): ParsedFacts {
    return {
      source: 'fio',
      clock: this.#version === 3 ? 'monotonic' : 'none',
      queues: 'none',
      lbaBytes: this.context.options.lbaBytes,
      ...(this.#names.length > 0 && { controller: this.#names.join(', ').slice(0, 1000) }),
      notes: {
        iolog: `version ${this.#version}: it has neither queue, FUA, Write Zeroes nor latency`,
        ...(this.#names.length > 1 && { files: 'each file of the log is a namespace here, in the order of the log' }),
      },
    };
  }

  #header(bytes: Uint8Array, from: number, to: number): void {
    const version = /^fio version ([23]) iolog$/.exec(textBetween(bytes, from, Math.min(to, from + 64)).trim())?.[1];
    if (version) this.#version = Number(version);
    else this.context.tally.count('lines of other events');
  }

  #entry(bytes: Uint8Array, start: number, to: number): void {
    const nameEnd = tokenEnd(bytes, start, to);
    const at = skipSpaces(bytes, nameEnd, to);
    const end = tokenEnd(bytes, at, to);
    const action = actions.get(hashBetween(bytes, at, end));
    const { tally } = this.context;
    if (!action) {
      tally.leave('command line not understood');
      return;
    }
    if (action === 'add' || action === 'file') {
      if (action === 'add') this.#file(bytes, start, nameEnd);
      tally.count('file operations');
      return;
    }
    const first = skipSpaces(bytes, end, to);
    const firstEnd = tokenEnd(bytes, first, to);
    const second = skipSpaces(bytes, firstEnd, to);
    const offset = first < to ? numberBetween(bytes, first, firstEnd) : 0;
    const length = second < to ? numberBetween(bytes, second, tokenEnd(bytes, second, to)) : 0;
    if (offset < 0 || length < 0 || !Number.isSafeInteger(offset + length)) {
      tally.leave('command line not understood');
      return;
    }
    if (action === 'wait') this.#micros += offset;
    else this.#command(action, this.#file(bytes, start, nameEnd), offset, length);
  }

  /** The number of a file, from 1: it stands for the namespace. */
  #file(bytes: Uint8Array, from: number, end: number): number {
    const hash = hashBetween(bytes, from, end);
    const known = this.#files.get(hash);
    if (known !== undefined) return known;
    this.#names.push(textBetween(bytes, from, Math.min(end, from + 255)));
    this.#files.set(hash, this.#names.length);
    return this.#names.length;
  }

  #command(action: 'read' | 'write' | 'trim' | 'sync', nsid: number, offset: number, bytes: number): void {
    const { tally, stream, options } = this.context;
    const slba = offset / options.lbaBytes;
    const length = bytes / options.lbaBytes;
    if (action !== 'sync') {
      if (!Number.isInteger(slba) || !Number.isInteger(length) || length === 0) {
        tally.leave('not a multiple of the logical block size');
        return;
      }
      if (length > u32) {
        tally.leave('range beyond what NVMe can address');
        return;
      }
    }
    this.#lines += 1;
    // Version 2 has no times: the commands count microseconds beside the log's waits, to keep their order.
    const micros = this.#version === 3 ? this.#micros : this.#micros + this.#lines;
    // A log starts at time 0: its first entry is not moved there.
    stream.zero ??= { seconds: 0, ns: 0 };
    const timeNs = stream.time(Math.floor(micros / 1e6), (micros % 1e6) * 1000);
    const low = slba % 0x1_0000_0000;
    const high = Math.floor(slba / 0x1_0000_0000);
    const command = new OpenCommand(0, timeNs);
    command.queue = 1;
    command.nsid = nsid;
    command.opcode = opcodes[action];
    if (action === 'trim') {
      command.cdw11 = 4;
      command.ranges = [{ attributes: 0, length, low, high }];
    } else if (action !== 'sync') {
      command.cdw10 = low;
      command.cdw11 = high;
      command.length = length;
    }
    stream.pass(command);
  }
}

const opcodes = {
  read: nvmOpcode.read,
  write: nvmOpcode.write,
  trim: nvmOpcode.datasetManagement,
  sync: nvmOpcode.flush,
} as const;
