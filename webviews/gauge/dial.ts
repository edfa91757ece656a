import { ArcElement, Chart, DoughnutController, type Plugin } from 'chart.js';
import { formatTick } from './format.ts';
import type { Metric } from './series.ts';
import { type Theme, withAlpha } from './theme.ts';

Chart.register(DoughnutController, ArcElement);

/** What a dial shows now. */
export interface DialReading {
  /** One for each controller: the arcs follow each other. */
  readonly values: readonly number[];
  readonly colors: readonly string[];
  readonly peak: number;
  readonly max: number;
}

/** The dial's sweep: a little more than a half circle, in degrees. */
const sweep = 220;
const easeMs = 220;

/** A dial: an arc of the value, a needle at its end, the peak of the window, ticks, and the ends of the scale. */
export class Dial {
  private readonly chart: Chart<'doughnut', number[]>;
  private theme: Theme;
  private reading: DialReading = { values: [0], colors: ['transparent'], peak: 0, max: 1 };

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly metric: Metric,
    theme: Theme,
  ) {
    this.theme = theme;
    this.chart = new Chart(canvas, {
      type: 'doughnut',
      data: { datasets: [{ data: [0, 1], borderWidth: 0 }] },
      options: {
        responsive: true,
        maintainAspectRatio: false,
        rotation: -sweep / 2,
        circumference: sweep,
        cutout: '82%',
        // Below: room for the ends of the scale.
        layout: { padding: { top: 4, left: 4, right: 4, bottom: 18 } },
        events: [],
        animation: { duration: easeMs, easing: 'easeOutCubic' },
      },
      plugins: [this.face()],
    });
  }

  show(reading: DialReading): void {
    this.reading = reading;
    const [dataset] = this.chart.data.datasets;
    if (!dataset) return;
    const sum = reading.values.reduce((total, value) => total + value, 0);
    dataset.data = [...reading.values, Math.max(0, reading.max - sum)];
    dataset.backgroundColor = [...reading.colors, this.theme.track];
    this.chart.update(this.theme.reducedMotion ? 'none' : undefined);
  }

  restyle(theme: Theme): void {
    this.theme = theme;
    this.show(this.reading);
  }

  /** Tells the style sheet where the middle of the ring is, and the line of the scale's ends: text stands there. */
  private place(ring: Readonly<Record<'x' | 'y' | 'innerRadius' | 'ends', number>>): void {
    const style = this.canvas.parentElement?.style;
    for (const [name, value] of Object.entries(ring)) style?.setProperty(`--${name}`, `${Math.round(value)}px`);
  }

  private face(): Plugin<'doughnut'> {
    return {
      id: 'face',
      afterDatasetsDraw: (chart) => {
        const arcs = chart.getDatasetMeta(0).data as unknown as ArcElement[];
        const last = arcs[this.reading.values.length - 1];
        if (!last) return;
        const { x, y, innerRadius, outerRadius, endAngle } = last.getProps([
          'x',
          'y',
          'innerRadius',
          'outerRadius',
          'endAngle',
        ]);
        if (x === null || y === null) return;
        const ends = y + ((innerRadius + outerRadius) / 2) * Math.sin(angleAt(1)) + 6;
        this.place({ x, y, innerRadius, ends });
        const pen = new FacePen(chart.ctx, { x, y, innerRadius, outerRadius });
        pen.ticks(this.theme);
        if (this.reading.peak > 0) pen.peak(angleAt(this.reading.peak / this.reading.max), this.theme);
        pen.needle(endAngle, this.theme);
        pen.ends([formatTick(this.metric, 0), formatTick(this.metric, this.reading.max)], this.theme);
      },
    };
  }
}

interface Ring {
  readonly x: number;
  readonly y: number;
  readonly innerRadius: number;
  readonly outerRadius: number;
}

/** Angle (canvas radians) of a share of the scale. */
function angleAt(share: number): number {
  const start = -90 - sweep / 2;
  return ((start + sweep * Math.min(1, Math.max(0, share))) * Math.PI) / 180;
}

/** Draws on the dial what is no arc. */
class FacePen {
  constructor(
    private readonly context: CanvasRenderingContext2D,
    private readonly ring: Ring,
  ) {}

  ticks(theme: Theme): void {
    const { innerRadius } = this.ring;
    for (let tick = 0; tick <= 10; tick += 1) {
      const length = tick % 5 === 0 ? 5 : 3;
      const color = theme.highContrast ? theme.foreground : withAlpha(theme.foreground, tick % 5 === 0 ? 0.45 : 0.25);
      this.radial(angleAt(tick / 10), [innerRadius - 4 - length, innerRadius - 4], { color, width: 1 });
    }
  }

  peak(angle: number, theme: Theme): void {
    const { innerRadius, outerRadius } = this.ring;
    this.radial(angle, [innerRadius, outerRadius], { color: withAlpha(theme.foreground, 0.5), width: 2 });
  }

  needle(angle: number, theme: Theme): void {
    const { innerRadius, outerRadius } = this.ring;
    this.radial(angle, [innerRadius - 7, outerRadius + 2], { color: theme.foreground, width: 2.5 });
  }

  ends([low, high]: readonly [string, string], theme: Theme): void {
    const { x, y, innerRadius, outerRadius } = this.ring;
    const radius = (innerRadius + outerRadius) / 2;
    const { context } = this;
    context.save();
    context.font = `${Math.round(theme.fontSize * 0.8)}px ${theme.font}`;
    context.fillStyle = theme.muted;
    context.textBaseline = 'top';
    for (const [text, share] of [
      [low, 0],
      [high, 1],
    ] as const) {
      const angle = angleAt(share);
      context.textAlign = 'center';
      const middle = x + radius * Math.cos(angle);
      const half = context.measureText(text).width / 2;
      const inside = Math.min(Math.max(middle, half + 1), context.canvas.clientWidth - half - 1);
      context.fillText(text, inside, y + radius * Math.sin(angle) + 6);
    }
    context.restore();
  }

  private radial(angle: number, [from, to]: readonly [number, number], stroke: { color: string; width: number }): void {
    const { context, ring } = this;
    context.save();
    context.strokeStyle = stroke.color;
    context.lineWidth = stroke.width;
    context.lineCap = 'round';
    context.beginPath();
    context.moveTo(ring.x + from * Math.cos(angle), ring.y + from * Math.sin(angle));
    context.lineTo(ring.x + to * Math.cos(angle), ring.y + to * Math.sin(angle));
    context.stroke();
    context.restore();
  }
}
