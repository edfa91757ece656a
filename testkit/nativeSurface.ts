/**
 * The addon's typed surface: exactly what `native/binding` exports. Nothing here knows what a test is.
 * Errors thrown or rejected carry a stable `code` (see `native/platform/error.h`).
 */
import type { NativeIoWorker, NativeIoWorkerSpec } from './nativeIoWorker.ts';
import type { NativeQpair, NativeQpairOptions } from './nativeQpair.ts';

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

/** Something the driver noticed outside any command. */
export interface NativeDriverEvent {
  /** 'power-lost' | 'removed' | 'malformed-completion' */
  readonly kind: string;
  readonly message: string;
  /** Of a malformed completion: 'unknown-cid' | 'duplicate-cid' | 'wrong-sqid' | 'unexpected-queue' | 'sq-head' */
  readonly reason?: string;
  /** The raw CQE of a malformed completion. */
  readonly cqe?: Uint8Array;
  /** The queue pair in whose completion queue it was. */
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
