import type { NativeIoWorkerResult, NativeLatency } from '../nativeIoWorker.ts';
import { type DecodedStatus, decodeStatus } from '../nvme/status.ts';
import type { DataMismatch } from './errors.ts';

/** Why an ioworker ended. */
export type IoWorkerEnd =
  /** Its time, count or region is done. */
  | 'completed'
  /** By {@link IoWorker.stop} or the end of the test. */
  | 'stopped'
  /** A command completed with an error status. */
  | 'device-error'
  /** A command had no completion in time. */
  | 'timed-out'
  /** A read gave other data than was written; only while the namespace is verified. */
  | 'data-mismatch'
  | 'reset'
  | 'power-lost'
  | 'removed';

/** Latencies of one class of commands, microseconds. */
export interface Latency {
  /** Commands. */
  readonly count: number;
  /** Shortest, microseconds. */
  readonly minUs: number;
  /** Mean, microseconds. */
  readonly avgUs: number;
  /** Longest, microseconds. */
  readonly maxUs: number;
  /** By percentile, those asked for. */
  readonly percentilesUs: ReadonlyMap<number, number>;
}

/** What an ioworker did. */
export interface IoWorkerResult {
  /** Why it ended. */
  readonly end: IoWorkerEnd;
  /** The queue it ran on; its command log stays readable. */
  readonly qid: number;
  /** Status of the first command that failed. */
  readonly firstError?: DecodedStatus;
  /** What the first read that was not what was written gave. */
  readonly mismatch?: DataMismatch;
  /** Commands completed. */
  readonly ios: number;
  /** Read commands completed. */
  readonly reads: number;
  /** Write commands completed. */
  readonly writes: number;
  /** Bytes read. */
  readonly bytesRead: number;
  /** Bytes written. */
  readonly bytesWritten: number;
  /** Seconds from its first command to its last completion. */
  readonly elapsedS: number;
  /** Commands a second over the whole time. */
  readonly iops: number;
  /** 10^6 bytes a second. */
  readonly mbPerS: number;
  /** Share of one CPU its thread used, %. */
  readonly cpuPercent: number;
  /** Latencies: of all commands, and by kind. */
  readonly latency: { readonly read: Latency; readonly write: Latency; readonly all: Latency };
}

/** @internal */
export function ioWorkerResult(native: NativeIoWorkerResult, percentiles: readonly number[]): IoWorkerResult {
  const elapsedS = Number(native.elapsedNs) / 1e9;
  const [reads, writes] = [Number(native.reads), Number(native.writes)];
  const [bytesRead, bytesWritten] = [Number(native.bytesRead), Number(native.bytesWritten)];
  const rate = (amount: number): number => (elapsedS > 0 ? amount / elapsedS : 0);
  return {
    end: native.end as IoWorkerEnd,
    qid: native.qid,
    ...(native.firstErrorStatus !== 0 && { firstError: decodeStatus(native.firstErrorStatus) }),
    ...(native.mismatch !== undefined && { mismatch: native.mismatch }),
    ios: reads + writes,
    reads,
    writes,
    bytesRead,
    bytesWritten,
    elapsedS,
    iops: rate(reads + writes),
    mbPerS: rate(bytesRead + bytesWritten) / 1e6,
    cpuPercent: rate(Number(native.cpuNs) / 1e9) * 100,
    latency: {
      read: latencyOf(native.read, percentiles),
      write: latencyOf(native.write, percentiles),
      all: latencyOf(native.all, percentiles),
    },
  };
}

function latencyOf(native: NativeLatency, percentiles: readonly number[]): Latency {
  return {
    count: Number(native.count),
    minUs: native.minNs / 1000,
    avgUs: native.meanNs / 1000,
    maxUs: native.maxNs / 1000,
    percentilesUs: new Map(
      percentiles.map((percentile, index) => [percentile, (native.percentilesNs[index] ?? 0) / 1000]),
    ),
  };
}
