/** Two curves under the scatter, on its time axis; and the mix of sizes. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartOptions,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js';
import { withAlpha } from '../gauge/theme.ts';
import type { TracePicture, TraceStretch } from '../protocol.ts';
import type { TraceTheme } from './colors.ts';
import { formatCount, formatShort, formatTime } from './text.ts';

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler, Tooltip);
Chart.register(BarController, BarElement, CategoryScale);

const common = { responsive: true, maintainAspectRatio: false, animation: false } as const;

/** One value over time. */
export class Curve {
  readonly #chart: Chart<'line', { x: number; y: number }[]>;

  constructor(
    canvas: HTMLCanvasElement,
    private readonly max: number | undefined,
    private readonly unit: (value: number) => string,
  ) {
    this.#chart = new Chart(canvas, {
      type: 'line',
      data: { datasets: [] },
      options: { ...common, parsing: false, normalized: true, elements: { point: { radius: 0 } } },
    });
  }

  show({ stretch, columns }: TracePicture, values: (column: number) => number | undefined, theme: TraceTheme): void {
    const { fromNs, toNs } = stretch;
    const width = (toNs - fromNs) / columns;
    const data: { x: number; y: number }[] = [];
    for (let column = 0; column < columns; column += 1) {
      const y = values(column);
      data.push({ x: fromNs + (column + 0.5) * width, y: y ?? Number.NaN });
    }
    const color = theme.kinds.read;
    // A value between two without one would be a line of no length.
    const lonely = (at: number): boolean =>
      Number.isNaN(data[at - 1]?.y ?? Number.NaN) && Number.isNaN(data[at + 1]?.y ?? Number.NaN);
    const pointRadius = data.map((_, at) => (lonely(at) ? 2 : 0));
    const fill = { fill: 'origin', backgroundColor: withAlpha(color, 0.15), pointBackgroundColor: color } as const;
    this.#chart.data.datasets = [{ data, pointRadius, ...fill, borderColor: color, borderWidth: 1.5, spanGaps: false }];
    this.#chart.options.scales = this.#scales(stretch, theme);
    const title = (items: { parsed: { x: number | null } }[]) => formatTime(items[0]?.parsed.x ?? 0, toNs - fromNs);
    const label = (item: { parsed: { y: number | null } }) => this.unit(item.parsed.y ?? 0);
    this.#chart.options.plugins = { tooltip: { callbacks: { title, label } } };
    this.#chart.update('none');
  }

  #scales({ fromNs, toNs }: TraceStretch, theme: TraceTheme): NonNullable<ChartOptions<'line'>['scales']> {
    const axis = { type: 'linear', grid: { color: theme.grid }, border: { color: theme.grid } } as const;
    const time = (value: string | number): string => formatTime(Number(value), toNs - fromNs);
    return {
      x: {
        ...axis,
        min: fromNs,
        max: toNs,
        ticks: { color: theme.muted, maxTicksLimit: 8, align: 'inner', callback: time },
      },
      y: {
        ...axis,
        min: 0,
        ...(this.max !== undefined && { max: this.max }),
        // As wide as the scatter's, so that their times are under each other.
        afterFit: (scale) => {
          scale.width = 64;
        },
        ticks: { color: theme.muted, maxTicksLimit: 4, callback: (value) => this.unit(Number(value)) },
      },
    };
  }
}

/** Commands by their size, reads and writes side by side. */
export class SizeMix {
  readonly #chart: Chart<'bar', number[], string>;

  constructor(canvas: HTMLCanvasElement) {
    this.#chart = new Chart<'bar', number[], string>(canvas, {
      type: 'bar',
      data: { labels: [], datasets: [] },
      options: { ...common },
    });
  }

  show({ sizes }: TracePicture, lbaBytes: number, theme: TraceTheme): void {
    this.#chart.data.labels = sizes.map((share) => sizeName(share, lbaBytes));
    this.#chart.data.datasets = [
      { label: 'Read', data: sizes.map(({ reads }) => reads), backgroundColor: theme.kinds.read },
      { label: 'Write', data: sizes.map(({ writes }) => writes), backgroundColor: theme.kinds.write },
    ];
    const axis = { grid: { color: theme.grid }, border: { color: theme.grid } };
    this.#chart.options.scales = {
      x: { ...axis, type: 'category', ticks: { color: theme.muted } },
      y: {
        ...axis,
        type: 'linear',
        ticks: { color: theme.muted, maxTicksLimit: 5, callback: (value) => formatShort(Number(value)) },
      },
    };
    this.#chart.options.plugins = {
      tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${formatCount(item.parsed.y ?? 0)}` } },
    };
    this.#chart.update('none');
  }
}

/** The largest size of the class; classes end at powers of two of blocks. */
export function sizeName({ to }: { readonly to: number }, lbaBytes: number): string {
  const bytes = to * lbaBytes;
  if (bytes >= 1 << 20) return `${bytes / (1 << 20)} MiB`;
  return bytes >= 1024 ? `${bytes / 1024} KiB` : `${bytes} B`;
}
