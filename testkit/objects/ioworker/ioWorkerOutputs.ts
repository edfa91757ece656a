import { finite, integer, wrongType } from '../checks.ts';
import type { IoWorkerOptions } from './ioWorkerOptions.ts';

/** What the result is to have. @internal */
export interface IoWorkerOutputs {
  readonly percentiles: readonly number[];
  readonly ioPerSecond: boolean;
  /** Of the last commands; 0 = none. */
  readonly cmdlog: number;
}

const defaultPercentiles: readonly number[] = [50, 90, 99, 99.9, 99.99];
/** A queue's log always has that many. */
const mostCommands = 2048;

/** @throws TypeError, RangeError @internal */
export function ioWorkerOutputs(options: IoWorkerOptions): IoWorkerOutputs {
  const { outputIoPerSecond = false, outputCmdlog, seriesIntervalMs = 1000 } = options;
  if (typeof outputIoPerSecond !== 'boolean') throw wrongType('outputIoPerSecond', 'a boolean', outputIoPerSecond);
  if (outputIoPerSecond && 1000 % seriesIntervalMs !== 0) {
    throw new RangeError(`outputIoPerSecond needs a seriesIntervalMs that divides 1,000, not ${seriesIntervalMs}`);
  }
  return {
    percentiles: percentilesOf(options.outputPercentileLatency ?? defaultPercentiles),
    ioPerSecond: outputIoPerSecond,
    cmdlog: outputCmdlog === undefined ? 0 : integer('outputCmdlog', outputCmdlog, 1, mostCommands),
  };
}

function percentilesOf(list: readonly number[]): number[] {
  if (!Array.isArray(list)) throw wrongType('outputPercentileLatency', 'an array of numbers', list);
  return list.map((value) => finite('outputPercentileLatency', value, 0, 100));
}
