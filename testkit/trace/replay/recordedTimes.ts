/** Latencies of a recording: counted in classes 1 % wide, so that any number of them takes the same memory. */
import { type ReplayTimes, replayPercentiles } from './replayProtocol.ts';

const perDoubling = 70;
const classes = 64 * perDoubling;

export class RecordedTimes {
  readonly #counts = new Float64Array(classes);
  #count = 0;
  #sum = 0;
  #max = 0;

  add(ns: number): void {
    const at = Math.min(classes - 1, Math.round(Math.log2(Math.max(1, ns)) * perDoubling));
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#count += 1;
    this.#sum += ns;
    if (ns > this.#max) this.#max = ns;
  }

  /** Undefined without any. */
  times(): ReplayTimes | undefined {
    if (this.#count === 0) return undefined;
    return {
      count: this.#count,
      avgUs: this.#sum / this.#count / 1000,
      maxUs: this.#max / 1000,
      percentilesUs: Object.fromEntries(replayPercentiles.map((percent) => [percent, this.#percentile(percent)])),
    };
  }

  #percentile(percent: number): number {
    let left = Math.max(1, Math.ceil((percent / 100) * this.#count));
    for (let at = 0; at < classes; at += 1) {
      left -= this.#counts[at] as number;
      if (left <= 0) return Math.min(this.#max, 2 ** (at / perDoubling)) / 1000;
    }
    return this.#max / 1000;
  }
}
