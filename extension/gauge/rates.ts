import type { CounterSample } from '../../testkit/protocol.ts';
import type { GaugeSample } from '../../webviews/protocol.ts';

const nsPerSecond = 1e9;

/** Cumulative counters to rates, by the host's clock: how long the answer travelled does not matter. */
export class RateMeter {
  readonly #last = new Map<string, CounterSample>();

  /** One rate for each controller that was seen before. A counter that went back belongs to a controller opened anew. */
  rates(samples: readonly CounterSample[], atMs: number): GaugeSample[] {
    return samples.flatMap((sample) => {
      const last = this.#last.get(sample.controller);
      this.#last.set(sample.controller, sample);
      return last && last.ios <= sample.ios && last.bytes <= sample.bytes ? rate(last, sample, atMs) : [];
    });
  }

  /** Forgets what was seen: after a pause the next sample starts a new interval. */
  reset(): void {
    this.#last.clear();
  }
}

function rate(from: CounterSample, to: CounterSample, atMs: number): GaugeSample[] {
  const seconds = Number(to.atNs - from.atNs) / nsPerSecond;
  if (seconds <= 0) return [];
  const megabytesPerSecond = Number(to.bytes - from.bytes) / 1e6 / seconds;
  const iops = Number(to.ios - from.ios) / seconds;
  return [{ atMs, controller: to.controller, megabytesPerSecond, iops }];
}
