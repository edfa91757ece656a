import type { Metric } from './series.ts';

export interface MetricText {
  readonly title: string;
  readonly unit: string;
  /** What one shown unit is in the samples' unit. */
  readonly divisor: number;
  /** The axis never ends below it (in the samples' unit). */
  readonly least: number;
}

export const metricTexts: Readonly<Record<Metric, MetricText>> = {
  megabytesPerSecond: { title: 'Bandwidth', unit: 'MB/s', divisor: 1, least: 1 },
  iops: { title: 'IOPS', unit: 'K/s', divisor: 1000, least: 100 },
};

/** Three significant digits, with grouping: `0`, `<0.01`, `0.42`, `9.87`, `85.2`, `1,234`. In the shown unit. */
export function formatValue(metric: Metric, value: number): string {
  const shown = value / metricTexts[metric].divisor;
  if (shown === 0) return '0';
  if (shown < 0.005) return '<0.01';
  const decimals = shown < 9.995 ? 2 : shown < 99.95 ? 1 : 0;
  return grouped(shown.toFixed(decimals));
}

/** Ends and middles of axes: no needless decimals. */
export function formatTick(metric: Metric, value: number): string {
  const shown = Number((value / metricTexts[metric].divisor).toPrecision(6));
  return grouped(String(shown));
}

/** `-0 s` is now. */
export function formatAgo(seconds: number): string {
  return seconds === 0 ? 'now' : `${Math.round(seconds)} s`;
}

/** What the gauge shows, for those who do not see it. */
export function describe(metric: Metric, numbers: { value: number; peak: number; max: number }): string {
  const { title, unit } = metricTexts[metric];
  const [value, peak, max] = [numbers.value, numbers.peak, numbers.max].map((number) => formatValue(metric, number));
  return `${title}: ${value} ${unit} on a scale to ${max}; highest in the last minute ${peak} ${unit}.`;
}

function grouped(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const separated = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? separated : `${separated}.${fraction}`;
}
