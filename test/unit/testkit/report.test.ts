import assert from 'node:assert/strict';
import { Report } from '../../../testkit/api/report.ts';
import type { Chart } from '../../../testkit/report/chart.ts';

const good: Chart = {
  title: 'Sequential write',
  x: { label: 's' },
  y: { label: 'MB/s' },
  series: [{ name: 'first', points: [[0, 1]] }],
};

describe('a chart that a test reports', () => {
  const shown: Chart[] = [];
  const report = new Report((chart) => shown.push(chart));
  const refused = (change: object, message: RegExp) =>
    assert.throws(() => report.chart({ ...good, ...change }), message);

  it('is what the test gave, as it was then', () => {
    const points: [number, number][] = [[1, 2]];
    report.chart({ ...good, series: [{ name: 'first', points }] });
    points.push([3, 4]);
    assert.deepEqual(shown.pop(), {
      ...good,
      kind: 'line',
      x: { label: 's', logarithmic: false },
      y: { label: 'MB/s', logarithmic: false },
      series: [{ name: 'first', points: [[1, 2]] }],
    });
  });

  it('is refused by the name of what is wrong', () => {
    const series = (points: unknown) => ({ series: [{ name: 'first', points }] });
    refused({ title: '' }, /title must be a text/);
    refused({ kind: 'pie' }, /kind must be 'line'/);
    refused({ x: undefined }, /x must be an object/);
    refused({ y: { label: 5 } }, /y\.label must be a text/);
    refused({ series: [] }, /1 to 16 series, not 0/);
    refused(series([]), /series\[0\] has 0 points/);
    refused(series(Array(10_001).fill([0, 0])), /10001 points: 1 to 10,000/);
    refused(series([[0, Number.NaN]]), /series\[0\]\.points\[0\]\[1\] must be a number/);
    refused(series([[0, Number.POSITIVE_INFINITY]]), RangeError as unknown as RegExp);
    refused(series([5]), /points\[0\] must be \[x, y\]/);
    refused({ y: { label: 'us', logarithmic: true }, ...series([[1, 0]]) }, /logarithmic axis has values above 0/);
    assert.equal(shown.length, 0);
  });

  it('is one of at most 32', () => {
    const many = new Report(() => undefined);
    for (let count = 0; count < 32; count += 1) many.chart(good);
    assert.throws(() => many.chart(good), /at most 32 charts/);
  });
});
