/** Ioworkers on the addon's typed surface: `native/binding/io_worker_object.cpp`. */
import type { NativeMismatch } from './nativeQpair.ts';

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
  /** 'completed' | 'stopped' | 'device-error' | 'data-mismatch' | 'timed-out' | 'reset' | 'power-lost' | 'removed' */
  readonly end: string;
  /** Status field (15 bits) of the first failed command, 0 when none failed. */
  readonly firstErrorStatus: number;
  /** Sequence of that command on its queue, for the command log link; 0 when none. */
  readonly firstErrorSequence: bigint;
  /** The first read that was not what was written; only while the namespace is verified. */
  readonly mismatch?: NativeMismatch;
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
