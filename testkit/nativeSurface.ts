/**
 * The addon's typed surface: exactly what `native/binding` exports. Nothing here knows what a test is.
 * Errors thrown or rejected carry a stable `code` (see `native/platform/error.h`).
 */
import type { NativeFaultInjector } from './nativeFaults.ts';
import type { NativeIoWorker, NativeIoWorkerSpec } from './nativeIoWorker.ts';
import type { NativeQpair, NativeQpairOptions } from './nativeQpair.ts';

/** Blocks in a DMA buffer with their metadata: separate, or (extended) behind each block's data. */
export interface NativeProtectedBlocks {
  readonly offset: number;
  /** Data bytes of a block. */
  readonly lbaBytes: number;
  readonly blocks: number;
  /** Protection type 1..3. */
  readonly type: number;
  /** Whether it is in the first 8 bytes of the metadata, instead of the last. */
  readonly first: boolean;
  /** Metadata bytes of a block, 8 or more. */
  readonly metadataBytes: number;
  /** Undefined = extended. */
  readonly metadata?: NativeDmaBuffer;
  readonly metadataOffset?: number;
}

export interface NativeProtectionExpectation {
  /** PRCHK: bit 2 guard, bit 1 Application Tag, bit 0 reference tag. */
  readonly checks: number;
  readonly appTag: number;
  /** Bits of the Application Tag that count. */
  readonly appTagMask: number;
  /** Of the first block. */
  readonly refTag: number;
}

export interface NativeProtectionTuple {
  readonly guard: number;
  readonly appTag: number;
  readonly refTag: number;
}

export interface NativeProtectionMismatch {
  /** From 0. */
  readonly block: number;
  readonly fault: 'guard' | 'app-tag' | 'ref-tag';
  readonly found: NativeProtectionTuple;
  readonly expected: NativeProtectionTuple;
}

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
  /** Computes guard, Application Tag and reference tag of every block into its metadata. Throws RangeError when a buffer is too small. */
  fillProtection(options: NativeProtectedBlocks & { readonly appTag: number; readonly refTag: number }): void;
  /** The first block whose protection information is wrong, checked as a controller would. */
  checkProtection(options: NativeProtectedBlocks & NativeProtectionExpectation): NativeProtectionMismatch | undefined;
  /** Throws `BUFFER_IN_USE` while pinned. Further use throws `CLOSED`. */
  close(): void;
}

export type NativeInterruptMode = 'msix' | 'msi' | 'none';

export interface NativeInitOptions {
  /** Admin queue entries, 2..4096; default 64. */
  readonly adminDepth?: number;
  /** I/O queue pairs to ask for (Set Features, Number of Queues); default 64. The grant is in the result. */
  readonly ioQueues?: number;
  /** CC.AMS: 0 round robin (default), 1 weighted round robin with urgent, 7 vendor specific. Rejects `NOT_SUPPORTED` without CAP.AMS. */
  readonly arbitration?: number;
  /** CC.CSS; default as CAP.CSS recommends: 7 admin only, 6 all I/O command sets, 0 NVM. */
  readonly commandSet?: number;
  /** CC.MPS, pages of 2^(12 + mps) bytes; default CAP.MPSMIN. */
  readonly mps?: number;
  /** Default 'msix'. */
  readonly interrupts?: NativeInterruptMode;
}

/** An admin queue pair the device does not know yet. */
export interface NativeAdminOptions {
  /** Queue entries, 2..4096; default 64. */
  readonly depth?: number;
  /** CC.MPS to come; default CAP.MPSMIN. */
  readonly mps?: number;
  /** Interrupt vectors to enable; default 65. The function may have fewer. */
  readonly vectors?: number;
  readonly interrupts?: NativeInterruptMode;
}

export interface NativeVerifyOptions {
  /** Data bytes of a block. */
  readonly lbaBytes: number;
  /** Behind each block's data (extended LBA); default 0: none, or separate. */
  readonly metadataBytes?: number;
  /** Blocks outside are neither stamped nor verified. */
  readonly regionStart: bigint;
  /** LBA after the last: at most NSZE. */
  readonly regionEnd: bigint;
  /** A volatile write cache is enabled: completed writes are durable only after a Flush; default true. */
  readonly writeCache?: boolean;
  /** Blocks have protection information: a write whose guard the host computed is `NOT_SUPPORTED`; default false. */
  readonly guarded?: boolean;
  /** Zone Size; default 0: unknown, or there are no zones. */
  readonly zoneBlocks?: bigint;
}

/** What belongs into AQA, ASQ and ACQ. */
export interface NativeAdminRegisters {
  readonly aqa: number;
  readonly asq: bigint;
  readonly acq: bigint;
}

export interface NativeAdoptOptions {
  /** I/O queue pairs to ask for, or, with `isGranted`, what the caller was granted; default 64. */
  readonly ioQueues?: number;
  readonly isGranted?: boolean;
  /** Choose an I/O Command Set Profile when CC.CSS is 110b; default true. */
  readonly chooseProfile?: boolean;
}

/** The evidence of a queue that a test runs by itself (metamode): logged as told, nothing is judged. */
export interface NativeRawQueue {
  /** Id of the queue's segment in the evidence file. */
  readonly segment: number;
  /** The device can see this command from now on (its tail doorbell was rung). Returns its number on the queue. */
  submitted(sqe: Uint8Array, bytes: number): number;
  /** This completion (16 bytes) was read; false when nothing outstanding has its CID. */
  completed(cqe: Uint8Array): boolean;
  /** The queue was deleted. */
  close(): void;
}

/** An enabled Controller Memory Buffer. */
export interface NativeControllerMemory {
  readonly size: number;
  readonly freeBytes: number;
  /** CMBMSC.CBA. */
  readonly busAddress: bigint;
  /** Bits of CMBSZ: 0 SQS, 1 CQS, 2 LISTS, 3 RDS, 4 WDS. */
  readonly holds: number;
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
  /**
   * The pieces of `initialize`, for an initialisation of the test's own: `disable()`, `prepareAdmin()`, AQA, ASQ, ACQ and CC written as
   * registers, `awaitCsts()`, `adopt()`. This one: bus mastering, interrupts, and memory of an admin queue pair, which is `admin` from
   * now on; earlier queue pairs end (Reset). Rejects `CONTROLLER_ENABLED` while CSTS.RDY is 1.
   */
  prepareAdmin(options: NativeAdminOptions): Promise<NativeAdminRegisters>;
  /** Waits until (CSTS & mask) = value; resolves to CSTS. Rejects `TIMEOUT` saying what CSTS was. */
  awaitCsts(mask: number, value: number, timeoutMs: number): Promise<number>;
  /** Once CSTS.RDY is 1: Identify, command set profile, Number of Queues; afterwards queue pairs can be made. Rejects `INIT_FAILED`. */
  adopt(options: NativeAdoptOptions): Promise<NativeControllerInfo>;
  /**
   * Verifies every read of that namespace from now on, of queue pairs and ioworkers alike; undefined ends it. Each block written carries
   * its LBA (first 8 bytes) and the token of its write (last 8), stamped in memory of the driver's own; what reads back differently is
   * a command with outcome DataMismatch. Given again with the same format and region, what is known stays known. Not for data that
   * carries protection information computed by the host. Throws RangeError.
   */
  setVerification(nsid: number, options: NativeVerifyOptions | undefined): void;
  /** Keeps a queue identifier from `createQpair`, for a queue the test makes itself: that one, or any free one. Throws `NO_QUEUES`. */
  reserveQid(qid?: number): number;
  releaseQid(qid: number): void;
  /** Lets a queue that the test runs by itself appear in command log and tree. */
  addRawQueue(qid: number, depth: number): NativeRawQueue;
  /** CMBMSC.CRE and CMSE with an address of the driver's choice. Throws `NOT_SUPPORTED`, `CONTROLLER_MEMORY_REFUSED`. */
  enableMemory(): void;
  /** CMBMSC = 0. Throws `NOT_SUPPORTED`. */
  disableMemory(): void;
  /** Undefined unless `enableMemory` was called, and no reset has undone it since. */
  readonly memory: NativeControllerMemory | undefined;
  /** A buffer in it. Throws `NO_MEMORY`, `CONTROLLER_MEMORY_DISABLED`, `NOT_SUPPORTED`. */
  allocateInMemory(size: number): NativeDmaBuffer;
  /**
   * Takes an interrupt vector into the test's hands: unmasked and cleared; queue pairs that use it are polled until it is released.
   * The other interrupt verbs claim it as well. All throw RangeError for a vector that is not enabled.
   */
  claimInterrupt(vector: number): void;
  /** Messages that arrived since it was claimed or cleared. */
  interruptMessages(vector: number): number;
  clearInterrupt(vector: number): void;
  /** By the MSI-X table; with MSI, by INTMS and INTMC. */
  maskInterrupt(vector: number, masked: boolean): void;
  releaseInterrupt(vector: number): void;
  /** CC.EN = 0 and CSTS.RDY = 0 awaited; outstanding commands end as Reset. */
  disable(): Promise<void>;
  /** CC.SHN, then CSTS.SHST = complete awaited. */
  shutdown(kind: 'normal' | 'abrupt'): Promise<void>;
  /** Valid after `initialize`; a new one after every further `initialize`. */
  readonly admin: NativeQpair;
  createQpair(options: NativeQpairOptions): Promise<NativeQpair>;
  startIoWorker(spec: NativeIoWorkerSpec): Promise<NativeIoWorker>;
  reset(kind: 'flr' | 'hot' | 'subsystem'): Promise<void>;
  /** Rejects `PLATFORM_LIMIT` where nothing can switch the supply. */
  power(action: 'off' | 'on'): Promise<void>;
  readonly powered: boolean;
  /** A new object every time. */
  readonly faults: NativeFaultInjector;
  onEvent(callback: ((event: NativeDriverEvent) => void) | undefined): void;
  /** Ends ioworkers, queue pairs, disables the controller. In any order with its qpairs and buffers. */
  close(): Promise<void>;
}

/** The emulated SSD, served to one vfio-user client after the other. */
export interface NativeServer {
  /** So far. */
  readonly clients: number;
  readonly connected: boolean;
  /** Hangs up, closes the SSD (its media is kept, where it has a file) and removes the socket. */
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
  /**
   * A controller that another JavaScript environment of this process (the main thread, a worker) opened: the same one, with queue
   * pairs, events and completions of its own here. Its `close()` ends what was made here and leaves the controller alone; so does the
   * end of this environment. Throws `NOT_OPEN`.
   */
  attachController(address: string): NativeController;
  /**
   * Serves the emulated SSD of an address to vfio-user clients at a socket: mode 0600, in a folder that only this user can enter (made
   * when it is missing). Rejects `BAD_SOCKET`, `BAD_ADDRESS`, `BUSY` (naming who serves there, or holds the media file).
   */
  serve(socket: string, address: string): Promise<NativeServer>;
  allocateDma(size: number): NativeDmaBuffer;
  /** Starts gated ioworkers at one time, 2 ms from now. */
  beginIoWorkers(workers: readonly NativeIoWorker[]): void;
  /** ns of the driver's monotonic clock, as in completions. */
  now(): bigint;
}
