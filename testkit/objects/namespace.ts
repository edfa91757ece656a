import { nvmOpcode } from '../nvme/opcode.ts';
import { integer, thousands } from './checks.ts';
import type { Command, CommandCallback, CommandOptions } from './command.ts';
import { DmaBuffer } from './dmaBuffer.ts';
import type { IdentifyNamespace } from './identify.ts';
import { IoWorker, type IoWorkerController, type IoWorkerOptions } from './ioWorker.ts';
import type { CommandData, Qpair, RawOptions } from './qpair.ts';
import { beginSqe, putQword, type SqeFields } from './sqe.ts';

export interface LbaRange {
  /** Starting LBA. Beyond NSZE is legal to send: the status tells. */
  readonly slba: number | bigint;
  /** Blocks, 1..65,536 (the specification's 0's based NLB + 1). Default 1. */
  readonly blockCount?: number;
}

export interface IoOptions extends CommandOptions, LbaRange {
  /** Force Unit Access. */
  readonly fua?: boolean;
  /** Limited Retry. */
  readonly limitedRetry?: boolean;
  /** Protection Information Field, 0..15. */
  readonly prinfo?: number;
  /** Dataset Management field of cdw13, 0..255. */
  readonly dsm?: number;
}

export interface WriteZeroesOptions extends CommandOptions, LbaRange {
  readonly fua?: boolean;
  /** DEAC: the blocks may be deallocated. */
  readonly deallocate?: boolean;
}

export interface DsmOptions extends CommandOptions {
  /** Ranges in the buffer, 1..256. */
  readonly ranges: number;
  /** AD: the blocks may be deallocated. */
  readonly deallocate?: boolean;
  /** IDW, IDR: access hints. */
  readonly integralWrite?: boolean;
  readonly integralRead?: boolean;
}

const fuaBit = 2 ** 30;
const limitedRetryBit = 2 ** 31;
const deallocateBit = 2 ** 25;

/**
 * A namespace and its commands (NVM Command Set 1.0). Each goes to the queue pair given, and returns a promise of its CQE, or,
 * with a callback, nothing. Misuse (a buffer too small, `blockCount` out of range, a closed object) throws `TypeError` or
 * `RangeError` before anything is sent.
 */
export class Namespace {
  readonly controller: IoWorkerController;
  readonly nsid: number;
  #identify: IdentifyNamespace;
  #lbaBytes: number;

  /** @internal */
  constructor(controller: IoWorkerController, nsid: number, identify: IdentifyNamespace) {
    this.controller = controller;
    this.nsid = nsid;
    this.#identify = identify;
    this.#lbaBytes = identify.lbaFormat.lbaBytes;
  }

  /** Identify Namespace as read by the last initialisation. */
  get identifyData(): IdentifyNamespace {
    return this.#identify;
  }

  /** @internal */
  takeIdentify(identify: IdentifyNamespace): void {
    this.#identify = identify;
    this.#lbaBytes = identify.lbaFormat.lbaBytes;
  }

  /** Namespace Size, blocks: the first LBA out of range. */
  get nsze(): bigint {
    return this.identifyData.nsze;
  }

  /** Namespace Capacity, blocks. */
  get ncap(): bigint {
    return this.identifyData.ncap;
  }

  /** Bytes of a block. */
  get lbaBytes(): number {
    return this.#lbaBytes;
  }

  /** Reads blocks into the buffer. */
  read(qpair: Qpair, buffer: DmaBuffer, options: IoOptions): Command;
  read(qpair: Qpair, buffer: DmaBuffer, options: IoOptions, callback: CommandCallback): void;
  read(qpair: Qpair, buffer: DmaBuffer, options: IoOptions, callback?: CommandCallback): Command | undefined {
    return this.#transfer(nvmOpcode.read, { qpair, buffer, options, callback });
  }

  /** Writes blocks from the buffer. */
  write(qpair: Qpair, buffer: DmaBuffer, options: IoOptions): Command;
  write(qpair: Qpair, buffer: DmaBuffer, options: IoOptions, callback: CommandCallback): void;
  write(qpair: Qpair, buffer: DmaBuffer, options: IoOptions, callback?: CommandCallback): Command | undefined {
    return this.#transfer(nvmOpcode.write, { qpair, buffer, options, callback });
  }

  /** Compares blocks with the buffer: `Compare Failure` when they differ. */
  compare(qpair: Qpair, buffer: DmaBuffer, options: IoOptions): Command;
  compare(qpair: Qpair, buffer: DmaBuffer, options: IoOptions, callback: CommandCallback): void;
  compare(qpair: Qpair, buffer: DmaBuffer, options: IoOptions, callback?: CommandCallback): Command | undefined {
    return this.#transfer(nvmOpcode.compare, { qpair, buffer, options, callback });
  }

  /** Sets blocks to zero without a transfer. */
  writeZeroes(qpair: Qpair, options: WriteZeroesOptions): Command;
  writeZeroes(qpair: Qpair, options: WriteZeroesOptions, callback: CommandCallback): void;
  writeZeroes(qpair: Qpair, options: WriteZeroesOptions, callback?: CommandCallback): Command | undefined {
    const sqe = this.#beginRange(nvmOpcode.writeZeroes, options);
    sqe[12] = (sqe[12] ?? 0) + (options.deallocate ? deallocateBit : 0) + (options.fua ? fuaBit : 0);
    return this.#on(qpair).submit(undefined, options, callback);
  }

  /** Marks blocks as invalid: reading them gives `Unrecovered Read Error` until they are written. */
  writeUncorrectable(qpair: Qpair, options: CommandOptions & LbaRange): Command;
  writeUncorrectable(qpair: Qpair, options: CommandOptions & LbaRange, callback: CommandCallback): void;
  writeUncorrectable(
    qpair: Qpair,
    options: CommandOptions & LbaRange,
    callback?: CommandCallback,
  ): Command | undefined {
    this.#beginRange(nvmOpcode.writeUncorrectable, options);
    return this.#on(qpair).submit(undefined, options, callback);
  }

  /** Makes completed writes of this namespace durable. */
  flush(qpair: Qpair, options?: CommandOptions): Command;
  flush(qpair: Qpair, options: CommandOptions, callback: CommandCallback): void;
  flush(qpair: Qpair, options: CommandOptions = {}, callback?: CommandCallback): Command | undefined {
    beginSqe(nvmOpcode.flush, this.nsid);
    return this.#on(qpair).submit(undefined, options, callback);
  }

  /** Dataset Management with ranges the test laid out itself, by {@link DmaBuffer.setDsmRange}. */
  dsm(qpair: Qpair, buffer: DmaBuffer, options: DsmOptions): Command;
  dsm(qpair: Qpair, buffer: DmaBuffer, options: DsmOptions, callback: CommandCallback): void;
  dsm(qpair: Qpair, buffer: DmaBuffer, options: DsmOptions, callback?: CommandCallback): Command | undefined {
    const ranges = integer('ranges', options.ranges, 1, 256);
    const sqe = beginSqe(nvmOpcode.datasetManagement, this.nsid);
    sqe[10] = ranges - 1;
    sqe[11] = (options.integralRead ? 1 : 0) | (options.integralWrite ? 2 : 0) | (options.deallocate ? 4 : 0);
    return this.#on(qpair).submit(dataOf(buffer, ranges * 16, `${ranges} DSM ranges`), options, callback);
  }

  /** Deallocates blocks: Dataset Management with AD. */
  trim(qpair: Qpair, ranges: LbaRange | readonly LbaRange[], options: CommandOptions = {}): Command {
    const list = Array.isArray(ranges) ? (ranges as readonly LbaRange[]) : [ranges as LbaRange];
    const count = integer('ranges.length', list.length, 1, 256);
    const buffer = new DmaBuffer(count * 16, { name: 'DSM ranges' });
    list.forEach(({ slba, blockCount = 1 }, index) => {
      buffer.setDsmRange(index, slba, blockCount);
    });
    return this.dsm(qpair, buffer, { ...options, ranges: count, deallocate: true });
  }

  /** Any NVM command, NSID set to this namespace's unless given; what the fields say is the device's to judge. */
  send(qpair: Qpair, sqe: SqeFields, buffer?: DmaBuffer, options?: RawOptions): Command {
    return this.#on(qpair).send({ nsid: this.nsid, ...sqe }, buffer, options);
  }

  /**
   * Generated I/O by a native thread with a queue pair of its own; it starts at once. Stopped at the end of the test, at the latest.
   * @example const result = await nvme0n1.ioworker({ ioSize: 8, qdepth: 32, timeS: 2 }).run();
   * @throws TypeError, RangeError naming the field
   */
  ioworker(options: IoWorkerOptions): IoWorker {
    return new IoWorker(this, options);
  }

  #transfer(opcode: number, io: Transfer): Command | undefined {
    const { qpair, buffer, options, callback } = io;
    const sqe = this.#beginRange(opcode, options);
    const flags = (options.fua ? fuaBit : 0) + (options.limitedRetry ? limitedRetryBit : 0);
    const prinfo = options.prinfo === undefined ? 0 : integer('prinfo', options.prinfo, 0, 15) * 2 ** 26;
    sqe[12] = (sqe[12] ?? 0) + flags + prinfo;
    if (options.dsm !== undefined) sqe[13] = integer('dsm', options.dsm, 0, 0xff);
    const blocks = options.blockCount ?? 1;
    const { lbaBytes } = this;
    const data = dataOf(buffer, blocks * lbaBytes, `${thousands(blocks)} blocks of ${thousands(lbaBytes)} bytes`);
    return this.#on(qpair).submit(data, options, callback);
  }

  /** SLBA and NLB: the one place where a count becomes 0's based. */
  #beginRange(opcode: number, { slba, blockCount = 1 }: LbaRange): Uint32Array {
    const nlb = integer('blockCount', blockCount, 1, 65_536) - 1;
    const sqe = beginSqe(opcode, this.nsid);
    putQword(sqe, 10, 'slba', slba);
    sqe[12] = nlb;
    return sqe;
  }

  #on(qpair: Qpair): Qpair {
    if (qpair?.controller === this.controller) return qpair;
    throw new TypeError(
      qpair === undefined ? 'qpair must be a Qpair' : 'the queue pair belongs to another controller than the namespace',
    );
  }
}

interface Transfer {
  readonly qpair: Qpair;
  readonly buffer: DmaBuffer;
  readonly options: IoOptions;
  readonly callback: CommandCallback | undefined;
}

function dataOf(buffer: DmaBuffer, needed: number, what: string): CommandData {
  if (!(buffer instanceof DmaBuffer)) throw new TypeError('buffer must be a DmaBuffer');
  if (buffer.size >= needed) return { buffer, length: needed };
  throw new RangeError(
    `buffer too small: ${what} need ${thousands(needed)} bytes, ${buffer.name} has ${thousands(buffer.size)}`,
  );
}
