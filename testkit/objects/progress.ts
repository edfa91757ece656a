import { integer, optionalFunction, record } from './checks.ts';
import { currentScope, type Progressing, type TestScope } from './testScope.ts';

/** For verbs that wait until the device has finished something. */
export interface WaitOptions {
  /** Called when the device tells of more, %. */
  readonly onProgress?: (percent: number) => void;
  /** Milliseconds without any progress after which it counts as stuck. Default 600,000. */
  readonly stuckMs?: number;
}

/** Before anything is sent. @throws TypeError, RangeError @internal */
export function checkWait<T extends WaitOptions>(options: T): T {
  const { stuckMs = stuckDefaultMs, onProgress } = record(options);
  integer('stuckMs', stuckMs, 1, 2 ** 31 - 1);
  optionalFunction('onProgress', onProgress);
  return options;
}

/** What a look at the device saw. @internal */
export interface Seen<T> {
  readonly percent: number;
  /** There when it is over. */
  readonly result?: T;
}

/** The device told of no progress for too long. */
export class OperationStuckError extends Error {
  override readonly name = 'OperationStuckError';
}

const shortestMs = 2;
const longestMs = 250;
const stuckDefaultMs = 600_000;

/**
 * An operation of the device that goes on after its command. While it gets on, the test's time-out does not run out. @internal
 */
export class OperationProgress implements Progressing, Disposable, AsyncDisposable {
  readonly #label: string;
  readonly #scope: TestScope;
  readonly #onProgress: ((percent: number) => void) | undefined;
  readonly #stuckMs: number;
  #steps = 0n;
  #percent = -1;
  #toldAt = performance.now();
  #isOver = false;

  constructor(label: string, { onProgress, stuckMs = stuckDefaultMs }: WaitOptions = {}) {
    this.#stuckMs = stuckMs;
    this.#label = label;
    this.#onProgress = onProgress;
    this.#scope = currentScope();
    this.#scope.workerStarted(this);
    this.#scope.own(this);
  }

  counters(): { readonly ios: bigint; readonly bytes: bigint } {
    return { ios: this.#steps, bytes: 0n };
  }

  /** It has come that far. What the author's `onProgress` throws fails the test. */
  at(percent: number): void {
    if (percent === this.#percent) return;
    this.#percent = percent;
    this.#steps += 1n;
    this.#toldAt = performance.now();
    this.#scope.progressed(this.#label, percent, 100);
    try {
      if (this.#onProgress !== undefined) this.#scope.call(this.#onProgress, percent);
    } catch (error) {
      this.#scope.fail(error);
    }
  }

  /** Looks again and again, soon at first, until there is a result. @throws OperationStuckError */
  async until<T>(look: () => Promise<Seen<T>>): Promise<T> {
    for (let pauseMs = shortestMs; ; pauseMs = Math.min(pauseMs * 2, longestMs)) {
      const { percent, result } = await look();
      this.at(percent);
      if (result !== undefined) return result;
      this.#check();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#scope.workerEnded(this);
    this.#scope.disown(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
  }

  #check(): void {
    if (this.#isOver) throw new OperationStuckError(`${this.#label}: the test ended before the operation`);
    if (!this.#scope.commandTimeouts || performance.now() - this.#toldAt < this.#stuckMs) return;
    throw new OperationStuckError(`${this.#label}: no progress in ${this.#stuckMs} ms, at ${this.#percent} %`);
  }
}
