import type { NativeIoWorkerResult } from '../../nativeIoWorker.ts';
import { ioCommandName } from '../../nvme/opcode.ts';
import { type DecodedStatus, decodeStatus } from '../../nvme/status.ts';
import type { DataMismatch } from '../errors.ts';
import type { LoggedCommand } from '../queueLog.ts';
import { type IoSeries, iopsConsistency, seriesOf, totalsPerSecond } from './ioSeries.ts';
import type { IoWorkerOutputs } from './ioWorkerOutputs.ts';
import { type Latencies, Latency, latenciesOf } from './latency.ts';

/** Why an ioworker ended. */
export type IoWorkerEnd =
  /** Its time, count, recording or region is done. */
  | 'completed'
  /** By {@link IoWorker.stop}, the end of the test, or because its controller was closed. */
  | 'stopped'
  /** A command completed with an error status. */
  | 'device-error'
  /** A command had no completion in time. */
  | 'timed-out'
  /** A read gave other data than was written; only while the namespace is verified. */
  | 'data-mismatch'
  /** The controller was reset or disabled. */
  | 'reset'
  | 'power-lost'
  /** The device, or the platform it was on, is gone. */
  | 'removed';

/** Commands of one opcode that completed without error. */
export interface OpcodeResult {
  /** By the specification. */
  readonly name: string;
  /** Commands. */
  readonly ios: number;
  /** Bytes they moved. */
  readonly bytes: number;
  /** From the submission on. */
  readonly latency: Latency;
}

/** What an ioworker did. */
export interface IoWorkerResult {
  /** Why it ended. */
  readonly end: IoWorkerEnd;
  /** The queue it ran on; its command log stays readable. */
  readonly qid: number;
  /** Status of the first command that failed. */
  readonly firstError?: DecodedStatus;
  /** Commands that failed: with an error status, or with other data than was written. */
  readonly errors: number;
  /** What the first read that was not what was written gave. */
  readonly mismatch?: DataMismatch;
  /** Commands completed without error. */
  readonly ios: number;
  /** Read commands among them. */
  readonly reads: number;
  /** Write commands among them. */
  readonly writes: number;
  /** All others among them. */
  readonly others: number;
  /** By opcode, those of the mix. */
  readonly byOpcode: ReadonlyMap<number, OpcodeResult>;
  /** Bytes read. */
  readonly bytesRead: number;
  /** Bytes written. */
  readonly bytesWritten: number;
  /** Seconds from its start to its last completion. */
  readonly elapsedS: number;
  /** Seconds from its start to the end of submission. */
  readonly windowS: number;
  /** Commands a second until the last completion. */
  readonly iops: number;
  /** 10^6 bytes a second. */
  readonly mbPerS: number;
  /** Share of one CPU its thread used, %. */
  readonly cpuPercent: number;
  /** Latencies from the submission on: of all commands, and by kind. */
  readonly latency: Latencies;
  /** Paced or replayed: latencies from the time the command was due, so that what waited behind a slow one counts too. */
  readonly latencyFromDue?: Latencies;
  /** Paced or replayed: the most a submission was behind its due time, microseconds. */
  readonly maxLagUs: number;
  /** Paced or replayed: commands due before the end that were never sent. */
  readonly unsent: number;
  /** How far apart the ioworkers that were started together began, microseconds; 0 when it was alone. */
  readonly startSkewUs: number;
  /** Commands and bytes of each interval since the start. */
  readonly series: IoSeries;
  /** With `outputIoPerSecond`: commands of every full second. */
  readonly ioPerSecond?: readonly number[];
  /** With `outputCmdlog`: the last commands, newest first. */
  readonly cmdlog?: readonly LoggedCommand[];
  /**
   * With `outputIoPerSecond`: the slowest seconds against the average, %. `slowest` 99.9 is the IOPS that 99.9 % of the full seconds
   * reach at least, in % of the average.
   * @throws RangeError without a full second, or without `outputIoPerSecond`
   */
  iopsConsistency(slowest?: number): number;
}

/** What only the ioworker's side knows. @internal */
export interface IoWorkerFacts {
  readonly outputs: IoWorkerOutputs;
  readonly startSkewUs: number;
  readonly cmdlog: readonly LoggedCommand[];
}

/** @internal */
export function ioWorkerResult(native: NativeIoWorkerResult, facts: IoWorkerFacts): IoWorkerResult {
  const { percentiles, ioPerSecond: isPerSecond, cmdlog: commands } = facts.outputs;
  const series = seriesOf(native);
  const ioPerSecond = isPerSecond ? totalsPerSecond(series) : undefined;
  return {
    end: native.end as IoWorkerEnd,
    qid: native.qid,
    ...(native.firstErrorStatus !== 0 && { firstError: decodeStatus(native.firstErrorStatus) }),
    errors: Number(native.errors),
    ...(native.mismatch !== undefined && { mismatch: native.mismatch }),
    ...amountsOf(native),
    byOpcode: byOpcode(native, percentiles),
    latency: latenciesOf(native, percentiles),
    ...(native.fromDue && { latencyFromDue: latenciesOf(native.fromDue, percentiles) }),
    maxLagUs: Number(native.maxLagNs) / 1000,
    unsent: Number(native.unsent),
    startSkewUs: facts.startSkewUs,
    series,
    ...(ioPerSecond && { ioPerSecond }),
    ...(commands > 0 && { cmdlog: facts.cmdlog }),
    iopsConsistency: (slowest = 99.9) => iopsConsistency(ioPerSecond, slowest),
  };
}

function amountsOf(native: NativeIoWorkerResult) {
  const elapsedS = Number(native.elapsedNs) / 1e9;
  const rate = (amount: number): number => (elapsedS > 0 ? amount / elapsedS : 0);
  const [reads, writes, others] = [Number(native.reads), Number(native.writes), Number(native.others)];
  const bytes = native.ops.reduce((sum, op) => sum + Number(op.bytes), 0);
  return {
    ios: reads + writes + others,
    reads,
    writes,
    others,
    bytesRead: Number(native.bytesRead),
    bytesWritten: Number(native.bytesWritten),
    elapsedS,
    windowS: Number(native.windowNs) / 1e9,
    iops: rate(reads + writes + others),
    mbPerS: rate(bytes) / 1e6,
    cpuPercent: rate(Number(native.cpuNs) / 1e9) * 100,
  };
}

function byOpcode(native: NativeIoWorkerResult, percentiles: readonly number[]): Map<number, OpcodeResult> {
  return new Map(
    native.ops.map(({ opcode, ios, bytes, latency }) => [
      opcode,
      {
        name: ioCommandName(opcode),
        ios: Number(ios),
        bytes: Number(bytes),
        latency: new Latency(latency, percentiles),
      },
    ]),
  );
}
