import assert from 'node:assert/strict';
import { describe as describeInWords, formatAgo, formatTick, formatValue } from '../../../webviews/gauge/format.ts';
import { AutoScale, snapUp } from '../../../webviews/gauge/scale.ts';
import { SeriesStore } from '../../../webviews/gauge/series.ts';
import type { GaugeSample } from '../../../webviews/protocol.ts';

const start = 1_800_000_000_000;
const at = (tick: number, iops: number, controller = 'emulated'): GaugeSample => ({
  atMs: start + tick * 250,
  controller,
  iops,
  megabytesPerSecond: iops / 100,
});
const window = (fromTick: number, toTick: number) => ({ fromMs: start + fromTick * 250, toMs: start + toTick * 250 });

describe('gauge scale', () => {
  it('snaps up to 1, 2 or 5 times a power of ten', () => {
    const wanted: readonly (readonly [number, number])[] = [
      [1, 1],
      [1.01, 2],
      [2, 2],
      [3, 5],
      [5.1, 10],
      [820_000, 1_000_000],
      [3359, 5000],
      [0.03, 0.05],
      [0, 1],
      [Number.NaN, 1],
      [Number.POSITIVE_INFINITY, 1],
      [-3, 1],
    ];
    for (const [value, end] of wanted) assert.equal(snapUp(value), end, `${value}`);
  });

  it('is never below the value, nor more than 2.5 times above it', () => {
    for (let value = 1e-6; value < 1e15; value *= 1.37) {
      const end = snapUp(value);
      assert.ok(end >= value && end <= value * 2.5 + 1e-12, `${value} -> ${end}`);
    }
  });

  it('grows at once, and shrinks only after staying low', () => {
    const scale = new AutoScale(1);
    assert.equal(scale.update(900, 0), 1000);
    assert.equal(scale.update(3600, 250), 5000);
    assert.equal(scale.update(100, 500), 5000);
    assert.equal(scale.update(3000, 3000), 5000);
    assert.equal(scale.update(100, 3250), 5000);
    assert.equal(scale.update(100, 7000), 5000);
    assert.equal(scale.update(100, 7250), 100);
    assert.equal(scale.update(0, 20_000), 100);
    assert.equal(scale.update(0, 24_000), 1);
  });
});

describe('gauge series', () => {
  it('keeps a line for each controller, in order of appearance', () => {
    const store = new SeriesStore();
    store.add([at(0, 10), at(0, 20, '0000:3d:00.0'), at(1, 11)]);
    assert.deepEqual(store.controllers, ['emulated', '0000:3d:00.0']);
    assert.deepEqual(
      store.points('emulated', 'iops', window(0, 1)).map(({ value }) => value),
      [10, 11],
    );
    assert.equal(store.newestMs, start + 250);
    assert.equal(store.oldestMs, start);
  });

  it('sorts samples, and counts a repeated one once', () => {
    const store = new SeriesStore();
    store.add([at(2, 3), at(0, 1), at(1, 2), at(1, 2), at(0, 7)]);
    assert.deepEqual(
      store.points('emulated', 'iops', window(0, 9)).map(({ value }) => value),
      [7, 2, 3],
    );
  });

  it('keeps the newest 240 samples of a controller', () => {
    const store = new SeriesStore();
    store.add(Array.from({ length: 1000 }, (_, tick) => at(tick, tick)));
    const points = store.points('emulated', 'iops', window(0, 1000));
    assert.deepEqual([points.length, points[0]?.value, points.at(-1)?.value], [240, 760, 999]);
  });

  it('interrupts the line where samples were missing', () => {
    const store = new SeriesStore();
    store.add([at(0, 1), at(1, 1), at(20, 1)]);
    const values = store.points('emulated', 'iops', window(0, 20)).map(({ value }) => value);
    assert.deepEqual(values, [1, 1, Number.NaN, 1]);
  });

  it('reads the value now, and nothing from a line that ended', () => {
    const store = new SeriesStore();
    store.add([at(0, 5), at(1, 6)]);
    assert.equal(store.valueAt('emulated', 'iops', start + 300), 6);
    assert.equal(store.valueAt('emulated', 'iops', start), 5);
    assert.equal(store.valueAt('emulated', 'iops', start + 60_000), 0);
    assert.equal(store.valueAt('unknown', 'iops', start), 0);
  });

  it('finds the highest sum of the controllers shown', () => {
    const store = new SeriesStore();
    store.add([at(0, 10), at(0, 1, 'b'), at(1, 2), at(1, 20, 'b')]);
    assert.equal(store.peak(['emulated', 'b'], 'iops', window(0, 9)), 22);
    assert.equal(store.peak(['emulated'], 'iops', window(0, 9)), 10);
    assert.equal(store.peak([], 'iops', window(0, 9)), 0);
  });

  it('replaces everything when hydrated, and refuses numbers that are none', () => {
    const store = new SeriesStore();
    store.add([at(0, 5, 'old')]);
    store.hydrate([at(0, Number.NaN), at(1, -1), at(2, 0)], [{ atMs: start + 250, label: 'Power off' }]);
    assert.deepEqual(store.controllers, ['emulated']);
    assert.equal(store.hasIo, false);
    assert.deepEqual(store.marks(window(0, 2)), [{ atMs: start + 250, label: 'Power off' }]);
    assert.deepEqual(store.marks(window(2, 3)), []);
    store.add([at(3, 1)]);
    assert.equal(store.hasIo, true);
  });
});

describe('gauge text', () => {
  it('writes three significant digits with grouping', () => {
    const iops: readonly (readonly [number, string])[] = [
      [0, '0'],
      [4, '<0.01'],
      [8, '0.01'],
      [420, '0.42'],
      [9994, '9.99'],
      [9996, '10.0'],
      [85_230, '85.2'],
      [999_600, '1,000'],
      [1_234_567, '1,235'],
      [4_294_967_296, '4,294,967'],
    ];
    for (const [value, text] of iops) assert.equal(formatValue('iops', value), text);
    assert.equal(formatValue('megabytesPerSecond', 3358.4), '3,358');
  });

  it('labels axes without needless decimals', () => {
    assert.deepEqual(
      [0, 100, 2_500_000, 0.1 + 0.2].map((value) => formatTick('iops', value)),
      ['0', '0.1', '2,500', '0.0003'],
    );
    assert.deepEqual([0, 15].map(formatAgo), ['now', '15 s']);
  });

  it('says in words what the dial shows', () => {
    assert.equal(
      describeInWords('iops', { value: 741_000, peak: 820_000, max: 1_000_000 }),
      'IOPS: 741 K/s on a scale to 1,000; highest in the last minute 820 K/s.',
    );
  });
});
