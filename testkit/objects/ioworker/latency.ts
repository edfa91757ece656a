import type { NativeLatencies, NativeLatency } from '../../nativeIoWorker.ts';
import { finite } from '../checks.ts';

/** Latencies of one class of commands, microseconds: exact but for percentiles, which are within 0.4 % up to 137 s. */
export class Latency {
  /** Commands. */
  readonly count: number;
  /** Shortest, microseconds. */
  readonly minUs: number;
  /** Mean, microseconds. */
  readonly avgUs: number;
  /** Longest, microseconds. */
  readonly maxUs: number;
  /** By percentile, those asked for. */
  readonly percentilesUs: ReadonlyMap<number, number>;
  readonly #native: NativeLatency;

  /** @internal */
  constructor(native: NativeLatency, percentiles: readonly number[]) {
    this.#native = native;
    this.count = Number(native.count);
    this.minUs = native.minNs / 1000;
    this.avgUs = native.meanNs / 1000;
    this.maxUs = native.maxNs / 1000;
    this.percentilesUs = new Map(percentiles.map((percent) => [percent, this.percentile(percent)]));
  }

  /** Of the commands of several. @internal */
  static merged(parts: readonly Latency[], percentiles: readonly number[]): Latency {
    const natives = parts.map((part) => part.#native).filter(({ count }) => count > 0n);
    const buckets = new Map<number, number>();
    for (const { values, counts } of natives) {
      values.forEach((value, index) => {
        buckets.set(value, (buckets.get(value) ?? 0) + (counts[index] ?? 0));
      });
    }
    const sorted = [...buckets].sort(([a], [b]) => a - b);
    const count = natives.reduce((sum, native) => sum + native.count, 0n);
    const sumNs = natives.reduce((sum, native) => sum + native.meanNs * Number(native.count), 0);
    const merged: NativeLatency = {
      count,
      minNs: count > 0n ? Math.min(...natives.map(({ minNs }) => minNs)) : 0,
      meanNs: count > 0n ? sumNs / Number(count) : 0,
      maxNs: Math.max(0, ...natives.map(({ maxNs }) => maxNs)),
      values: Float64Array.from(sorted, ([value]) => value),
      counts: Float64Array.from(sorted, ([, commands]) => commands),
    };
    return new Latency(merged, percentiles);
  }

  /** Microseconds that `percent` % of the commands did not exceed; 0 without commands. @throws TypeError, RangeError */
  percentile(percent: number): number {
    const { values, counts, minNs, maxNs } = this.#native;
    // 99.9 % of 1000 is 999, not the 999.0000000000001 of binary fractions.
    const wanted = Math.ceil((finite('percent', percent, 0, 100) / 100) * this.count * (1 - 1e-12));
    const rank = Math.min(Math.max(wanted, 1), this.count);
    if (this.count === 0) return 0;
    if (rank === this.count) return maxNs / 1000;
    let seen = 0;
    let index = -1;
    while (seen < rank) {
      index += 1;
      seen += counts[index] ?? Number.POSITIVE_INFINITY;
    }
    return Math.min(Math.max(values[index] ?? maxNs, minNs), maxNs) / 1000;
  }
}

/** Latencies of all commands, and by class. */
export interface Latencies {
  /** Of Read. */
  readonly read: Latency;
  /** Of Write. */
  readonly write: Latency;
  /** Of every other opcode. */
  readonly other: Latency;
  /** Of all commands. */
  readonly all: Latency;
}

/** @internal */
export function latenciesOf(native: NativeLatencies, percentiles: readonly number[]): Latencies {
  const of = (latency: NativeLatency): Latency => new Latency(latency, percentiles);
  return { read: of(native.read), write: of(native.write), other: of(native.other), all: of(native.all) };
}
