import type { nvmOpcode } from '../../nvme/opcode.ts';
import type { Pattern } from '../pattern.ts';

/** An opcode, by its name in the NVM Command Set or as a number (0..FFh). */
export type IoOpcode = keyof typeof nvmOpcode | number;

/**
 * Blocks of a command, 1..65,536: always the same; one of a list; one of a range (both ends included, every `step`-th, default 1);
 * or sizes by weight, `{ 1: 4, 8: 67 }`.
 */
export type IoSizes =
  | number
  | readonly number[]
  | { readonly from: number; readonly to: number; readonly step?: number }
  | { readonly [blocks: number]: number };

/** One command of a replay. */
export interface IoSequenceStep {
  /** When it is due: microseconds since the start, fractions allowed, not before the command before it. */
  readonly atUs: number;
  /** What it does. */
  readonly op: IoOpcode;
  /** Starting LBA. */
  readonly slba: number | bigint;
  /** 1..65,536 */
  readonly blockCount: number;
}

/** What an ioworker does. */
export interface IoWorkerOptions {
  /** Blocks of a command. Default 8. */
  readonly ioSize?: IoSizes;
  /** First LBA of the region. Default 0. */
  readonly regionStart?: number | bigint;
  /** The LBA after its last. Default NSZE; beyond it the device's status tells. */
  readonly regionEnd?: number | bigint;
  /** LBA of the first sequential command. Default: the region's start; with a negative `lbaStep`, the last that fits. */
  readonly lbaStart?: number | bigint;
  /**
   * LBAs from the start of one sequential command to the start of the next; negative goes down, 0 stays. At an end of the region it
   * goes on from the other. Default: on from where the last command ended.
   */
  readonly lbaStep?: number | bigint;
  /**
   * Starting LBAs are multiples of it: one for all sizes, or by size, `{ 8: 8, 64: 8 }`. Default: sequential commands have no
   * alignment; random ones are multiples of their own size from the start of the region on.
   */
  readonly lbaAlign?: number | { readonly [blocks: number]: number };
  /** Share of commands at a random address, %: true = 100, false = 0; the others go on sequentially. Default true; with `lbaStep` or `lbaStart` false. */
  readonly lbaRandom?: boolean | number;
  /** Where random commands begin: 100 integers, how many of 10,000 begin in each hundredth of the region. Default: everywhere alike. */
  readonly distribution?: readonly number[];
  /** Share of reads, %; the others are writes. Default 100. */
  readonly readPercentage?: number;
  /**
   * Instead of `readPercentage`: shares of opcodes, %, with the sum 100, as `{ read: 50, write: 40, datasetManagement: 10 }` or by number.
   * Dataset Management deallocates the command's blocks as its one range. Opcodes that no specification names get a starting LBA and
   * a number of blocks as Read does, and move data as bits 1:0 of the opcode say. At most 16; not Copy.
   */
  readonly opPercentage?: { readonly [opcode in IoOpcode]?: number };
  /** Share of reads and writes with Force Unit Access, %. Default 0. */
  readonly fuaPercentage?: number;
  /** Seconds. Without it and without `ioCount` a sequential worker covers the region once; a random one needs one of them. */
  readonly timeS?: number;
  /** Commands. */
  readonly ioCount?: number;
  /** Commands outstanding, 1 to CAP.MQES. Default 64, or what the controller has. */
  readonly qdepth?: number;
  /** Of its submission queue, for weighted round robin arbitration. Default `medium`. */
  readonly qprio?: 'urgent' | 'high' | 'medium' | 'low';
  /** Commands a second, evenly paced: the k-th is due k / iops after the start, however late those before it were. Default: as fast as possible. */
  readonly iops?: number;
  /** What is written, made once before the start. Default: random bytes, not compressible. */
  readonly pattern?: Pattern;
  /** A recording to be played instead of anything generated: `[atUs, op, slba, blockCount]` or objects, in order of time. */
  readonly ioSequence?: Iterable<IoSequenceStep | readonly [number, IoOpcode, number | bigint, number]>;
  /** The result has `ioPerSecond`. Default false. */
  readonly outputIoPerSecond?: boolean;
  /** Milliseconds of an interval of the result's `series`, 10..60,000. Default 1000. */
  readonly seriesIntervalMs?: number;
  /** Percentiles of `percentilesUs`. Default 50, 90, 99, 99.9, 99.99; `percentile(p)` tells any other. */
  readonly outputPercentileLatency?: readonly number[];
  /** So many of the last commands are in the result's `cmdlog`, 1..2048. Default none. */
  readonly outputCmdlog?: number;
  /** Of addresses, opcodes and data. Default: from the test's seed. */
  readonly seed?: number | bigint;
  /** CPU its thread is pinned to. Default: any. */
  readonly cpu?: number;
  /** Milliseconds a command may take; 0 = for ever. Default: the controller's {@link Timeouts}. */
  readonly commandTimeoutMs?: number;
  /** `continue` counts failed commands (`errors`, `firstError`) and goes on; a command without completion ends it all the same. Default `stop`. */
  readonly onError?: 'stop' | 'continue';
  /** Resolve with the result when a command fails, instead of rejecting. */
  readonly allowError?: boolean;
}
