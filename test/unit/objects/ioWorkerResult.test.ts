import assert from 'node:assert/strict';
import type { NativeIoWorkerResult } from '../../../testkit/nativeIoWorker.ts';
import { iopsConsistency, seriesOf, totalsPerSecond } from '../../../testkit/objects/ioworker/ioSeries.ts';
import { Latency } from '../../../testkit/objects/ioworker/latency.ts';

const latency = new Latency(
  {
    count: 1000n,
    minNs: 1000,
    meanNs: 3000,
    maxNs: 90_000,
    values: Float64Array.of(990, 2000, 80_000),
    counts: Float64Array.of(500, 499, 1),
  },
  [50, 99.9],
);

describe('latencies', () => {
  it('tell any percentile: what so many commands did not exceed', () => {
    assert.deepEqual(
      [...latency.percentilesUs],
      [
        [50, 1],
        [99.9, 2],
      ],
    );
    assert.equal(latency.percentile(0), 1); // the bucket's middle is below the shortest, which is exact
    assert.equal(latency.percentile(50.01), 2);
    assert.equal(latency.percentile(99.91), 90);
    assert.throws(() => latency.percentile(101), RangeError);
  });

  it('are 0 without commands', () => {
    const none = { count: 0n, minNs: 0, meanNs: 0, maxNs: 0, values: new Float64Array(), counts: new Float64Array() };
    assert.equal(new Latency(none, []).percentile(50), 0);
  });
});

describe('commands over time', () => {
  const series = (ios: number[], windowNs: bigint, intervalMs = 500) =>
    seriesOf({
      series: { intervalMs, ios: Float64Array.from(ios), bytes: Float64Array.from(ios) },
      windowNs,
    } as NativeIoWorkerResult);

  it('has the full seconds, those without a command too', () => {
    assert.deepEqual(totalsPerSecond(series([1, 2, 3, 4, 5], 2_400_000_000n)), [3, 7]);
    assert.deepEqual(totalsPerSecond(series([1], 2_000_000_000n)), [1, 0]);
    assert.equal(series([1, 2, 3, 4, 5], 2_400_000_000n).fullIntervals, 4);
  });

  it('tells how consistent the rate was: the slowest seconds against the average', () => {
    const perSecond = [100, 80, 120, 100];
    assert.equal(iopsConsistency(perSecond, 99.9), 80);
    assert.equal(iopsConsistency(perSecond, 50), 100);
    assert.equal(iopsConsistency(perSecond, 0), 120);
    assert.throws(() => iopsConsistency(undefined, 99.9), /outputIoPerSecond/);
    assert.throws(() => iopsConsistency([], 99.9), /at least one full second/);
  });
});
