/** Ioworkers on the addon's typed surface: `native/binding/io_worker_object.cpp`. */
import type { NativeMismatch } from './nativeQpair.ts';

/** A size of commands. */
export interface NativeIoSize {
  /** 1..65,536 */
  readonly blocks: number;
  /** 1..2^32-1 */
  readonly weight: number;
  /** Starting LBAs are multiples of it. 0: random ones are multiples of `blocks` from the start of the region on. */
  readonly align: number;
}

/** Commands of a recording, as columns. */
export interface NativeIoCommands {
  /** Length of each of the columns. */
  readonly count: number;
  /** ns since the start, in order. */
  readonly dueNs: BigUint64Array;
  readonly slba: BigUint64Array;
  readonly blocks: Uint32Array;
  /** Index into `opcodes`. */
  readonly ops: Uint8Array;
  /** 1 = with FUA. Default: none. */
  readonly fua?: Uint8Array;
}

/** A recording, played at its times. */
export interface NativeIoSequence extends NativeIoCommands {
  /** At most 16. */
  readonly opcodes: readonly number[];
  /** Due times mean nothing: as fast as possible. */
  readonly unpaced?: boolean;
  /** More commands follow by `feed`, until `endFeed`. */
  readonly open?: boolean;
  /** Blocks of any command that moves data, also of those that follow. */
  readonly mostBlocks?: number;
}

export interface NativeIoWorkerSpec {
  readonly nsid: number;
  readonly lbaBytes: number;
  readonly sizes: readonly NativeIoSize[];
  /** At most 16, by weight. */
  readonly ops: readonly { readonly opcode: number; readonly weight: number }[];
  /** First LBA of the region, and the LBA after its last. */
  readonly regionStart: bigint;
  readonly regionEnd: bigint;
  readonly lbaStart?: bigint;
  /** From one starting LBA to the next of sequential ones. Default: on from where the last command ended. */
  readonly lbaStep?: bigint;
  /** 0..100: share of commands at a random address; the rest go on sequentially (wrapping). */
  readonly randomPercent: number;
  /** Empty, or 100 integers with the sum 10,000. */
  readonly distribution: readonly number[];
  /** 0..100: share of reads and writes with FUA. */
  readonly fuaPercent: number;
  /** Commands outstanding, 1..CAP.MQES. */
  readonly qdepth: number;
  /** QPRIO: 0 urgent, 1 high, 2 medium, 3 low. */
  readonly priority: number;
  /** 0 = no limit. With neither limit, and sequential, the region is covered once. */
  readonly timeMs: number;
  readonly ioCount: bigint;
  /** 0 = as fast as possible. */
  readonly iops: number;
  readonly seed: bigint;
  readonly data: {
    readonly kind: 'random' | 'dword' | 'incrementing';
    readonly dword: number;
    readonly compressiblePercent: number;
    readonly seed: bigint;
  };
  /** Of the series. */
  readonly intervalMs: number;
  readonly commandTimeoutMs: number;
  /** A failed command is counted, and that is all. */
  readonly continueOnError: boolean;
  /** Its thread runs there only. */
  readonly cpu?: number;
  /** It waits for `beginIoWorkers`. */
  readonly gated: boolean;
  /** Instead of anything generated. */
  readonly sequence?: NativeIoSequence;
}

export interface NativeLatency {
  readonly count: bigint;
  /** ns */
  readonly minNs: number;
  readonly meanNs: number;
  readonly maxNs: number;
  /** Histogram: ns, ascending, and commands of each. */
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

export interface NativeLatencies {
  readonly read: NativeLatency;
  readonly write: NativeLatency;
  readonly other: NativeLatency;
  readonly all: NativeLatency;
}

export interface NativeIoWorkerResult extends NativeLatencies {
  readonly qid: number;
  /** 'completed' | 'stopped' | 'device-error' | 'data-mismatch' | 'timed-out' | 'reset' | 'power-lost' | 'removed' */
  readonly end: string;
  /** Status field (15 bits) of the first failed command, 0 when none failed. */
  readonly firstErrorStatus: number;
  /** Sequence of that command on its queue, for the command log link; 0 when none. */
  readonly firstErrorSequence: bigint;
  /** The first read that was not what was written; only while the namespace is verified. */
  readonly mismatch?: NativeMismatch;
  /** Commands that completed with an error status, or with other data than was written. */
  readonly errors: bigint;
  readonly reads: bigint;
  readonly writes: bigint;
  readonly others: bigint;
  readonly bytesRead: bigint;
  readonly bytesWritten: bigint;
  /** ns of the driver's clock when it sent its first command. */
  readonly startNs: bigint;
  /** From the start to the last completion. */
  readonly elapsedNs: bigint;
  /** From the start to the end of submission. */
  readonly windowNs: bigint;
  readonly cpuNs: bigint;
  /** Paced: the most that a submission was behind its due time. */
  readonly maxLagNs: bigint;
  /** Paced: commands due before the end that were never sent. */
  readonly unsent: bigint;
  /** Paced: from the due time to the submission. */
  readonly lag?: NativeLatency;
  /** Paced: latencies from the due time on. */
  readonly fromDue?: NativeLatencies;
  readonly ops: readonly {
    readonly opcode: number;
    readonly ios: bigint;
    readonly bytes: bigint;
    readonly latency: NativeLatency;
  }[];
  /** Commands and bytes completed in each interval since the start. */
  readonly series: { readonly intervalMs: number; readonly ios: Float64Array; readonly bytes: Float64Array };
}

/** Completed so far, without error; and with one. */
export interface NativeIoCounters {
  /** ns of the driver's clock when it sent its first command; 0 before. */
  readonly startNs: bigint;
  readonly ios: bigint;
  readonly bytes: bigint;
  readonly reads: bigint;
  readonly writes: bigint;
  readonly errors: bigint;
}

export interface NativeIoWorker {
  readonly qid: number;
  /** Id of the queue's segment in the evidence file. */
  readonly segment: number;
  /** Settles when the thread ended and its queue pair was deleted; never rejects for a device's reason. */
  readonly done: Promise<NativeIoWorkerResult>;
  /** Ends submission; outstanding commands are awaited (bounded), then `done` settles. */
  stop(): void;
  /** Live. */
  counters(): NativeIoCounters;
  /** Commands that follow those of an open sequence. Throws `OUT_OF_RANGE`, `BAD_STATE`. */
  feed(commands: NativeIoCommands): void;
  /** No more will follow: it ends when all are sent. */
  endFeed(): void;
  /** Commands fed and not yet taken. */
  readonly fed: number;
}
