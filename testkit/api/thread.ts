import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { wrongType } from '../objects/checks.ts';
import { Controller } from '../objects/controller.ts';
import { LazyPromise } from '../objects/lazyPromise.ts';
import { currentScope, type TestScope } from '../objects/testScope.ts';
import { ThreadError } from './threadError.ts';
import type { FromThread, ThreadData } from './threadProtocol.ts';

/** What a thread works on. */
export interface ThreadOptions {
  /** The thread attaches to it: the same controller, with queue pairs of its own. */
  readonly controller: Controller;
  /** For `main`: anything that can be cloned (`structuredClone`). */
  readonly data?: unknown;
}

/** What the `main` of a thread's file gets. */
export interface ThreadContext<Data = unknown> {
  /** The controller, attached: queue pairs and events made here are the thread's. */
  readonly nvme0: Controller;
  /** As given to `thread`. */
  readonly data: Data;
  /** Aborted when the test asks the thread to stop. */
  readonly signal: AbortSignal;
}

/** What a thread that does not end when it is asked to gets before it is terminated. */
const graceMs = 5000;

type Ended = { readonly result: unknown } | { readonly error: Error };

/**
 * A second script, in a thread of its own: made by {@link thread}. It is asked to stop at the end of the test, or of an `await using`
 * block. An error in it fails the test, unless {@link Thread.done} was awaited before.
 */
export class Thread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #scope: TestScope = currentScope();
  /** Never rejects. */
  readonly #ended: Promise<Ended>;
  #isObserved = false;

  /** @internal */
  constructor(file: string, { controller, data }: ThreadOptions) {
    const workerData: ThreadData = {
      thread: true,
      file,
      controller: controller.address,
      data,
      seed: this.#scope.nextSeed(),
      commandTimeouts: this.#scope.commandTimeouts,
    };
    this.#worker = new Worker(path.join(__dirname, 'host.cjs'), { workerData, name: path.basename(file) });
    this.#scope.own(this);
    this.#ended = this.#watch();
  }

  /**
   * What `main` returned, when the thread ends by itself or was stopped.
   * @throws {@link ThreadError} with what failed in it
   */
  get done(): Promise<unknown> {
    return new LazyPromise(() => this.#observed());
  }

  /** Aborts its `signal` and waits for its end; after 5 seconds it is terminated. Resolves and throws as {@link done}. */
  async stop(): Promise<unknown> {
    await this.#end();
    return this.#observed();
  }

  /** As {@link stop}, but what failed in it has failed the test already. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
    this.#scope.disown(this);
  }

  async #observed(): Promise<unknown> {
    this.#isObserved = true;
    const ended = await this.#ended;
    if ('error' in ended) throw ended.error;
    return ended.result;
  }

  async #end(): Promise<void> {
    this.#worker.postMessage('stop');
    const timer = setTimeout(() => void this.#worker.terminate(), graceMs);
    await this.#ended;
    clearTimeout(timer);
  }

  async #watch(): Promise<Ended> {
    const ended = await this.#outcome();
    await this.#worker.terminate();
    if ('error' in ended && !this.#isObserved) this.#scope.fail(ended.error);
    return ended;
  }

  #outcome(): Promise<Ended> {
    return new Promise((resolve) => {
      this.#worker.on('message', (message: FromThread) => {
        if (message.type === 'ended') resolve({ result: message.result });
        else resolve({ error: new ThreadError(message.failures) });
      });
      this.#worker.on('error', (error: Error) => resolve({ error }));
      this.#worker.on('exit', () =>
        resolve({ error: new Error('the thread did not end within 5 s and was terminated') }),
      );
    });
  }
}

/**
 * Runs `main` of a TypeScript (or JavaScript) file in a thread of its own, beside the test, on the same controller. The file exports
 * `async function main({ nvme0, data, signal }: ThreadContext)`, and should end when `signal` is aborted.
 * @example await using t = thread(new URL('./trim.worker.ts', import.meta.url), { controller: nvme0, data: { seconds: 5 } });
 * @throws TypeError
 */
export function thread(file: URL | string, options: ThreadOptions): Thread {
  if (!(file instanceof URL) && typeof file !== 'string') throw wrongType('file', 'a URL or a path', file);
  if (!(options?.controller instanceof Controller)) {
    throw wrongType('controller', 'a Controller', options?.controller);
  }
  return new Thread(file instanceof URL ? fileURLToPath(file) : path.resolve(file), options);
}
