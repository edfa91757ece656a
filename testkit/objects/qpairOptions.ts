import type { NativeQpairOptions, NativeTransfer } from '../nativeQpair.ts';
import { integer, wrongType } from './checks.ts';
import type { CommandOptions } from './command.ts';
import type { DmaBuffer } from './dmaBuffer.ts';
import type { SqeFields } from './sqe.ts';

/** How an I/O queue pair is made (NVMe Base 2.0, "Create I/O Submission Queue command", "Create I/O Completion Queue command"). */
export interface QpairOptions {
  /** Queue entries, 2 to CAP.MQES + 1: one fewer commands can be outstanding. Default 256, or what the controller has. */
  readonly depth?: number;
  /** For weighted round robin arbitration. Default `medium`. */
  readonly priority?: 'urgent' | 'high' | 'medium' | 'low';
  /** Whether the completion queue has an interrupt vector. Default true. */
  readonly interrupts?: boolean;
  /** Interrupt Vector, 0..2047. Default: the vectors that are enabled take turns. */
  readonly vector?: number;
  /** False makes queues of pages that a PRP list names; an error with code `NOT_SUPPORTED` where CAP.CQR is 1. Default true. */
  readonly contiguous?: boolean;
  /**
   * Which of its queues lie in the Controller Memory Buffer, once {@link Controller.cmb} is enabled. An error with code
   * `CONTROLLER_MEMORY_DISABLED`, `NOT_SUPPORTED` (CAP.CMBS, CMBSZ) or `NO_MEMORY` says why they cannot. Default: none.
   */
  readonly controllerMemory?: 'sq' | 'cq' | 'both';
}

const priorities = { urgent: 0, high: 1, medium: 2, low: 3 } as const;
const defaultDepth = 256;

/** @throws TypeError, RangeError @internal */
export function nativeQpairOptions(
  options: QpairOptions,
  { lbaBytes, mqes }: { readonly lbaBytes: number; readonly mqes: number },
): NativeQpairOptions {
  if (typeof options !== 'object' || options === null) throw wrongType('options', 'an object', options);
  const { depth = Math.min(defaultDepth, mqes + 1), priority = 'medium', vector, contiguous } = options;
  const { controllerMemory } = options;
  if (!Object.hasOwn(priorities, priority))
    throw wrongType('priority', "'urgent', 'high', 'medium' or 'low'", priority);
  return {
    depth: integer('depth (queue entries, up to CAP.MQES + 1)', depth, 2, mqes + 1),
    priority: priorities[priority],
    interrupts: options.interrupts ?? true,
    lbaBytes,
    ...(vector !== undefined && { vector: integer('vector', vector, 0, 2047) }),
    ...(contiguous !== undefined && { contiguous: contiguous === true }),
    ...(controllerMemory !== undefined && inMemory(controllerMemory)),
  };
}

function inMemory(which: unknown): { sqInMemory: boolean; cqInMemory: boolean } {
  if (which !== 'sq' && which !== 'cq' && which !== 'both') {
    throw wrongType('controllerMemory', "'sq', 'cq' or 'both'", which);
  }
  return { sqInMemory: which !== 'cq', cqInMemory: which !== 'sq' };
}

/** How long `waitdone` waits. */
export interface WaitdoneOptions {
  /** Milliseconds. Default 10,000, and longer as long as an outstanding command has time of its own left. */
  readonly timeoutMs?: number;
}

/** What a command of the test's own making takes. */
export interface RawOptions extends CommandOptions {
  /** Bytes of the buffer the command transfers: what the data pointer is built for. Default: all. */
  readonly length?: number;
  /** Separate metadata: MPTR is its address. */
  readonly metadata?: DmaBuffer;
  /**
   * `prp` (default): PRP1, PRP2 and a PRP list are built. `sgl`: SGL1 and segments, and PSDT is set. `as-given`: `sqe` has the data
   * pointer the test made; the buffer is only kept in place.
   */
  readonly pointers?: 'prp' | 'sgl' | 'as-given';
  /** How the SGL is built. */
  readonly sgl?: SglOptions;
  /** False leaves the doorbell alone: the controller sees the command at {@link Qpair.ringDoorbell}, or with the next command. */
  readonly ring?: boolean;
  /** Command Identifier instead of the next in rotation: 0 to depth - 2, not outstanding. */
  readonly cid?: number;
}

/** How the driver builds an SGL (NVMe Base 2.0, "Scatter Gather List (SGL)"). */
export interface SglOptions {
  /** The most descriptors of one segment, 2 or more, the one that points to the next included. Given, there is a segment even for one piece. */
  readonly descriptorsPerSegment?: number;
  /** MPTR points to an SGL segment of one descriptor (PSDT 10b). */
  readonly metadata?: boolean;
}

/** So many bytes that are read are thrown away: an SGL Bit Bucket descriptor. */
export interface BitBucket {
  /** Bytes, 1 to 2^32-1. */
  readonly bitBucket: number;
}

/** Data of a command. @internal */
export interface CommandData {
  /** Described by PRPs; undefined where `transfer` says it all. */
  readonly buffer: DmaBuffer | undefined;
  readonly length: number;
  /** More than one buffer described by PRPs. */
  readonly transfer?: Omit<NativeTransfer, 'timeoutMs'>;
  /** Without the doorbell. */
  readonly isHeld?: boolean;
}

/** One of two fused commands. */
export interface FusedHalf {
  /** Its fields; bits 1:0 of `flags` are set by the driver. */
  readonly sqe: SqeFields;
  /** Its data. */
  readonly buffer?: DmaBuffer;
  /** As of a single command. */
  readonly options?: Omit<RawOptions, 'ring'>;
}

/** One of two fused commands, encoded. @internal */
export interface FusedEntry {
  /** 16 dwords; changed to what was posted. */
  readonly entry: Uint32Array;
  readonly data: CommandData | undefined;
  readonly options: CommandOptions;
}
