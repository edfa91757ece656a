import { nvmOpcode } from '../../nvme/opcode.ts';
import { integer, record, wrongType } from '../checks.ts';
import type { Command, CommandCallback, CommandOptions } from '../command.ts';
import { DmaBuffer } from '../dmaBuffer.ts';
import type { Qpair } from '../qpair.ts';
import type { RawOptions } from '../qpairOptions.ts';
import { beginSqe, putQword, type SqeFields } from '../sqe.ts';
import { dataOf } from './blockData.ts';
import { copySources } from './copySources.ts';
import { IoCommands } from './ioCommands.ts';
import type { CopyOptions, CopySource, DsmOptions, LbaRange } from './ioOptions.ts';

const fuaBit = 2 ** 30;
const limitedRetryBit = 2 ** 31;
const streamsDirective = 2 ** 20;

/** Commands whose ranges are in a buffer: Dataset Management and Copy; and commands of the test's own making. */
export abstract class RangeCommands extends IoCommands {
  /** Dataset Management with ranges the test laid out itself, by {@link DmaBuffer.setDsmRange}. @throws TypeError, RangeError */
  dsm(qpair: Qpair, buffer: DmaBuffer, options: DsmOptions): Command;
  dsm(qpair: Qpair, buffer: DmaBuffer, options: DsmOptions, callback: CommandCallback): void;
  dsm(qpair: Qpair, buffer: DmaBuffer, options: DsmOptions, callback?: CommandCallback): Command | undefined {
    const ranges = integer('ranges', record(options).ranges, 1, 256);
    const sqe = beginSqe(nvmOpcode.datasetManagement, this.nsid);
    sqe[10] = ranges - 1;
    sqe[11] = (options.integralRead ? 1 : 0) | (options.integralWrite ? 2 : 0) | (options.deallocate ? 4 : 0);
    return this.on(qpair).submit(
      dataOf(buffer, ranges * 16, () => `${ranges} DSM ranges`),
      options,
      callback,
    );
  }

  /** Deallocates blocks: Dataset Management with AD. @throws TypeError, RangeError */
  trim(qpair: Qpair, ranges: LbaRange | readonly LbaRange[], options: CommandOptions = {}): Command {
    record(options);
    const list = listOf('ranges', ranges);
    const buffer = new DmaBuffer(list.length * 16, { name: 'DSM ranges' });
    list.forEach(({ slba, blockCount = 1 }, index) => {
      buffer.setDsmRange(index, slba, blockCount);
    });
    return this.dsm(qpair, buffer, { ...options, ranges: list.length, deallocate: true });
  }

  /**
   * Copies blocks within the namespace, source after source, to `options.slba` and what follows (NVM Command Set 1.0, "Copy command",
   * source range descriptors of format 0 or 1). Limits (MSRC, MSSRL, MCL) are the device's to judge.
   * @param sources 1..256 of them
   * @throws TypeError, RangeError
   */
  copy(qpair: Qpair, sources: CopySource | readonly CopySource[], options: CopyOptions): Command {
    record(options);
    const list = listOf('sources', sources);
    const entries = copySources(list, options.descriptorFormat);
    const buffer = new DmaBuffer(entries.length, { name: 'copy sources' });
    buffer.write(entries);
    const sqe = beginSqe(nvmOpcode.copy, this.nsid);
    putQword(sqe, 10, 'slba', options.slba);
    sqe[12] = copyDword(list.length, options);
    const { refTag = 0, appTag = 0, appTagMask = 0, stream } = options;
    if (stream !== undefined) {
      sqe[12] += streamsDirective;
      sqe[13] = integer('stream', stream, 0, 0xffff) * 0x1_0000;
    }
    sqe[14] = integer('refTag', refTag, 0, 0xffff_ffff);
    sqe[15] = integer('appTag', appTag, 0, 0xffff) + integer('appTagMask', appTagMask, 0, 0xffff) * 0x1_0000;
    return this.on(qpair).submit({ buffer, length: buffer.size }, options) as Command;
  }

  /**
   * Any NVM command, NSID set to this namespace's unless given; what the fields say is the device's to judge.
   * @throws TypeError, RangeError when a value does not fit its field
   */
  send(qpair: Qpair, sqe: SqeFields, buffer?: DmaBuffer, options?: RawOptions): Command {
    return this.on(qpair).send({ nsid: this.nsid, ...sqe }, buffer, options);
  }
}

/** NR 7:0, Descriptor Format 11:8, PRINFOR 15:12, PRINFOW 29:26, FUA 30, LR 31. */
function copyDword(ranges: number, options: CopyOptions): number {
  const { descriptorFormat = 0, prinfoRead = 0, prinfoWrite = 0 } = options;
  return (
    ranges -
    1 +
    integer('descriptorFormat', descriptorFormat, 0, 15) * 2 ** 8 +
    integer('prinfoRead', prinfoRead, 0, 15) * 2 ** 12 +
    integer('prinfoWrite', prinfoWrite, 0, 15) * 2 ** 26 +
    (options.fua ? fuaBit : 0) +
    (options.limitedRetry ? limitedRetryBit : 0)
  );
}

function listOf<T extends object>(name: string, one: T | readonly T[]): readonly T[] {
  const list = Array.isArray(one) ? (one as readonly T[]) : [one as T];
  integer(`${name}.length`, list.length, 1, 256);
  for (const each of list)
    if (typeof each !== 'object' || each === null) throw wrongType(name, 'ranges of blocks', each);
  return list;
}
