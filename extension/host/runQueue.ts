import type { CancellationToken } from 'vscode';
import type { Disposable } from '../disposables.ts';

/** One run at a time per host, in the order of the clicks. A run that waits can be cancelled and never loses its place otherwise. */
export class RunQueue {
  #busy = false;
  readonly #waiting: Array<(turn: Disposable | undefined) => void> = [];

  get busy(): boolean {
    return this.#busy;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Resolves at this run's turn, whose disposal lets the next one go; undefined when cancelled before. */
  async turn(token: CancellationToken): Promise<Disposable | undefined> {
    if (token.isCancellationRequested) return undefined;
    if (!this.#busy) return this.#take();
    return new Promise((resolve) => {
      const settle = (turn: Disposable | undefined) => {
        cancelled.dispose();
        resolve(turn);
      };
      this.#waiting.push(settle);
      const cancelled = token.onCancellationRequested(() => {
        const at = this.#waiting.indexOf(settle);
        if (at >= 0) this.#waiting.splice(at, 1);
        settle(undefined);
      });
    });
  }

  #take(): Disposable {
    this.#busy = true;
    let released = false;
    return {
      dispose: () => {
        if (released) return;
        released = true;
        this.#busy = false;
        const next = this.#waiting.shift();
        if (next) next(this.#take());
      },
    };
  }
}
