/** What `doorbell perf` asks of a driver host, and what it is told: plain data. */

export const accessPatterns = ['read', 'write', 'rw', 'randread', 'randwrite', 'randrw'] as const;
export type AccessPattern = (typeof accessPatterns)[number];

export interface PerfRequest {
  readonly controller: string;
  readonly allowedDrives: readonly string[];
  readonly rw: AccessPattern;
  /** Of `rw` and `randrw`: share of reads, %. */
  readonly readPercentage: number;
  /** Bytes of a command. */
  readonly blockBytes: number;
  /** Commands outstanding on each queue. */
  readonly qdepth: number;
  /** Queue pairs, each with a thread. */
  readonly queues: number;
  /** Bytes from LBA 0 on; all of the namespace where it is smaller. */
  readonly regionBytes: number;
  readonly timeS: number;
  /** Of all queues together; undefined = as fast as possible. */
  readonly iops?: number;
  /** Write all of the region first. */
  readonly precondition: boolean;
  readonly seed?: bigint;
}

/** How far it is. */
export interface PerfProgress {
  readonly phase: 'precondition' | 'measure';
  /** 0..1 */
  readonly done: number;
  readonly iops: number;
  /** 10^6 bytes a second. */
  readonly mbPerS: number;
}

export interface PerfLatency {
  readonly count: number;
  readonly minUs: number;
  readonly avgUs: number;
  readonly maxUs: number;
  /** By percentile. */
  readonly percentilesUs: Readonly<Record<string, number>>;
}

export interface PerfTotal {
  readonly ios: number;
  readonly bytes: number;
  readonly iops: number;
  readonly mbPerS: number;
  readonly errors: number;
}

export interface PerfReport {
  readonly controller: string;
  readonly model: string;
  readonly serial: string;
  readonly lbaBytes: number;
  readonly regionBytes: number;
  /** Bytes that were written first; 0 = not asked for. */
  readonly preconditionedBytes: number;
  /** Why the queues ended, each once: `completed`, `stopped`, ... */
  readonly ends: readonly string[];
  /** The first failed command's status. */
  readonly firstError?: string;
  readonly elapsedS: number;
  readonly total: PerfTotal;
  readonly read: PerfLatency;
  readonly write: PerfLatency;
  readonly all: PerfLatency;
  /** Paced: from the time that commands were due. */
  readonly fromDue?: PerfLatency;
  /** Commands due and never sent. */
  readonly unsent: number;
  /** Commands of every full second, all queues. */
  readonly ioPerSecond: readonly number[];
  /** Standard deviation of them. */
  readonly deviation: number;
  readonly cpuPercent: number;
  readonly startSkewUs: number;
  /** What the device's SMART / Health log counted while it was measured, bytes; in steps of 512,000. */
  readonly media: { readonly bytesRead: number; readonly bytesWritten: number };
}

export const perfPercentiles: readonly number[] = [1, 10, 50, 90, 99, 99.9, 99.99];
