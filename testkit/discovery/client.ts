/** Starts the discovery worker when there is something to parse, and ends it when there has been nothing for a while. */
import { Worker } from 'node:worker_threads';
import type { DiscoveredFile } from './types.ts';
import type { DiscoveryAnswer, DiscoveryRequest } from './workerProtocol.ts';

export interface DiscoveryOptions {
  /** Absolute path of dist/discovery.cjs. */
  readonly worker: string;
  /** The worker ends after this long without a request, ms. */
  readonly idleMs?: number;
  /** A request that takes longer ends the worker and is rejected, ms. */
  readonly timeoutMs?: number;
}

interface Pending {
  readonly resolve: (files: readonly DiscoveredFile[]) => void;
  readonly reject: (error: Error) => void;
}

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never;

const batchSize = 100;

export class DiscoveryClient {
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
  private timer: NodeJS.Timeout | undefined;
  private lastId = 0;
  private disposed = false;
  private readonly idleMs: number;
  private readonly timeoutMs: number;

  constructor(private readonly options: DiscoveryOptions) {
    this.idleMs = options.idleMs ?? 10_000;
    this.timeoutMs = options.timeoutMs ?? 30_000;
  }

  /** Whether the worker is there now. */
  get running(): boolean {
    return this.worker !== undefined;
  }

  /**
   * Finds the tests of files on disk. A file that cannot be read or parsed is in the result, with its fault.
   * @param paths absolute
   * @param onFiles called with each part of the result as it comes
   * @param signal stops between parts; what was found so far is returned
   */
  async scan(
    root: string,
    paths: readonly string[],
    onFiles: (files: readonly DiscoveredFile[]) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<readonly DiscoveredFile[]> {
    const found: DiscoveredFile[] = [];
    for (let start = 0; start < paths.length && !signal?.aborted; start += batchSize) {
      const files = await this.request({ kind: 'scan', root, paths: paths.slice(start, start + batchSize) });
      found.push(...files);
      onFiles(files);
    }
    return found;
  }

  /** Finds the tests of one file whose text is `text`: what an editor has, saved or not. */
  async parse(root: string, path: string, text: string): Promise<DiscoveredFile> {
    const [file] = await this.request({ kind: 'parse', root, path, text });
    if (file === undefined) throw new Error('The discovery worker answered without a file.');
    return file;
  }

  dispose(): void {
    this.disposed = true;
    this.end(new Error('Discovery was disposed of.'));
  }

  private request(request: Unnumbered<DiscoveryRequest>): Promise<readonly DiscoveredFile[]> {
    if (this.disposed) return Promise.reject(new Error('Discovery was disposed of.'));
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      const worker = this.worker ?? this.start();
      worker.ref();
      worker.postMessage({ id, ...request });
      this.arm();
    });
  }

  private start(): Worker {
    const worker = new Worker(this.options.worker);
    this.worker = worker;
    worker.on('message', (answer: DiscoveryAnswer) => this.settle(answer));
    worker.on('error', (error: Error) => this.ended(worker, error));
    worker.on('exit', (code) => this.ended(worker, new Error(`The discovery worker ended with code ${code}.`)));
    return worker;
  }

  private settle({ id, files, error }: DiscoveryAnswer): void {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    this.arm();
    if (files) pending?.resolve(files);
    else pending?.reject(new Error(error ?? 'The discovery worker gave no answer.'));
  }

  /** One timer: for the answer while there are requests, for the end of the worker while there are none. */
  private arm(): void {
    clearTimeout(this.timer);
    const waiting = this.pending.size > 0;
    this.timer = setTimeout(
      () => this.end(new Error(`Discovery gave no answer within ${this.timeoutMs} ms; its worker was ended.`)),
      waiting ? this.timeoutMs : this.idleMs,
    );
    if (waiting) return;
    this.timer.unref();
    this.worker?.unref();
  }

  private end(reason: Error): void {
    const worker = this.worker;
    if (worker === undefined) return;
    this.ended(worker, reason);
    // Its exit is awaited by nobody: a terminated thread cannot refuse.
    worker.terminate().catch(() => undefined);
  }

  private ended(worker: Worker, reason: Error): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    clearTimeout(this.timer);
    const pending = [...this.pending.values()];
    this.pending.clear();
    for (const { reject } of pending) reject(reason);
  }
}
