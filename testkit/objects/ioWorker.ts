import type { NativeController, NativeIoWorker, NativeIoWorkerResult } from '../nativeSurface.ts';
import { nvmOpcode } from '../nvme/opcode.ts';
import { Cqe } from './cqe.ts';
import { NvmeStatusError } from './errors.ts';
import { type IoWorkerResult, ioWorkerResult } from './ioWorkerResult.ts';
import { type IoWorkerOptions, ioWorkerSpec } from './ioWorkerSpec.ts';
import { driverError } from './nativeErrors.ts';
import type { QpairController } from './qpair.ts';
import { loggedCommand } from './queueLog.ts';
import type { Registers } from './registers.ts';
import { Sqe } from './sqe.ts';
import { currentScope, type Progressing, type TestScope } from './testScope.ts';

export type { IoWorkerOptions } from './ioWorkerSpec.ts';

/** @internal */
export interface IoWorkerController extends QpairController {
  readonly native: NativeController;
  readonly registers: Registers;
}

interface IoWorkerNamespace {
  readonly controller: IoWorkerController;
  readonly nsid: number;
  readonly lbaBytes: number;
  readonly nsze: bigint;
}

/** A command of an ioworker had no completion in time. */
export class IoWorkerTimeoutError extends Error {
  override readonly name = 'IoWorkerTimeoutError';
  readonly result: IoWorkerResult;
  /** @internal */
  constructor(message: string, result: IoWorkerResult) {
    super(message);
    this.result = result;
  }
}

/**
 * A running ioworker, made by {@link Namespace.ioworker}. `await using` stops it at the end of the block; `await worker.run()`
 * waits for its own end. A failure nobody looked at fails the test.
 */
export class IoWorker implements AsyncDisposable, Progressing {
  readonly #namespace: IoWorkerNamespace;
  readonly #options: IoWorkerOptions;
  readonly #scope: TestScope = currentScope();
  readonly #ended: Promise<IoWorkerResult>;
  #native: NativeIoWorker | undefined;
  #result: IoWorkerResult | undefined;
  #isStopping = false;
  #isObserved = false;

  /** @internal */
  constructor(namespace: IoWorkerNamespace, options: IoWorkerOptions) {
    this.#namespace = namespace;
    this.#options = options;
    const { nsid, lbaBytes, nsze, controller } = namespace;
    const spec = ioWorkerSpec(options, {
      nsid,
      lbaBytes,
      nsze,
      mqes: controller.registers.cap.mqes,
      commandTimeoutMs: this.#scope.commandTimeouts ? controller.timeouts.of(1, nvmOpcode.read) : 0,
      nextSeed: () => this.#scope.nextSeed(),
    });
    this.#scope.own(this);
    this.#ended = this.#start(() => controller.native.startIoWorker(spec), spec.percentiles);
    // A failure is told by run(), by dispose, or by the end of the test; it is never lost.
    this.#ended.catch(() => undefined);
  }

  /** Queue it runs on; undefined until it started. */
  get qid(): number | undefined {
    return this.#native?.qid;
  }

  /** After its end. */
  get result(): IoWorkerResult | undefined {
    return this.#result;
  }

  /** Completed so far; undefined until it started. */
  counters(): { readonly ios: bigint; readonly bytes: bigint } | undefined {
    return this.#native?.counters();
  }

  /**
   * Waits for the end. A loss of power, a reset or a removal resolves too, as `end` says.
   * @throws NvmeStatusError of the first command that failed, unless `allowError`; {@link IoWorkerTimeoutError}; what kept it
   * from starting
   */
  async run(): Promise<IoWorkerResult> {
    this.#observe();
    return this.#ended;
  }

  /** Ends submission, waits for what is outstanding, and for the end. */
  async stop(): Promise<IoWorkerResult> {
    this.#isStopping = true;
    this.#native?.stop();
    return this.run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isObserved) {
      this.#isStopping = true;
      this.#native?.stop();
      await this.#ended.catch(() => undefined);
    } else {
      await this.stop();
    }
  }

  /** Whoever observes it tells of a failure; the end of the test still waits for it. */
  #observe(): void {
    this.#isObserved = true;
  }

  async #start(start: () => Promise<NativeIoWorker>, percentiles: readonly number[]): Promise<IoWorkerResult> {
    const native = await this.#started(start);
    this.#native = native;
    if (this.#isStopping) native.stop();
    this.#scope.workerStarted(this);
    try {
      const ended = await native.done;
      this.#result = ioWorkerResult(ended, percentiles);
      this.#throwIfFailed(native, ended, this.#result);
      return this.#result;
    } finally {
      this.#scope.workerEnded(this);
      if (this.#isObserved) this.#scope.disown(this);
    }
  }

  async #started(start: () => Promise<NativeIoWorker>): Promise<NativeIoWorker> {
    try {
      return await start();
    } catch (error) {
      throw driverError(error, `${this.#namespace.controller.address}, ioworker`);
    }
  }

  #throwIfFailed(native: NativeIoWorker, ended: NativeIoWorkerResult, result: IoWorkerResult): void {
    if (this.#options.allowError) return;
    if (result.end === 'timed-out') {
      const place = `${this.#namespace.controller.address} Q${String(ended.qid).padStart(2, '0')}`;
      throw new IoWorkerTimeoutError(`ioworker on ${place}: a command had no completion in time`, result);
    }
    if (result.end === 'device-error') throw this.#statusError(native, ended);
  }

  #statusError({ segment }: NativeIoWorker, ended: NativeIoWorkerResult): NvmeStatusError {
    const { controller } = this.#namespace;
    const sequence = ended.firstErrorSequence;
    const logged = loggedCommand(segment, sequence);
    return new NvmeStatusError({
      sqe: logged?.sqe ?? new Sqe(new Uint32Array(16)),
      cqe: logged?.cqe ?? Cqe.ofStatus(ended.firstErrorStatus, sequence),
      qpair: { qid: ended.qid, controller },
      cmdlog: { controller: controller.address, qid: ended.qid, sequence, segment },
    });
  }
}
