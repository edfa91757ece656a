import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * What belongs to one test: the commands it sent, the queue pairs and ioworkers it made, and how a failure of them reaches it.
 * The host makes one for each test; outside any test a default one throws failures as uncaught exceptions.
 */
export interface TestScopeOptions {
  /**
   * Called at once when a command's callback threw, and by {@link TestScope.close} for every command that failed and was neither
   * awaited nor consumed by `waitdone`. Several times when several failed.
   */
  readonly onFailure: (error: unknown) => void;
  /** Seed of everything random the test does; default 1. */
  readonly seed?: bigint;
  /** False while debugging: commands then have no deadline. Default true. */
  readonly commandTimeouts?: boolean;
  /** Told how far a long operation of the device is. */
  readonly onProgress?: (label: string, done: number, total: number) => void;
  /** Told what the reader of the test's output should know. */
  readonly onNote?: (text: string) => void;
}

/** Something that failed: the error is made when it is needed. */
export interface Failing {
  readonly failure: unknown;
}

/** A live ioworker or a long operation of the device, as the host sees it: its progress suspends the per-test timeout. */
export interface Progressing {
  /** Commands (or steps of the operation) completed so far; undefined before it runs. */
  counters(): { readonly ios: bigint; readonly bytes: bigint } | undefined;
}

export class TestScope {
  readonly commandTimeouts: boolean;
  readonly #onFailure: (error: unknown) => void;
  readonly #onProgress: TestScopeOptions['onProgress'];
  readonly #onNote: TestScopeOptions['onNote'];
  readonly #owned = new Set<AsyncDisposable>();
  readonly #workers = new Set<Progressing>();
  readonly #unhandled = new Set<Failing>();
  #random: bigint;
  #isClosed = false;

  constructor(options: TestScopeOptions) {
    this.#onFailure = options.onFailure;
    this.#onProgress = options.onProgress;
    this.#onNote = options.onNote;
    this.#random = options.seed ?? 1n;
    this.commandTimeouts = options.commandTimeouts ?? true;
  }

  /** Makes this the scope of everything done from now on; the function returned ends that. */
  enter(): () => void {
    const before = current;
    current = this;
    return () => {
      current = before;
    };
  }

  /** Does `work` as this scope's, {@link isolateScopes} or not. @internal */
  run<T>(work: () => T): T {
    return isolation === undefined ? work() : isolation.run(this, work);
  }

  /** The same for a callback that the driver makes. @internal */
  call<A>(callback: (argument: A) => void, argument: A): void {
    if (isolation === undefined) callback(argument);
    else isolation.run(this, callback, argument);
  }

  /** ioworkers and long operations of the test that are running now. */
  get running(): ReadonlySet<Progressing> {
    return this.#workers;
  }

  /**
   * Stops ioworkers, deletes queue pairs (newest first; each bounded by its own time-outs), then reports every command that failed
   * unnoticed. Rejects nothing: what fails here goes to `onFailure` too.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const resource of [...this.#owned].reverse()) await this.#end(resource);
    this.#owned.clear();
    for (const { failure } of this.#unhandled) this.#onFailure(failure);
    this.#unhandled.clear();
  }

  /** @internal */
  fail(error: unknown): void {
    this.#onFailure(error);
  }

  /** Ends with the test unless disowned before. @internal */
  own(resource: AsyncDisposable): void {
    // A body that timed out may go on; what it makes now belongs to nobody.
    if (this.#isClosed) void this.#end(resource);
    else this.#owned.add(resource);
  }

  /** @internal */
  disown(resource: AsyncDisposable): void {
    this.#owned.delete(resource);
  }

  /** @internal */
  workerStarted(worker: Progressing): void {
    this.#workers.add(worker);
  }

  /** @internal */
  workerEnded(worker: Progressing): void {
    this.#workers.delete(worker);
  }

  /** @internal */
  progressed(label: string, done: number, total: number): void {
    this.#onProgress?.(label, done, total);
  }

  /** A line in the test's output. @internal */
  note(text: string): void {
    this.#onNote?.(text);
  }

  /** A failure that counts at the end of the test, unless {@link handled} before. @internal */
  unhandled(failing: Failing): void {
    this.#unhandled.add(failing);
  }

  /** @internal */
  handled(failing: Failing): void {
    this.#unhandled.delete(failing);
  }

  async #end(resource: AsyncDisposable): Promise<void> {
    try {
      await resource[Symbol.asyncDispose]();
    } catch (error) {
      this.#onFailure(error);
    }
  }

  /** The next number of the test's own sequence (SplitMix64). @internal */
  nextSeed(): bigint {
    this.#random = BigInt.asUintN(64, this.#random + 0x9e3779b97f4a7c15n);
    let mixed = this.#random;
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return mixed ^ (mixed >> 31n);
  }
}

let current = new TestScope({
  onFailure: (error) => {
    // Nobody else would ever see it.
    setImmediate(() => {
      throw error;
    });
  },
});

/** Follows the work of each scope through its awaits and timers. That slows every promise down, so it is off while nobody needs it. */
let isolation: AsyncLocalStorage<TestScope> | undefined;

/** Of work that no scope {@link TestScope.run runs}: what it makes ends at once, and nobody hears of its failures. */
const nobody = new TestScope({ onFailure: () => undefined });
void nobody.close();

/**
 * A body that was given up goes on in this process: from now on only what a scope runs itself is the scope's. @internal
 */
export function isolateScopes(): void {
  isolation ??= new AsyncLocalStorage();
}

/** The scope of the running test. @internal */
export function currentScope(): TestScope {
  return isolation === undefined ? current : (isolation.getStore() ?? nobody);
}

/** The scope of the test that runs, for what the driver tells on its own account. @internal */
export function runningScope(): TestScope {
  return current;
}
