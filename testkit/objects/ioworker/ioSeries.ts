/** Commands over time. */
import type { NativeIoWorkerResult } from '../../nativeIoWorker.ts';
import { finite } from '../checks.ts';

/** Commands and bytes completed in each interval since the start. */
export interface IoSeries {
  /** Milliseconds of an interval. */
  readonly intervalMs: number;
  /** How many intervals, from the first on, submission lasted for; what follows is the rest, and the completions after it. */
  readonly fullIntervals: number;
  /** Commands of each interval. */
  readonly ios: readonly number[];
  /** Bytes of each interval. */
  readonly bytes: readonly number[];
}

/** @internal */
export function seriesOf({ series, windowNs }: NativeIoWorkerResult): IoSeries {
  const fullIntervals = Math.floor(Number(windowNs) / (series.intervalMs * 1e6));
  const padded = (values: Float64Array): number[] =>
    Array.from({ length: Math.max(values.length, fullIntervals) }, (_, index) => values[index] ?? 0);
  return { intervalMs: series.intervalMs, fullIntervals, ios: padded(series.ios), bytes: padded(series.bytes) };
}

/** Of every full second. @internal */
export function totalsPerSecond({ intervalMs, fullIntervals, ios }: IoSeries): number[] {
  const parts = 1000 / intervalMs;
  return Array.from({ length: Math.floor(fullIntervals / parts) }, (_, second) =>
    ios.slice(second * parts, (second + 1) * parts).reduce((sum, count) => sum + count, 0),
  );
}

/** @throws RangeError @internal */
export function iopsConsistency(perSecond: readonly number[] | undefined, slowest: number): number {
  finite('slowest', slowest, 0, 100);
  if (perSecond === undefined) throw new RangeError('iopsConsistency needs outputIoPerSecond: true');
  const sorted = [...perSecond].sort((a, b) => a - b);
  const mean = sorted.reduce((sum, count) => sum + count, 0) / sorted.length;
  if (!(mean > 0)) throw new RangeError('iopsConsistency needs at least one full second with commands');
  const rank = Math.max(1, Math.ceil(((100 - slowest) / 100) * sorted.length));
  return ((sorted[rank - 1] ?? 0) / mean) * 100;
}
