/** One command of a trace, and what a trace knows of where it comes from. */

/** What of a command was recorded. */
export const TraceFlag = {
  /** `status` (and `dw0`) are the completion's. */
  Completed: 1,
  /** `latencyNs` is from submission to completion. */
  Timed: 2,
  /** `control` (FUA, LR, ...) and `cdw13`..`cdw15` were recorded; without it they are 0 because nobody knows. */
  Control: 4,
  /** Some of the ranges of a Dataset Management command were not recorded. */
  RangesMissing: 8,
} as const;

/** One range of a Dataset Management command (NVM Command Set 1.0, "Dataset Management command"). */
export interface TrimRange {
  readonly attributes: number;
  /** In logical blocks. */
  readonly length: number;
  /** Starting LBA, low and high 32 bits. */
  readonly low: number;
  readonly high: number;
}

/**
 * One command as it was sent. Dwords are those of the submission queue entry. Commands on a range of LBAs have their
 * starting LBA in `cdw10` (low) and `cdw11` (high), as the NVM Command Set puts it there.
 */
export interface TraceRow {
  /** Submission, in ns after the first instant of the trace; never before the row before it. */
  timeNs: number;
  /** Meaningful with `TraceFlag.Timed`. */
  latencyNs: number;
  opcode: number;
  flags: number;
  /** Submission queue; 0 = admin. */
  queue: number;
  cid: number;
  nsid: number;
  cdw10: number;
  cdw11: number;
  /** Number of logical blocks, 1-based, where the command has one; otherwise bits 15:0 of command dword 12. */
  length: number;
  /** Bits 31:16 of command dword 12. */
  control: number;
  cdw13: number;
  cdw14: number;
  cdw15: number;
  /** Bits 15:1 of the completion's dword 3: SC, SCT, CRD, More, DNR. */
  status: number;
  dw0: number;
  /** Of a Dataset Management command. */
  ranges: readonly TrimRange[];
}

export const noRanges: readonly TrimRange[] = [];

export function emptyRow(): TraceRow {
  return {
    timeNs: 0,
    latencyNs: 0,
    opcode: 0,
    flags: 0,
    queue: 0,
    cid: 0,
    nsid: 0,
    cdw10: 0,
    cdw11: 0,
    length: 0,
    control: 0,
    cdw13: 0,
    cdw14: 0,
    cdw15: 0,
    status: 0,
    dw0: 0,
    ranges: noRanges,
  };
}

/** Facts at the head of a trace, as far as they are known when recording starts. */
export interface TraceFacts {
  /** Which kind of recording: `qemu`, `ftrace`, `blkparse`, `fio`. */
  readonly source: string;
  /** What was recorded: an address, a device name, files. */
  readonly controller?: string;
  /** Capacity in logical blocks, as a decimal number. */
  readonly capacityBlocks?: string;
  /** Bytes of a logical block. */
  readonly lbaBytes: number;
  /** ISO 8601 time of time 0, where the recording has wall clock time. */
  readonly startTime?: string;
  /** `wall` or `monotonic`: times are measured. `none`: the recording has no times; they only keep the order. */
  readonly clock: 'wall' | 'monotonic' | 'none';
  /** What `queue` is: the submission queue's identifier, the CPU + 1, or not recorded (all 1). */
  readonly queues: 'sqid' | 'cpu' | 'none';
  /** Name and version of the program that made the file. */
  readonly writer: string;
  /** Anything else worth knowing, by name. */
  readonly notes?: Readonly<Record<string, string>>;
}

/** Facts known only at the end of a recording: lines and commands counted by what became of them. */
export interface TraceTail {
  readonly commands: number;
  /** Commands that were seen but not imported, by reason. */
  readonly left: Readonly<Record<string, number>>;
  /** Other things worth knowing about the recording, by name (clock jumps, lines ignored, ...). */
  readonly counts: Readonly<Record<string, number>>;
}

const rangeOpcodes: ReadonlySet<number> = new Set([0x01, 0x02, 0x04, 0x05, 0x08, 0x0c, 0x7d]);

/** Whether this I/O command works on one range of LBAs: read, write, compare, verify, zeroes, uncorrectable, append. */
export const hasRange = (opcode: number): boolean => rangeOpcodes.has(opcode);

/** Starting LBA as a number; above 2^53 only nearly so. */
export const slbaOf = (row: { readonly cdw10: number; readonly cdw11: number }): number =>
  row.cdw11 * 0x1_0000_0000 + row.cdw10;
