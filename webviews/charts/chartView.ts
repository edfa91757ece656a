/** One chart of a test: a figure with its title, the canvas, and the same in words. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartConfiguration,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  type ScaleOptionsByType,
  ScatterController,
  Tooltip,
} from 'chart.js';
import { element } from '../gauge/dom.ts';
import type { Theme } from '../gauge/theme.ts';
import { withAlpha } from '../gauge/theme.ts';
import type { ChartAxisData, ChartData } from '../protocol.ts';

Chart.register(LineController, LineElement, PointElement, ScatterController, BarController, BarElement);
Chart.register(LinearScale, LogarithmicScale, CategoryScale, Legend, Tooltip);

const grouped = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
/** Beyond it, points would hide the line. */
const mostDots = 100;

export class ChartView {
  readonly root: HTMLElement;
  readonly #canvas = element('canvas', { role: 'img' });
  readonly #data: ChartData;
  #chart: Chart | undefined;

  constructor(data: ChartData, theme: Theme) {
    this.#data = data;
    this.#canvas.setAttribute('aria-label', wordsOf(data));
    const frame = element('div', { class: 'frame' }, this.#canvas);
    this.root = element('figure', { class: 'chart' }, element('figcaption', {}, data.title), frame);
    // The canvas takes its size from the document.
    requestAnimationFrame(() => this.restyle(theme));
  }

  restyle(theme: Theme): void {
    this.#chart?.destroy();
    this.#chart = this.#canvas.isConnected ? new Chart(this.#canvas, configuration(this.#data, theme)) : undefined;
  }

  dispose(): void {
    this.#chart?.destroy();
    this.root.remove();
  }
}

function configuration(data: ChartData, theme: Theme): ChartConfiguration {
  const { kind = 'line' } = data;
  Chart.defaults.font = { ...Chart.defaults.font, family: theme.font, size: theme.fontSize };
  return {
    type: kind,
    data: { datasets: data.series.map((series, index) => dataset(series, { index, kind, theme })) },
    options: {
      animation: false,
      maintainAspectRatio: false,
      parsing: false,
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      scales: {
        x: scale(data.x, theme, kind === 'bar' ? valuesOf(data) : undefined),
        y: scale(beginning(data), theme),
      },
      plugins: {
        legend: {
          display: data.series.length > 1,
          labels: { color: theme.foreground, usePointStyle: true, boxHeight: 6 },
        },
        tooltip: {
          backgroundColor: theme.tooltipBackground,
          titleColor: theme.tooltipForeground,
          bodyColor: theme.tooltipForeground,
          borderColor: theme.tooltipBorder,
          borderWidth: 1,
          callbacks: {
            title: ([item]) => `${data.x.label}: ${grouped.format(item?.parsed.x ?? 0)}`,
            label: ({ dataset: { label }, parsed }) => `${label}: ${grouped.format(parsed.y ?? 0)}`,
          },
        },
      },
    },
  };
}

interface Place {
  readonly index: number;
  readonly kind: 'line' | 'scatter' | 'bar';
  readonly theme: Theme;
}

/** Told apart by dashes too, not by colour alone. */
const dashes = [[], [6, 3], [2, 3], [9, 3, 2, 3]];
const shapes = ['circle', 'rect', 'triangle', 'rectRot'] as const;

function dataset(series: ChartData['series'][number], { index, kind, theme }: Place) {
  const color = theme.series[index % theme.series.length] ?? theme.foreground;
  const isLine = kind === 'line';
  return {
    label: series.name,
    data: series.points.map(([x, y]) => ({ x, y })),
    borderColor: color,
    backgroundColor: kind === 'bar' ? withAlpha(color, 0.7) : color,
    borderWidth: theme.highContrast ? 3 : 2,
    borderDash: isLine ? (dashes[index % dashes.length] ?? []) : [],
    pointStyle: shapes[index % shapes.length] ?? 'circle',
    pointRadius: isLine && series.points.length > mostDots ? 0 : 3,
  };
}

/** Of bars: a mark under each, and none between. */
function valuesOf({ series }: ChartData): number[] {
  return [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
}

/** y begins at 0, where the test does not say otherwise and nothing would be cut off. */
function beginning({ y, series }: ChartData): ChartAxisData {
  const hasLess = series.some(({ points }) => points.some(([, value]) => value < 0));
  return y.min !== undefined || y.logarithmic === true || hasLess ? y : { ...y, min: 0 };
}

function scale(axis: ChartAxisData, theme: Theme, marks?: readonly number[]): Partial<ScaleOptionsByType<'linear'>> {
  const { min, logarithmic } = axis;
  return {
    type: logarithmic === true ? 'logarithmic' : 'linear',
    ...(min !== undefined && { min }),
    title: { display: true, text: axis.label, color: theme.foreground },
    ticks: { color: theme.muted, callback: (value: number | string) => tickText(Number(value), axis) },
    ...(marks && {
      afterBuildTicks: (built: { ticks: { value: number }[] }): void => {
        built.ticks = marks.map((value) => ({ value }));
      },
    }),
    grid: { color: theme.grid },
    border: { color: theme.muted },
  } as unknown as Partial<ScaleOptionsByType<'linear'>>;
}

/** On a logarithmic axis 1, 2 and 5 of each power of ten: the others would stand on each other. */
function tickText(value: number, { logarithmic }: ChartAxisData): string {
  const leading = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
  if (logarithmic === true && ![1, 2, 5].some((shown) => Math.abs(leading - shown) < 1e-6)) return '';
  return compact.format(value);
}

/** For those who do not see it. */
function wordsOf({ title, kind = 'line', x, y, series }: ChartData): string {
  const told = series.map(({ name, points }) => {
    const values = points.map(([, value]) => value);
    const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => grouped.format(value));
    return `${name}: ${points.length} points from ${least} to ${most}, the last ${grouped.format(values.at(-1) ?? 0)}`;
  });
  return `${title}, ${kind} chart of ${y.label} over ${x.label}. ${told.join('. ')}.`;
}
