import type { NativeIoWorker, NativeIoWorkerResult } from '../../nativeIoWorker.ts';
import type { NativeController } from '../../nativeSurface.ts';
import { nvmOpcode } from '../../nvme/opcode.ts';
import { integer, record } from '../checks.ts';
import { Cqe } from '../cqe.ts';
import { DataMismatchError, type FailureFacts, NvmeStatusError, queueName } from '../errors.ts';
import { LazyPromise } from '../lazyPromise.ts';
import { driverError } from '../nativeErrors.ts';
import type { QpairController } from '../qpairController.ts';
import { lastCommands, loggedCommand, queueLogText } from '../queueLog.ts';
import type { Registers } from '../registers.ts';
import { Sqe } from '../sqeEntry.ts';
import { currentScope, type Progressing, type TestScope } from '../testScope.ts';
import type { IoWorkerOptions } from './ioWorkerOptions.ts';
import { type IoWorkerOutputs, ioWorkerOutputs } from './ioWorkerOutputs.ts';
import { type IoWorkerResult, ioWorkerResult } from './ioWorkerResult.ts';
import { type CheckedIoWorker, ioWorkerSpec } from './ioWorkerSpec.ts';
import { joinStart, type StartGroup } from './startGroup.ts';

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

/** What an ioworker completed so far. */
export interface IoWorkerCounters {
  /** Commands without error. */
  readonly ios: bigint;
  /** Bytes they moved. */
  readonly bytes: bigint;
  /** Reads among them. */
  readonly reads: bigint;
  /** Writes among them. */
  readonly writes: bigint;
  /** Commands that failed. */
  readonly errors: bigint;
}

/** A command of an ioworker had no completion in time. */
export class IoWorkerTimeoutError extends Error {
  override readonly name = 'IoWorkerTimeoutError';
  /** What it did until then. */
  readonly result: IoWorkerResult;
  /** @internal */
  constructor(message: string, result: IoWorkerResult) {
    super(message);
    this.result = result;
  }
}

/**
 * A running ioworker, made by {@link Namespace.ioworker}: a native thread with a queue pair of its own. Those made together (without
 * an `await` between) begin together; the test's output says so where they could not. `await using` stops it at the end of the block; `await worker.run()`
 * waits for its own end. A failure nobody looked at fails the test.
 */
export class IoWorker implements AsyncDisposable, Progressing {
  readonly #namespace: IoWorkerNamespace;
  readonly #scope: TestScope = currentScope();
  readonly #allowError: boolean;
  readonly #outputs: IoWorkerOutputs;
  readonly #group: StartGroup;
  /** Never rejects. */
  readonly #ended: Promise<Ended>;
  #native: NativeIoWorker | undefined;
  #result: IoWorkerResult | undefined;
  #isStopping = false;
  #isObserved = false;

  /** @internal */
  constructor(namespace: IoWorkerNamespace, options: IoWorkerOptions) {
    this.#namespace = namespace;
    this.#allowError = record(options).allowError ?? false;
    const { nsid, lbaBytes, nsze, controller } = namespace;
    const spec = ioWorkerSpec(options, {
      nsid,
      lbaBytes,
      nsze,
      mqes: controller.registers.cap.mqes,
      commandTimeoutMs: this.#scope.commandTimeouts ? controller.timeouts.of(1, nvmOpcode.read) : 0,
      nextSeed: () => this.#scope.nextSeed(),
    });
    this.#outputs = ioWorkerOutputs(options);
    this.#group = joinStart();
    this.#scope.own(this);
    this.#ended = this.#start(spec);
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
  counters(): IoWorkerCounters | undefined {
    return this.#native?.counters();
  }

  /** The newest commands of its queue as text, newest first; empty until it started. @param max how many */
  cmdlog(max = 128): string {
    integer('max', max, 1, 1_000_000);
    return this.#native === undefined ? '' : queueLogText(this.#native.segment, max);
  }

  /**
   * Waits for the end. A loss of power, a reset or a removal resolves too, as `end` says.
   * @throws NvmeStatusError of the first command that failed, unless `allowError`; {@link IoWorkerTimeoutError}; what kept it
   * from starting
   */
  run(): Promise<IoWorkerResult> {
    return new LazyPromise(() => this.#observed());
  }

  /** Ends submission, waits for what is outstanding, and for the end. Resolves and throws as {@link run}. */
  async stop(): Promise<IoWorkerResult> {
    this.#requestStop();
    return this.#observed();
  }

  /** Stops it. @throws as {@link run}, when nobody has awaited that */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#requestStop();
    const isNews = !this.#isObserved;
    const { failure } = await this.#ended;
    this.#isObserved = true;
    this.#scope.disown(this);
    if (isNews && failure) throw failure();
  }

  #requestStop(): void {
    this.#isStopping = true;
    this.#native?.stop();
  }

  async #observed(): Promise<IoWorkerResult> {
    this.#isObserved = true;
    const { result, failure } = await this.#ended;
    if (failure) throw failure();
    return result;
  }

  async #start(spec: CheckedIoWorker): Promise<Ended> {
    const { controller } = this.#namespace;
    await this.#group.formed;
    try {
      this.#native = await controller.native.startIoWorker({ ...spec, gated: !this.#group.isAlone });
    } catch (error) {
      return { failure: () => driverError(error, `${controller.address}, ioworker`) };
    } finally {
      this.#group.prepared(this.#native);
    }
    if (this.#isStopping) this.#native.stop();
    this.#scope.workerStarted(this);
    const native = await this.#native.done;
    this.#scope.workerEnded(this);
    return this.#end(this.#native.segment, native);
  }

  #end(segment: number, native: NativeIoWorkerResult): Ended {
    const note = this.#group.takeNote();
    if (note !== undefined) this.#scope.note(note);
    const result = ioWorkerResult(native, {
      outputs: this.#outputs,
      startSkewUs: this.#group.skewUs,
      cmdlog: this.#outputs.cmdlog === 0 ? [] : lastCommands(segment, this.#outputs.cmdlog),
    });
    this.#result = result;
    const failure = this.#failureOf(segment, native, result);
    return failure ? { failure } : { result };
  }

  #failureOf(segment: number, native: NativeIoWorkerResult, result: IoWorkerResult): (() => unknown) | undefined {
    const { controller } = this.#namespace;
    if (this.#allowError) return undefined;
    if (result.end === 'device-error') return () => ioWorkerStatusError({ segment, native, controller });
    if (result.end === 'data-mismatch') {
      return () => new DataMismatchError(failedCommand({ segment, native, controller }), native.mismatch);
    }
    if (result.end !== 'timed-out') return undefined;
    const place = queueName({ controller, qid: native.qid });
    return () => new IoWorkerTimeoutError(`ioworker on ${place}: a command had no completion in time`, result);
  }
}

/** How it ended; the error is made where somebody waits for it. */
type Ended =
  | { readonly result: IoWorkerResult; readonly failure?: undefined }
  | { readonly failure: () => unknown; readonly result?: undefined };

interface FailedWorker {
  readonly segment: number;
  readonly native: NativeIoWorkerResult;
  readonly controller: IoWorkerController;
}

function ioWorkerStatusError(failed: FailedWorker): NvmeStatusError {
  return new NvmeStatusError(failedCommand(failed));
}

function failedCommand({ segment, native, controller }: FailedWorker): FailureFacts {
  const { qid, firstErrorSequence: sequence, firstErrorStatus } = native;
  const logged = loggedCommand(segment, sequence);
  return {
    sqe: logged?.sqe ?? new Sqe(new Uint32Array(16)),
    cqe: logged?.cqe ?? Cqe.ofStatus(firstErrorStatus, sequence),
    qpair: { qid, controller },
    cmdlog: { controller: controller.address, qid, sequence, segment },
  };
}
