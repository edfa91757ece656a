/** Starts the trace worker on first need, and ends it with its owner. */
import { Worker } from 'node:worker_threads';
import type { FromTraceWorker, TraceWork, WorkKind } from './workerProtocol.ts';

export interface AskOptions<K extends WorkKind> {
  readonly onMeanwhile?: (message: TraceWork[K]['meanwhile']) => void;
  /** Ends a recording properly; stops making a picture. The answer still comes. */
  readonly signal?: AbortSignal;
}

interface Pending {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
  readonly meanwhile: ((message: never) => void) | undefined;
}

export class TraceClient {
  #worker: Worker | undefined;
  #lastId = 0;
  #disposed = false;
  readonly #pending = new Map<number, Pending>();

  /** @param file absolute path of dist/trace.cjs */
  constructor(private readonly file: string) {}

  ask<K extends WorkKind>(
    kind: K,
    ask: TraceWork[K]['ask'],
    { onMeanwhile, signal }: AskOptions<K> = {},
  ): Promise<TraceWork[K]['answer']> {
    if (this.#disposed) return Promise.reject(new Error('The trace worker has ended.'));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, meanwhile: onMeanwhile as Pending['meanwhile'] });
      const worker = this.#worker ?? this.#start();
      worker.postMessage({ id, kind, ask });
      const cancel = () => worker.postMessage({ id, cancel: true });
      if (signal?.aborted) cancel();
      else signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  dispose(): void {
    this.#disposed = true;
    const worker = this.#worker;
    this.#end(new Error('The trace worker was ended.'));
    // Its exit is awaited by nobody: a terminated thread cannot refuse.
    worker?.terminate().catch(() => undefined);
  }

  #start(): Worker {
    const worker = new Worker(this.file);
    this.#worker = worker;
    // It must not keep a process alive that has nothing else to do.
    worker.unref();
    worker.on('message', (message: FromTraceWorker) => this.#received(message));
    worker.on('error', (error) => this.#end(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => this.#end(new Error(`The trace worker ended with code ${code}.`)));
    return worker;
  }

  #received(message: FromTraceWorker): void {
    const pending = this.#pending.get(message.id);
    if ('meanwhile' in message) {
      pending?.meanwhile?.(message.meanwhile as never);
      return;
    }
    this.#pending.delete(message.id);
    if ('error' in message) pending?.reject(new Error(message.error));
    else pending?.resolve(message.answer as never);
  }

  #end(reason: Error): void {
    this.#worker = undefined;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(reason);
  }
}
