import {
  Chart,
  type ChartDataset,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js';
import type { GaugeMark } from '../protocol.ts';
import { formatAgo, formatTick, formatValue, metricTexts } from './format.ts';
import { drawMarks } from './marks.ts';
import type { Metric, Point, Window } from './series.ts';
import { type Theme, withAlpha } from './theme.ts';

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler, Tooltip);

export interface HistoryLine {
  readonly controller: string;
  readonly color: string;
  readonly points: readonly Point[];
}

export interface HistoryReading {
  readonly lines: readonly HistoryLine[];
  readonly marks: readonly GaugeMark[];
  readonly window: Window;
  readonly max: number;
  /** Nothing to be read off the value axis yet. */
  readonly idle: boolean;
}

type XY = { x: number; y: number };

/** Lines of different dashes are told apart without colour. */
const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

/** The last minute, one line a controller, with marks. The x axis is in seconds before the window's end. */
export class History {
  private readonly chart: Chart<'line', XY[]>;
  private reading: HistoryReading = { lines: [], marks: [], window: { fromMs: 0, toMs: 1 }, max: 1, idle: true };

  constructor(
    canvas: HTMLCanvasElement,
    private readonly metric: Metric,
    private theme: Theme,
  ) {
    this.chart = new Chart(canvas, {
      type: 'line',
      data: { datasets: [] },
      options: {
        responsive: true,
        maintainAspectRatio: false,
        animation: false,
        parsing: false,
        normalized: true,
        interaction: { mode: 'nearest', axis: 'x', intersect: false },
        elements: { point: { radius: 0, hoverRadius: 3 }, line: { tension: 0.25, cubicInterpolationMode: 'monotone' } },
        layout: { padding: { top: 14, right: 6 } },
      },
      plugins: [
        {
          id: 'marks',
          afterDatasetsDraw: (chart) =>
            drawMarks(chart, { marks: this.reading.marks, endMs: this.reading.window.toMs, theme: this.theme }),
        },
      ],
    });
    this.restyle(theme);
  }

  show(reading: HistoryReading): void {
    this.reading = reading;
    const { fromMs, toMs } = reading.window;
    const { x, y } = this.chart.options.scales ?? {};
    if (x) x.min = (fromMs - toMs) / 1000;
    if (y) y.max = reading.max;
    this.chart.data.datasets = reading.lines.map((line, index) => this.dataset(line, index, toMs));
    this.chart.update('none');
  }

  restyle(theme: Theme): void {
    this.theme = theme;
    const font = { family: theme.font, size: Math.round(theme.fontSize * 0.8) };
    const ticks = { color: theme.muted, font, maxRotation: 0, autoSkip: false };
    const grid = { color: theme.grid, drawTicks: false, lineWidth: 1 };
    this.chart.options.scales = {
      x: {
        type: 'linear',
        min: -60,
        max: 0,
        ticks: { ...ticks, stepSize: 15, padding: 6, callback: (value) => formatAgo(-Number(value)) },
        grid,
        border: { color: theme.grid },
      },
      y: {
        type: 'linear',
        min: 0,
        max: 1,
        ticks: {
          ...ticks,
          count: 3,
          padding: 6,
          callback: (value) => (this.reading.idle ? '' : formatTick(this.metric, Number(value))),
        },
        grid,
        border: { display: false },
      },
    };
    this.chart.options.plugins = { tooltip: this.tooltip(font) };
    this.show(this.reading);
  }

  private dataset(
    { controller, color, points }: HistoryLine,
    index: number,
    endMs: number,
  ): ChartDataset<'line', XY[]> {
    const { highContrast } = this.theme;
    return {
      label: controller,
      data: points.map(({ atMs, value }) => ({ x: (atMs - endMs) / 1000, y: value })),
      borderColor: color,
      borderWidth: highContrast ? 2 : 1.5,
      borderDash: [...(dashes[index % dashes.length] ?? [])],
      backgroundColor: highContrast ? 'transparent' : withAlpha(color, 0.14),
      fill: highContrast ? false : 'origin',
      pointHoverBackgroundColor: color,
      pointHoverBorderColor: color,
    };
  }

  private tooltip(font: { family: string; size: number }) {
    const { theme, metric } = this;
    return {
      animation: false as const,
      backgroundColor: theme.tooltipBackground,
      titleColor: theme.tooltipForeground,
      bodyColor: theme.tooltipForeground,
      borderColor: theme.tooltipBorder,
      borderWidth: 1,
      cornerRadius: 3,
      titleFont: { ...font, weight: 'normal' as const },
      bodyFont: font,
      boxWidth: 8,
      boxHeight: 8,
      callbacks: {
        title: ([item]: { parsed: { x: number | null } }[]) =>
          item ? `${formatSeconds(item.parsed.x)} before the end` : '',
        label: (item: { dataset: { label?: string | undefined }; parsed: { y: number | null } }) =>
          `${item.dataset.label ?? ''}: ${formatValue(metric, item.parsed.y ?? 0)} ${metricTexts[metric].unit}`,
      },
    };
  }
}

function formatSeconds(x: number | null): string {
  return `${(-(x ?? 0)).toFixed(1)} s`;
}
