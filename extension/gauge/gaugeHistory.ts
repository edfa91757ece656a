import type { GaugeMark, GaugeSample } from '../../webviews/protocol.ts';

const samplesKept = 240;
const marksKept = 60;

/** What a gauge shows when it becomes visible: the newest samples of each controller, and marks no older than they are. */
export class GaugeHistory {
  readonly #byController = new Map<string, GaugeSample[]>();
  #marks: GaugeMark[] = [];

  add(samples: readonly GaugeSample[]): void {
    for (const sample of samples) {
      const series = this.#byController.get(sample.controller) ?? [];
      series.push(sample);
      if (series.length > samplesKept) series.shift();
      this.#byController.set(sample.controller, series);
    }
  }

  mark(mark: GaugeMark): void {
    this.#marks = [...this.#marks, mark].slice(-marksKept);
  }

  get samples(): readonly GaugeSample[] {
    return [...this.#byController.values()].flat().sort((a, b) => a.atMs - b.atMs);
  }

  get marks(): readonly GaugeMark[] {
    const oldest = Math.min(...[...this.#byController.values()].map(([first]) => first?.atMs ?? 0));
    return this.#marks.filter(({ atMs }) => this.#byController.size === 0 || atMs >= oldest);
  }
}
