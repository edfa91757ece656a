import { nativeAddon } from '../../native.ts';
import type { NativeIoWorker } from '../../nativeIoWorker.ts';

/** Closer than this is together. */
const togetherUs = 1000;

/**
 * The ioworkers made in one go (without an `await` between them): they begin at one time, once all have their queue pair.
 * @internal
 */
export class StartGroup {
  /** Resolves when no more can join. */
  readonly formed: Promise<void>;
  #expected = 0;
  #reported = 0;
  readonly #ready: NativeIoWorker[] = [];
  #isTold = false;

  constructor() {
    this.formed = Promise.resolve().then(() => {
      if (forming === this) forming = undefined;
    });
  }

  join(): void {
    this.#expected += 1;
  }

  get isAlone(): boolean {
    return this.#expected === 1;
  }

  /** A member has its queue pair, or will never have one. The last one starts all. */
  prepared(worker: NativeIoWorker | undefined): void {
    this.#reported += 1;
    if (worker !== undefined) this.#ready.push(worker);
    if (this.#reported < this.#expected || this.isAlone) return;
    nativeAddon().beginIoWorkers(this.#ready);
  }

  /** How far apart those began that have begun, microseconds. */
  get skewUs(): number {
    const began = this.#ready.map((worker) => worker.counters().startNs).filter((startNs) => startNs > 0n);
    if (began.length < 2) return 0;
    const [first = 0n, ...rest] = began;
    const [least, most] = rest.reduce(([a, b], at) => [at < a ? at : a, at > b ? at : b], [first, first]);
    return Number(most - least) / 1000;
  }

  /** What is worth a line in the test's output: once, and only of a start that was not together. */
  takeNote(): string | undefined {
    const { skewUs } = this;
    if (this.#isTold || skewUs <= togetherUs) return undefined;
    this.#isTold = true;
    const count = this.#ready.length;
    return `${count} ioworkers began ${(skewUs / 1000).toFixed(1)} ms apart: there were not enough free CPUs to begin together.`;
  }
}

let forming: StartGroup | undefined;

/** The group that forms now. @internal */
export function joinStart(): StartGroup {
  forming ??= new StartGroup();
  forming.join();
  return forming;
}
