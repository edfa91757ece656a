/** Queue pairs on the addon's typed surface: `native/binding/qpair_object.cpp`. */
import type { NativeDmaBuffer } from './nativeSurface.ts';

/** How a command ended; the values of `evidence::Outcome`. */
export const Outcome = {
  Completed: 1,
  TimedOut: 2,
  Reset: 3,
  PowerLost: 4,
  QueueDeleted: 5,
  Removed: 6,
  Closed: 7,
  /** Completed with success, but what was read is not what was written: see `NativeQpair.mismatch`. */
  DataMismatch: 8,
} as const;
export type OutcomeValue = (typeof Outcome)[keyof typeof Outcome];

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

/** A range of a DMA buffer. */
export interface NativePiece {
  readonly buffer: NativeDmaBuffer;
  readonly offset: number;
  readonly length: number;
}

/** An SGL bit bucket: so many bytes are read and thrown away. */
export interface NativeBitBucket {
  readonly buffer?: undefined;
  readonly length: number;
}

/** What a command moves, and how the device is told. The buffers stay pinned until the completion was reaped. */
export interface NativeTransfer {
  /** 0 = none */
  readonly timeoutMs: number;
  /** At most one with PRPs; several, and bit buckets, with an SGL. */
  readonly data?: readonly (NativePiece | NativeBitBucket)[];
  /** Separate metadata: MPTR. */
  readonly metadata?: NativePiece;
  /**
   * `prp` (default): PRP1, PRP2 and a PRP list. `sgl`: SGL1 (a data block for one piece, else a last segment) and PSDT.
   * `as-given`: nothing is built, neither DPTR nor MPTR; the buffers are only pinned.
   */
  readonly pointers?: 'prp' | 'sgl' | 'as-given';
  /** SGL only: MPTR points to an SGL segment of one descriptor (PSDT 10b). */
  readonly metadataSgl?: boolean;
  /** SGL only: the most descriptors of one segment, 2 or more, the one that points to the next included. Given, there is a segment even for one piece. */
  readonly descriptorsPerSegment?: number;
  /** Instead of the next in rotation: 0..depth-2, not outstanding. */
  readonly cid?: number;
}

export interface NativeQpair {
  readonly qid: number;
  /** Id of the queue's segment in the evidence file. */
  readonly segment: number;
  /** Queue entries. */
  readonly depth: number;
  /** Interrupt vector of its completion queue, -1 without one. */
  readonly vector: number;
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
  /** {@link submit} with any kind of transfer. Throws RangeError also for a CID that is not free. */
  submitTransfer(sqe: Uint8Array, transfer: NativeTransfer): number;
  /**
   * The same without the doorbell: the device does not see the command before {@link ringDoorbell} (or the next submit), and its
   * time runs from there.
   */
  post(sqe: Uint8Array, transfer: NativeTransfer): number;
  /** Tells the device of everything posted. */
  ringDoorbell(): void;
  /** Two adjacent commands and one doorbell; both or neither. FUSE is set: first command, second command. Returns both CIDs. */
  submitFused(
    first: Uint8Array,
    firstTransfer: NativeTransfer,
    second: Uint8Array,
    secondTransfer: NativeTransfer,
  ): readonly [number, number];
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
  /** What the command of that number (`completionLayout.sequence`) read instead of what was written. Of the newest 1024. */
  mismatch(sequence: number): NativeMismatch | undefined;
  /** What a person needs after a time-out, as one plain object. */
  dossier(): NativeDossier;
  /** Deletes SQ and CQ; outstanding commands end as QueueDeleted. The admin queue cannot be deleted (`NOT_SUPPORTED`). */
  delete(): Promise<void>;
}

/** Data that came back, and is not what was written. */
export interface NativeMismatch {
  /** `misplaced`: another block's; `stale`: an older write's. */
  readonly kind: 'misplaced' | 'stale' | 'corrupt';
  readonly lba: bigint;
  readonly expectedToken: bigint;
  /** What the block says of itself: its first and last 8 bytes. */
  readonly foundLba: bigint;
  readonly foundToken: bigint;
  /** All of it in one sentence, beginning `media: data mismatch at LBA`. */
  readonly message: string;
}

export interface NativeDossier {
  readonly csts: number;
  readonly cc: number;
  readonly sqTail: number;
  readonly sqHead: number;
  readonly cqHead: number;
  readonly cqPhase: number;
  readonly outstandingCids: readonly number[];
  /** Completion queue entries whose bytes changed and whose phase tag did not: posted without toggling it, by the look of them. */
  readonly changedSlots: readonly NativeChangedSlot[];
}

export interface NativeChangedSlot {
  /** Index in the completion queue. */
  readonly slot: number;
  /** 16 bytes, as they are now. */
  readonly cqe: Uint8Array;
  /** As they were taken one turn ago; zeros in the first turn. */
  readonly before: Uint8Array;
}

export interface NativeQpairOptions {
  /** Queue entries, 2..CAP.MQES+1. */
  readonly depth: number;
  /** 0 urgent, 1 high, 2 medium, 3 low. */
  readonly priority: number;
  readonly interrupts: boolean;
  /** For readers of the evidence. */
  readonly lbaBytes: number;
  /** Physically contiguous (PC); default true. False: rejects `NOT_SUPPORTED` where CAP.CQR is 1. */
  readonly contiguous?: boolean;
  /** In the Controller Memory Buffer; default false. Rejects `CONTROLLER_MEMORY_DISABLED`, `NOT_SUPPORTED`, `NO_MEMORY`. */
  readonly sqInMemory?: boolean;
  readonly cqInMemory?: boolean;
  /** Interrupt vector; default: spread over those enabled. */
  readonly vector?: number;
}
