import { nvmOpcode } from '../../nvme/opcode.ts';
import { integer, record } from '../checks.ts';
import type { Command, CommandCallback, CommandOptions } from '../command.ts';
import type { Qpair } from '../qpair.ts';
import type { FusedEntry } from '../qpairOptions.ts';
import { beginSqe, putQword } from '../sqe.ts';
import { type BlockLayout, transferOf } from './blockData.ts';
import type {
  FusedOptions,
  IoBuffer,
  IoOptions,
  LbaRange,
  ProtectionOptions,
  VerifyOptions,
  WriteZeroesOptions,
} from './ioOptions.ts';

const fuaBit = 2 ** 30;
const limitedRetryBit = 2 ** 31;
const deallocateBit = 2 ** 25;
const storageTagCheckBit = 2 ** 24;
const streamsDirective = 2 ** 20;

interface Transfer {
  readonly qpair: Qpair;
  readonly buffer: IoBuffer;
  readonly options: IoOptions;
  readonly callback: CommandCallback | undefined;
}

interface Flags {
  readonly fua?: boolean;
  readonly limitedRetry?: boolean;
}

/** Commands on consecutive blocks (NVM Command Set 1.0). */
export abstract class IoCommands {
  /** Namespace Identifier. */
  abstract readonly nsid: number;
  /** How its blocks are formatted. @internal */
  abstract readonly layout: BlockLayout;

  /** @throws TypeError when the queue pair is none, or another controller's @internal */
  protected abstract on(qpair: Qpair): Qpair;

  /** Reads blocks into the buffer. @throws TypeError, RangeError */
  read(qpair: Qpair, buffer: IoBuffer, options: IoOptions): Command;
  read(qpair: Qpair, buffer: IoBuffer, options: IoOptions, callback: CommandCallback): void;
  read(qpair: Qpair, buffer: IoBuffer, options: IoOptions, callback?: CommandCallback): Command | undefined {
    return this.#transfer(nvmOpcode.read, { qpair, buffer, options, callback });
  }

  /** Writes blocks from the buffer. @throws TypeError, RangeError */
  write(qpair: Qpair, buffer: IoBuffer, options: IoOptions): Command;
  write(qpair: Qpair, buffer: IoBuffer, options: IoOptions, callback: CommandCallback): void;
  write(qpair: Qpair, buffer: IoBuffer, options: IoOptions, callback?: CommandCallback): Command | undefined {
    return this.#transfer(nvmOpcode.write, { qpair, buffer, options, callback });
  }

  /** Compares blocks with the buffer: `Compare Failure` when they differ. @throws TypeError, RangeError */
  compare(qpair: Qpair, buffer: IoBuffer, options: IoOptions): Command;
  compare(qpair: Qpair, buffer: IoBuffer, options: IoOptions, callback: CommandCallback): void;
  compare(qpair: Qpair, buffer: IoBuffer, options: IoOptions, callback?: CommandCallback): Command | undefined {
    return this.#transfer(nvmOpcode.compare, { qpair, buffer, options, callback });
  }

  /** Has the controller check blocks without a transfer: media and protection information. @throws TypeError, RangeError */
  verify(qpair: Qpair, options: VerifyOptions): Command;
  verify(qpair: Qpair, options: VerifyOptions, callback: CommandCallback): void;
  verify(qpair: Qpair, options: VerifyOptions, callback?: CommandCallback): Command | undefined {
    this.#begin(nvmOpcode.verify, options);
    return this.on(qpair).submit(undefined, options, callback);
  }

  /** Sets blocks to zero without a transfer. @throws TypeError, RangeError */
  writeZeroes(qpair: Qpair, options: WriteZeroesOptions): Command;
  writeZeroes(qpair: Qpair, options: WriteZeroesOptions, callback: CommandCallback): void;
  writeZeroes(qpair: Qpair, options: WriteZeroesOptions, callback?: CommandCallback): Command | undefined {
    const sqe = this.#begin(nvmOpcode.writeZeroes, options);
    if (options.deallocate) sqe[12] = (sqe[12] ?? 0) + deallocateBit;
    return this.on(qpair).submit(undefined, options, callback);
  }

  /** Marks blocks as invalid: reading them gives `Unrecovered Read Error` until they are written. @throws TypeError, RangeError */
  writeUncorrectable(qpair: Qpair, options: CommandOptions & LbaRange): Command;
  writeUncorrectable(qpair: Qpair, options: CommandOptions & LbaRange, callback: CommandCallback): void;
  writeUncorrectable(
    qpair: Qpair,
    options: CommandOptions & LbaRange,
    callback?: CommandCallback,
  ): Command | undefined {
    this.#beginRange(nvmOpcode.writeUncorrectable, options);
    return this.on(qpair).submit(undefined, options, callback);
  }

  /** Makes completed writes of this namespace durable. @throws TypeError, RangeError */
  flush(qpair: Qpair, options?: CommandOptions): Command;
  flush(qpair: Qpair, options: CommandOptions, callback: CommandCallback): void;
  flush(qpair: Qpair, options: CommandOptions = {}, callback?: CommandCallback): Command | undefined {
    beginSqe(nvmOpcode.flush, this.nsid);
    return this.on(qpair).submit(undefined, options, callback);
  }

  /**
   * Compare and Write, fused (NVM Command Set 1.0, "Fused Operation"): the write is done only if the comparison holds. Both commands
   * are adjacent and start with one doorbell. Where the comparison fails, the write ends with `Command Aborted due to Failed Fused
   * Command`.
   * @param options of both; `write` and `compare` go before them
   * @throws TypeError, RangeError
   */
  compareAndWrite(
    qpair: Qpair,
    buffers: { readonly compare: IoBuffer; readonly write: IoBuffer },
    options: FusedOptions,
  ): { readonly compare: Command; readonly write: Command } {
    const { compare, write, ...both } = record(options);
    const [first, second] = this.on(qpair).submitFused(
      this.#fused(nvmOpcode.compare, buffers?.compare, { ...both, ...compare }),
      this.#fused(nvmOpcode.write, buffers?.write, { ...both, ...write }),
    );
    return { compare: first, write: second };
  }

  /** A command that looks like a Write, of another command set. @internal */
  protected sendBlocks(
    qpair: Qpair,
    buffer: IoBuffer,
    command: { readonly opcode: number; readonly options: IoOptions; readonly cdw12: number },
  ): Command {
    const { opcode, options, cdw12 } = command;
    const sqe = this.#encode(opcode, options);
    sqe[12] = (sqe[12] ?? 0) + cdw12;
    return this.on(qpair).submit(transferOf(buffer, options, this.layout), options) as Command;
  }

  #fused(opcode: number, buffer: IoBuffer, options: IoOptions): FusedEntry {
    const entry = this.#encode(opcode, options).slice();
    return { entry, data: transferOf(buffer, options, this.layout), options };
  }

  #transfer(opcode: number, { qpair, buffer, options, callback }: Transfer): Command | undefined {
    this.#encode(opcode, options);
    return this.on(qpair).submit(transferOf(buffer, options, this.layout), options, callback);
  }

  #encode(opcode: number, options: IoOptions): Uint32Array {
    const sqe = this.#begin(opcode, options);
    if (options.dsm !== undefined) sqe[13] = integer('dsm', options.dsm, 0, 0xff);
    if (options.stream !== undefined) {
      sqe[12] = (sqe[12] ?? 0) + streamsDirective;
      sqe[13] = (sqe[13] ?? 0) + integer('stream', options.stream, 0, 0xffff) * 0x1_0000;
    }
    return sqe;
  }

  /** SLBA, NLB, and what every command but Write Uncorrectable has beside them. */
  #begin(opcode: number, options: LbaRange & ProtectionOptions & Flags): Uint32Array {
    const sqe = this.#beginRange(opcode, options);
    const flags = (options.fua ? fuaBit : 0) + (options.limitedRetry ? limitedRetryBit : 0);
    sqe[12] = (sqe[12] ?? 0) + flags;
    if (hasTags(options)) this.#protect(sqe, options);
    if (options.storageTagCheck) sqe[12] = (sqe[12] ?? 0) + storageTagCheckBit;
    return sqe;
  }

  /** PRINFO, and the tags in cdw14 and cdw15. */
  #protect(sqe: Uint32Array, options: ProtectionOptions): void {
    const { prinfo = 0, appTag = 0, appTagMask = 0 } = options;
    const { protectionType } = this.layout;
    const isByLba = prinfo !== 0 && (protectionType === 1 || protectionType === 2);
    const { refTag = isByLba ? sqe[10] : 0 } = options;
    sqe[12] = (sqe[12] ?? 0) + integer('prinfo', prinfo, 0, 15) * 2 ** 26;
    sqe[14] = integer('refTag', refTag, 0, 0xffff_ffff);
    sqe[15] = integer('appTag', appTag, 0, 0xffff) + integer('appTagMask', appTagMask, 0, 0xffff) * 0x1_0000;
  }

  /** SLBA and NLB: the one place where a count becomes 0's based. */
  #beginRange(opcode: number, range: LbaRange): Uint32Array {
    const { slba, blockCount = 1 } = record(range);
    const nlb = integer('blockCount', blockCount, 1, 65_536) - 1;
    const sqe = beginSqe(opcode, this.nsid);
    putQword(sqe, 10, 'slba', slba);
    sqe[12] = nlb;
    return sqe;
  }
}

function hasTags({ prinfo, refTag, appTag, appTagMask }: ProtectionOptions): boolean {
  return prinfo !== undefined || refTag !== undefined || appTag !== undefined || appTagMask !== undefined;
}
