import { finite, record, thousands, wrongType } from '../objects/checks.ts';
import type { Chart, ChartAxis, ChartSeries } from '../report/chart.ts';

const kinds: readonly unknown[] = ['line', 'scatter', 'bar'];
const mostSeries = 16;
const mostPoints = 10_000;
const mostCharts = 32;

/** What a test shows beside its result. */
export class Report {
  readonly #show: (chart: Chart) => void;
  #charts = 0;

  /** @internal */
  constructor(show: (chart: Chart) => void) {
    this.#show = show;
  }

  /**
   * Shows a chart next to the result: in VS Code in a tab beside, in `doorbell run --reporter html` below the test. At most 32 a test.
   * @example report.chart({ title: 'Sequential write', x: { label: 's' }, y: { label: 'MB/s' }, series: [{ name: '1st', points }] });
   * @throws TypeError, RangeError naming the field
   */
  chart(chart: Chart): void {
    const checked = chartOf(chart);
    this.#charts += 1;
    if (this.#charts > mostCharts) throw new RangeError(`a test shows at most ${mostCharts} charts`);
    this.#show(checked);
  }
}

/** A copy: what the test changes afterwards is not shown. */
function chartOf(chart: Chart): Chart {
  const { title, kind = 'line', x, y, series } = record(chart, 'chart');
  if (!kinds.includes(kind)) throw wrongType('kind', "'line', 'scatter' or 'bar'", kind);
  const axes = { x: axisOf('x', x), y: axisOf('y', y) };
  if (!Array.isArray(series)) throw wrongType('series', 'an array', series);
  if (series.length < 1 || series.length > mostSeries) {
    throw new RangeError(`a chart has 1 to ${mostSeries} series, not ${series.length}`);
  }
  return { title: text('title', title), kind, ...axes, series: series.map((one, at) => seriesOf(one, at, axes)) };
}

function axisOf(name: string, axis: ChartAxis): ChartAxis {
  const { label, logarithmic = false, min } = record(axis, name);
  if (typeof logarithmic !== 'boolean') throw wrongType(`${name}.logarithmic`, 'a boolean', logarithmic);
  const least = logarithmic ? Number.MIN_VALUE : -Number.MAX_VALUE;
  const begin = min === undefined ? {} : { min: finite(`${name}.min`, min, least, Number.MAX_VALUE) };
  return { label: text(`${name}.label`, label), logarithmic, ...begin };
}

function seriesOf(series: ChartSeries, at: number, axes: { x: ChartAxis; y: ChartAxis }): ChartSeries {
  const place = `series[${at}]`;
  const { name, points } = record(series, place);
  if (!Array.isArray(points)) throw wrongType(`${place}.points`, 'an array of [x, y]', points);
  if (points.length < 1 || points.length > mostPoints) {
    throw new RangeError(`${place} has ${points.length} points: 1 to ${thousands(mostPoints)} are shown`);
  }
  return {
    name: text(`${place}.name`, name),
    points: points.map((point: unknown, index) => {
      const where = `${place}.points[${index}]`;
      if (!Array.isArray(point) || point.length !== 2) throw wrongType(where, '[x, y]', point);
      return [coordinate(`${where}[0]`, point[0], axes.x), coordinate(`${where}[1]`, point[1], axes.y)] as const;
    }),
  };
}

function coordinate(name: string, value: unknown, { logarithmic = false }: ChartAxis): number {
  const number = finite(name, value, -Number.MAX_VALUE, Number.MAX_VALUE);
  if (logarithmic && number <= 0)
    throw new RangeError(`${name} is ${number}: a logarithmic axis has values above 0 only`);
  return number;
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw wrongType(name, 'a text', value);
}
