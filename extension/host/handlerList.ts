import type { HostHandlers } from '../../testkit/parent/hostOptions.ts';
import type { Disposable } from '../disposables.ts';

/** Passes what a host says to everyone who listens at that moment. */
export class HandlerList {
  readonly #listeners = new Set<HostHandlers>();

  listen(handlers: HostHandlers): Disposable {
    this.#listeners.add(handlers);
    return { dispose: () => void this.#listeners.delete(handlers) };
  }

  readonly handlers: Required<HostHandlers> = {
    testStarted: (event) => this.#each((to) => to.testStarted?.(event)),
    testEnded: (event) => this.#each((to) => to.testEnded?.(event)),
    output: (event) => this.#each((to) => to.output?.(event)),
    progress: (event) => this.#each((to) => to.progress?.(event)),
    fileErrored: (event) => this.#each((to) => to.fileErrored?.(event)),
    casesFound: (event) => this.#each((to) => to.casesFound?.(event)),
    chart: (event) => this.#each((to) => to.chart?.(event)),
    perfProgress: (event) => this.#each((to) => to.perfProgress?.(event)),
    replayProgress: (event) => this.#each((to) => to.replayProgress?.(event)),
    log: (event) => this.#each((to) => to.log?.(event)),
    hang: (event) => this.#each((to) => to.hang?.(event)),
    rawOutput: (event) => this.#each((to) => to.rawOutput?.(event)),
  };

  #each(tell: (to: HostHandlers) => void): void {
    for (const listener of [...this.#listeners]) tell(listener);
  }
}
