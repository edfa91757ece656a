/** Commands of a trace as lines of a table. */
import { commandName } from '../../nvme/opcode.ts';
import { decodeStatus, formatStatus } from '../../nvme/status.ts';
import { rowsOf } from '../batch.ts';
import { hasRange, TraceFlag, type TraceRow } from '../traceCommand.ts';
import type { TraceReader } from '../traceReader.ts';

export interface TableRow {
  /** From 0, in the trace. */
  readonly index: number;
  readonly timeNs: number;
  /** Undefined where it is not known. */
  readonly latencyNs?: number;
  readonly name: string;
  readonly queue: number;
  readonly cid: number;
  readonly nsid: number;
  /** Empty for commands without LBAs. */
  readonly place: string;
  readonly blocks: string;
  readonly notes: string;
  readonly status: string;
  readonly failed: boolean;
}

/** Up to `count` commands from the `first`. */
export async function tableRows(reader: TraceReader, first: number, count: number): Promise<TableRow[]> {
  const out: TableRow[] = [];
  let start = 0;
  for (const block of reader.blocks) {
    const end = start + block.summary.commands;
    if (end > first + out.length && out.length < count) {
      const skip = first + out.length - start;
      const rows = [...rowsOf(await reader.read(block))].slice(skip, skip + count - out.length);
      for (const row of rows) out.push(tableRow(row, first + out.length));
    }
    if (out.length >= count) break;
    start = end;
  }
  return out;
}

/** The first command at or after a time. */
export async function indexAt(reader: TraceReader, timeNs: number): Promise<number> {
  let start = 0;
  for (const block of reader.blocks) {
    if (block.summary.lastNs >= timeNs) {
      const { time } = await reader.read(block, new Set(['time']));
      return (
        start +
        Math.max(
          0,
          time.findIndex((value) => value >= timeNs),
        )
      );
    }
    start += block.summary.commands;
  }
  return Math.max(0, start - 1);
}

function tableRow(row: TraceRow, index: number): TableRow {
  const { timeNs, opcode, queue, cid, nsid, flags, status } = row;
  const completed = (flags & TraceFlag.Completed) !== 0;
  return {
    ...{ index, timeNs, queue, cid, nsid },
    ...((flags & TraceFlag.Timed) !== 0 && { latencyNs: row.latencyNs }),
    name: commandName(queue, opcode),
    ...placeOf(row),
    notes: notesOf(row),
    status: completed ? formatStatus(decodeStatus(status)) : '',
    failed: completed && status !== 0,
  };
}

const lba = (low: number, high: number): string => ((BigInt(high) << 32n) | BigInt(low)).toString();

function placeOf({ queue, opcode, cdw10, cdw11, length, ranges }: TraceRow): { place: string; blocks: string } {
  if (queue > 0 && hasRange(opcode)) return { place: lba(cdw10, cdw11), blocks: String(length) };
  const [range] = ranges;
  if (!range) return { place: '', blocks: '' };
  const more = ranges.length > 1 ? ` (+${ranges.length - 1})` : '';
  return { place: `${lba(range.low, range.high)}${more}`, blocks: `${range.length}${more}` };
}

function notesOf({ queue, opcode, control, flags }: TraceRow): string {
  const isRange = queue > 0 && hasRange(opcode);
  return [
    ...(isRange && control & 0x4000 ? ['FUA'] : []),
    ...(isRange && control & 0x8000 ? ['LR'] : []),
    ...(flags & TraceFlag.RangesMissing ? ['ranges missing'] : []),
  ].join(' ');
}
