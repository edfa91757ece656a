/** What a replay asks of a driver host, and what it is told: plain data. */

export interface ReplayRequest {
  /** Absolute path of a .nvtrace file. */
  readonly trace: string;
  readonly controller: string;
  readonly allowedDrives: readonly string[];
  /** Times as fast as recorded; `max`: as fast as the drive takes commands, in their order on each queue. */
  readonly speed: number | 'max';
  /** Queue pairs; undefined = as many as recorded. Recorded queues share them out in turn. */
  readonly queues?: number;
  /** Commands outstanding on each queue. */
  readonly qdepth: number;
  /** Only LBAs of this part of namespace 1 are touched: first, and one past the last. Default: all of it. */
  readonly region?: { readonly start: number; readonly end: number };
  /** Whether LBAs are scaled down where the recorded drive was larger than the region; otherwise such commands are left out. */
  readonly scale: boolean;
  /** Send reads (and Verify) only. */
  readonly readOnly: boolean;
}

export interface ReplayProgress {
  /** Commands completed, of those recorded. */
  readonly done: number;
  readonly total: number;
  readonly iops: number;
}

/** Latencies or drift, microseconds. */
export interface ReplayTimes {
  readonly count: number;
  readonly avgUs: number;
  readonly maxUs: number;
  /** By percentile. */
  readonly percentilesUs: Readonly<Record<string, number>>;
}

export interface ReplayedOpcode {
  readonly opcode: number;
  readonly latency: ReplayTimes;
  /** The recording's, where it has any. */
  readonly recorded?: ReplayTimes;
}

export interface ReplayReport {
  readonly controller: string;
  readonly model: string;
  readonly serial: string;
  readonly queues: number;
  /** Commands in the trace. */
  readonly recorded: number;
  /** Commands sent: more than recorded where some had to be divided. */
  readonly sent: number;
  readonly completed: number;
  readonly errors: number;
  /** The first failed command's status. */
  readonly firstError?: string;
  /** Why the queues ended, each once. */
  readonly ends: readonly string[];
  /** Commands of the trace that were not sent, by reason. */
  readonly left: Readonly<Record<string, number>>;
  /** Commands that were sent in another form, by what was done. */
  readonly changed: Readonly<Record<string, number>>;
  /** From the first command to the last as planned, and as it was. */
  readonly plannedS: number;
  readonly elapsedS: number;
  readonly iops: number;
  /** From the planned to the actual sending; not of replays at full speed. */
  readonly drift?: ReplayTimes;
  readonly ops: readonly ReplayedOpcode[];
  /** Where the trace could not be read any further. */
  readonly damage?: string;
}

export const replayPercentiles: readonly number[] = [50, 90, 99, 99.9];
