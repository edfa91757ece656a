import type { GaugeMark, GaugeSample } from '../protocol.ts';

export type Metric = 'megabytesPerSecond' | 'iops';

/** One controller's value at a moment; NaN where the line has a gap. */
export interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** Samples come every 250 ms: after a longer silence the line is interrupted, not drawn across. */
const gapMs = 1500;
const samplesKept = 240;
const marksKept = 60;

/** What the gauge knows: the newest samples of each controller, and marks. */
export class SeriesStore {
  private readonly byController = new Map<string, GaugeSample[]>();
  private markList: GaugeMark[] = [];

  /** Replaces everything. */
  hydrate(samples: readonly GaugeSample[], marks: readonly GaugeMark[]): void {
    this.byController.clear();
    this.markList = [];
    this.add(samples);
    for (const mark of marks) this.mark(mark);
  }

  /** Takes samples in any order; those of one controller at one time count once. */
  add(samples: readonly GaugeSample[]): void {
    for (const sample of samples) {
      if (!isSound(sample)) continue;
      const series = this.byController.get(sample.controller) ?? [];
      const after = series.findLastIndex((known) => known.atMs <= sample.atMs);
      const known = series[after]?.atMs === sample.atMs;
      series.splice(known ? after : after + 1, known ? 1 : 0, sample);
      this.byController.set(sample.controller, series.slice(-samplesKept));
    }
  }

  mark(mark: GaugeMark): void {
    this.markList = [...this.markList, mark].sort((a, b) => a.atMs - b.atMs).slice(-marksKept);
  }

  /** In order of appearance: a controller keeps its colour. */
  get controllers(): readonly string[] {
    return [...this.byController.keys()];
  }

  /** Time of the newest sample; undefined without any. */
  get newestMs(): number | undefined {
    return maximum([...this.byController.values()].map((series) => series.at(-1)?.atMs));
  }

  get oldestMs(): number | undefined {
    const times = [...this.byController.values()].map((series) => series[0]?.atMs);
    return maximum(
      times.map((time) => (time === undefined ? time : -time)),
      (time) => -time,
    );
  }

  /** Whether any I/O was ever seen. */
  get hasIo(): boolean {
    return [...this.byController.values()].flat().some((sample) => sample.iops > 0 || sample.megabytesPerSecond > 0);
  }

  /** One controller's line over the window, interrupted at gaps. */
  points(controller: string, metric: Metric, { fromMs, toMs }: Window): Point[] {
    const points: Point[] = [];
    let last: number | undefined;
    for (const sample of this.byController.get(controller) ?? []) {
      if (sample.atMs < fromMs - gapMs || sample.atMs > toMs) continue;
      if (last !== undefined && sample.atMs - last > gapMs)
        points.push({ atMs: (last + sample.atMs) / 2, value: Number.NaN });
      points.push({ atMs: sample.atMs, value: sample[metric] });
      last = sample.atMs;
    }
    return points;
  }

  /** A controller's value at that time: its last sample, if not older than a gap; else 0. */
  valueAt(controller: string, metric: Metric, atMs: number): number {
    const sample = this.byController.get(controller)?.findLast((known) => known.atMs <= atMs);
    return sample && atMs - sample.atMs <= gapMs ? sample[metric] : 0;
  }

  /** The highest sum of the controllers in the window. */
  peak(controllers: readonly string[], metric: Metric, window: Window): number {
    const times = new Set(controllers.flatMap((name) => this.points(name, metric, window).map(({ atMs }) => atMs)));
    const sums = [...times].map((atMs) => controllers.reduce((sum, name) => sum + this.valueAt(name, metric, atMs), 0));
    return maximum(sums) ?? 0;
  }

  marks({ fromMs, toMs }: Window): readonly GaugeMark[] {
    return this.markList.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  }
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

function isSound({ atMs, iops, megabytesPerSecond }: GaugeSample): boolean {
  return [atMs, iops, megabytesPerSecond].every((value) => Number.isFinite(value) && value >= 0);
}

function maximum(
  values: readonly (number | undefined)[],
  map: (value: number) => number = (value) => value,
): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : map(Math.max(...known));
}
