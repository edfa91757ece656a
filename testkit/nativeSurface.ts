/**
 * The addon's typed surface: exactly what `native/binding` exports. Nothing here knows what a test is.
 * Errors thrown or rejected carry a stable `code` (see `native/platform/error.h`).
 */

/** How a command ended; the values of `evidence::Outcome`. */
export const Outcome = {
  Completed: 1,
  TimedOut: 2,
  Reset: 3,
  PowerLost: 4,
  QueueDeleted: 5,
  Removed: 6,
  Closed: 7,
} as const;
export type OutcomeValue = (typeof Outcome)[keyof typeof Outcome];

/** Memory a controller can reach; its bytes are only ever copied in and out. Freed by `close()` or the collector. */
export interface NativeDmaBuffer {
  /** Bytes, as asked for. */
  readonly size: number;
  /** Commands in flight that use it. */
  readonly pins: number;
  read(offset: number, length: number): Uint8Array;
  write(offset: number, bytes: Uint8Array): void;
  /** Repeats `bytes` over the range. */
  fill(offset: number, length: number, bytes: Uint8Array): void;
  /** 32-bit words counting up from `first`. */
  fillIncrementing(offset: number, length: number, first: number): void;
  /** Pseudo-random bytes, of which `compressiblePercent` % (of every 4 KiB) are zeros. Deterministic per seed. */
  fillRandom(offset: number, length: number, seed: bigint, compressiblePercent: number): void;
  /** Offset (relative to `offset`) of the first byte that differs, -1 when equal. */
  compare(offset: number, other: NativeDmaBuffer, otherOffset: number, length: number): number;
  crc32c(offset: number, length: number): number;
  /** Bus address of byte `offset` in that controller's DMA domain; maps lazily. */
  busAddress(controller: NativeController, offset: number): bigint;
  /** Throws `BUFFER_IN_USE` while pinned. Further use throws `CLOSED`. */
  close(): void;
}

/** Bytes of one completion written by `NativeQpair.reap`, and where each field is (little-endian). */
export const completionLayout = {
  size: 48,
  /** 16 bytes, as the device posted it (zeros unless the outcome is Completed). */
  cqe: 0,
  /** u64, ns of the driver's monotonic clock. */
  submitNs: 16,
  /** u64 */
  completeNs: 24,
  /** u64, 1-based number of the command on its queue: its place in the command log. */
  sequence: 32,
  /** u16 */
  cid: 40,
  /** u16, Outcome */
  outcome: 42,
} as const;

export interface NativeQpair {
  readonly qid: number;
  /** Id of the queue's segment in the evidence file. */
  readonly segment: number;
  /** Queue entries. */
  readonly depth: number;
  /** Commands posted and not yet handed out by `reap`. */
  readonly outstanding: number;
  /**
   * Posts one command and rings the doorbell. The CID (bytes 2..3) is assigned; PRP1/PRP2 (and a PRP list) are built when
   * `length > 0`, from `buffer` at `offset`: `sqe` is changed to what was posted. The buffer stays pinned until the completion
   * was reaped.
   * Returns the CID. Throws `QUEUE_FULL`, `CLOSED`, `POWER_LOST`, `REMOVED`, `CONTROLLER_NOT_READY`.
   * @param timeoutMs 0 = none
   */
  submit(
    sqe: Uint8Array,
    buffer: NativeDmaBuffer | undefined,
    offset: number,
    length: number,
    timeoutMs: number,
  ): number;
  /**
   * Moves finished commands into `into` (see {@link completionLayout}), polling for at most `spinUs` microseconds while there are
   * none. Commands past their deadline come out with outcome TimedOut; their CID and buffer stay quarantined.
   * Returns how many were written.
   */
  reap(into: Uint8Array, spinUs: number): number;
  /** `callback` runs once, on this thread, as soon as `reap` has something to give. Replaces the one before; undefined disarms. Armed, it keeps the process alive. */
  notify(callback: (() => void) | undefined): void;
  /** Milliseconds until the nearest deadline, -1 without one. */
  nextDeadlineMs(): number;
  /** What a person needs after a time-out, as one plain object. */
  dossier(): NativeDossier;
  /** Deletes SQ and CQ; outstanding commands end as QueueDeleted. The admin queue cannot be deleted (`NOT_SUPPORTED`). */
  delete(): Promise<void>;
}

export interface NativeDossier {
  readonly csts: number;
  readonly cc: number;
  readonly sqTail: number;
  readonly sqHead: number;
  readonly cqHead: number;
  readonly cqPhase: number;
  readonly outstandingCids: readonly number[];
}

export interface NativeInitOptions {
  /** Admin queue entries, 2..4096; default 64. */
  readonly adminDepth?: number;
  /** I/O queue pairs to ask for (Set Features, Number of Queues); default 64. The grant is in the result. */
  readonly ioQueues?: number;
}

export interface NativeControllerInfo {
  /** Identify Controller, 4096 bytes. */
  readonly identify: Uint8Array;
  /** Active namespaces and their Identify Namespace data. */
  readonly namespaces: readonly { readonly nsid: number; readonly identify: Uint8Array }[];
  readonly ioQueues: number;
}

export interface NativeQpairOptions {
  /** Queue entries, 2..CAP.MQES+1. */
  readonly depth: number;
  /** 0 urgent, 1 high, 2 medium, 3 low. */
  readonly priority: number;
  readonly interrupts: boolean;
  /** For the command log and the tree. */
  readonly lbaBytes: number;
}

export interface NativeIoWorkerSpec {
  readonly nsid: number;
  readonly lbaBytes: number;
  /** Blocks a command. */
  readonly blocks: number;
  /** First LBA of the region, and the LBA after its last. */
  readonly regionStart: bigint;
  readonly regionEnd: bigint;
  /** 0..100: share of commands at a random address; the rest go on sequentially (wrapping). */
  readonly randomPercent: number;
  /** 0..100 */
  readonly readPercent: number;
  /** Commands outstanding, 1..CAP.MQES. */
  readonly qdepth: number;
  /** 0 = no limit. With neither limit, and sequential, the region is covered once. */
  readonly timeMs: number;
  readonly ioCount: bigint;
  /** 0 = as fast as possible. */
  readonly iops: number;
  readonly seed: bigint;
  /** Percentiles wanted, e.g. 50, 99, 99.9. */
  readonly percentiles: readonly number[];
  readonly commandTimeoutMs: number;
}

export interface NativeLatency {
  readonly count: bigint;
  /** ns */
  readonly minNs: number;
  readonly meanNs: number;
  readonly maxNs: number;
  /** ns, one for each percentile asked for. */
  readonly percentilesNs: readonly number[];
}

export interface NativeIoWorkerResult {
  readonly qid: number;
  /** 'completed' | 'stopped' | 'device-error' | 'timed-out' | 'reset' | 'power-lost' | 'removed' */
  readonly end: string;
  /** Status field (15 bits) of the first failed command, 0 when none failed. */
  readonly firstErrorStatus: number;
  /** Sequence of that command on its queue, for the command log link; 0 when none. */
  readonly firstErrorSequence: bigint;
  readonly reads: bigint;
  readonly writes: bigint;
  readonly bytesRead: bigint;
  readonly bytesWritten: bigint;
  readonly elapsedNs: bigint;
  readonly cpuNs: bigint;
  readonly read: NativeLatency;
  readonly write: NativeLatency;
  readonly all: NativeLatency;
}

export interface NativeIoWorker {
  readonly qid: number;
  /** Id of the queue's segment in the evidence file. */
  readonly segment: number;
  /** Settles when the thread ended and its queue pair was deleted; never rejects for a device's reason. */
  readonly done: Promise<NativeIoWorkerResult>;
  /** Ends submission; outstanding commands are awaited (bounded), then `done` settles. */
  stop(): void;
  /** Live: reads + writes completed so far, and bytes. */
  counters(): { readonly ios: bigint; readonly bytes: bigint };
}

/** Something the driver noticed outside any command. */
export interface NativeDriverEvent {
  /** 'power-lost' | 'removed' | 'malformed-completion' */
  readonly kind: string;
  readonly message: string;
  /** The raw CQE of a malformed completion. */
  readonly cqe?: Uint8Array;
  readonly qid?: number;
}

export interface NativeController {
  readonly address: string;
  readRegister(offset: number, width: 4 | 8): bigint;
  writeRegister(offset: number, width: 4 | 8, value: bigint): void;
  configRead(offset: number, width: 1 | 2 | 4): number;
  configWrite(offset: number, width: 1 | 2 | 4, value: number): void;
  /**
   * The enable sequence (NVMe Base 2.0, "Memory-based Controller Initialization"): disable if needed, admin queue, CC, wait for CSTS.RDY (bounded by CAP.TO), Identify, Number of Queues.
   * Every earlier queue pair ends (outcome Reset). Rejects `INIT_FAILED` saying in which step, with CAP, CC and CSTS.
   */
  initialize(options: NativeInitOptions): Promise<NativeControllerInfo>;
  /** CC.EN = 0 and CSTS.RDY = 0 awaited; outstanding commands end as Reset. */
  disable(): Promise<void>;
  /** CC.SHN, then CSTS.SHST = complete awaited. */
  shutdown(kind: 'normal' | 'abrupt'): Promise<void>;
  /** Valid after `initialize`; a new one after every further `initialize`. */
  readonly admin: NativeQpair;
  createQpair(options: NativeQpairOptions): Promise<NativeQpair>;
  startIoWorker(spec: NativeIoWorkerSpec): Promise<NativeIoWorker>;
  reset(kind: 'flr' | 'hot' | 'subsystem'): Promise<void>;
  /** Rejects `NOT_SUPPORTED` where nothing can switch the supply. */
  power(action: 'off' | 'on'): Promise<void>;
  readonly powered: boolean;
  onEvent(callback: ((event: NativeDriverEvent) => void) | undefined): void;
  /** Ends ioworkers, queue pairs, disables the controller. In any order with its qpairs and buffers. */
  close(): Promise<void>;
}

export interface NativeAddon {
  /** The version of package.json it was built from. */
  readonly version: string;
  /** Platforms compiled in, e.g. ['emulated']. */
  readonly platforms: readonly string[];
  /** Makes and maps the evidence file (mode 0600, must not exist). Once per process, before `openController`. */
  openEvidence(path: string): void;
  /**
   * A native thread that polls `fd` for hang-up, and PR_SET_PDEATHSIG: when the parent is gone it stops submission, clears Bus Master
   * Enable, tries CC.EN = 0 for up to 2 s and `_exit`s, whatever JavaScript is doing.
   */
  startWatchdog(fd: number): void;
  /** An address of the platforms document. Rejects `BAD_ADDRESS`, `CONTROLLER_IN_USE` (naming the holder), `NOT_SUPPORTED`. */
  openController(address: string): Promise<NativeController>;
  allocateDma(size: number): NativeDmaBuffer;
  /** ns of the driver's monotonic clock, as in completions. */
  now(): bigint;
}
