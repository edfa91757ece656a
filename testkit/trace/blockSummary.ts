/** What is in a block, without reading it: 88 bytes at its head and again in the index. */
import type { Batch } from './batch.ts';
import { hasRange } from './traceCommand.ts';
import { TraceDamage } from './traceDamage.ts';

export interface BlockSummary {
  readonly commands: number;
  readonly ranges: number;
  /** Whole minutes since time 0: a block never crosses a minute. */
  readonly minute: number;
  readonly firstNs: number;
  readonly lastNs: number;
  readonly reads: number;
  readonly writes: number;
  readonly trims: number;
  readonly flushes: number;
  readonly zeroes: number;
  readonly admin: number;
  readonly blocksRead: number;
  readonly blocksWritten: number;
  /** One past the highest LBA any command names, so far as it is below 2^53. */
  readonly lbaEnd: number;
  /** Completed with a status other than 0. */
  readonly errors: number;
}

export const summaryBytes = 88;
export const minuteNs = 60e9;

type Field = readonly [name: keyof BlockSummary, bytes: 4 | 8];
const fields: readonly Field[] = [
  ['commands', 4],
  ['ranges', 4],
  ['minute', 4],
  ['errors', 4],
  ['reads', 4],
  ['writes', 4],
  ['trims', 4],
  ['flushes', 4],
  ['zeroes', 4],
  ['admin', 4],
  ['firstNs', 8],
  ['lastNs', 8],
  ['blocksRead', 8],
  ['blocksWritten', 8],
  ['lbaEnd', 8],
];

export function writeSummary(view: DataView, offset: number, summary: BlockSummary): void {
  let at = offset;
  for (const [name, bytes] of fields) {
    if (bytes === 4) view.setUint32(at, summary[name], true);
    else view.setBigUint64(at, BigInt(summary[name]), true);
    at += bytes;
  }
}

/** @throws TraceDamage */
export function readSummary(view: DataView, offset: number): BlockSummary {
  const out: Record<string, number> = {};
  let at = offset;
  for (const [name, bytes] of fields) {
    out[name] = bytes === 4 ? view.getUint32(at, true) : safe(view.getBigUint64(at, true));
    at += bytes;
  }
  return out as unknown as BlockSummary;
}

export function safe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new TraceDamage('a number is above 2^53');
  return Number(value);
}

type Tally = { -readonly [K in keyof BlockSummary]: number };

export function summarise({ columns, count, ranges }: Batch): BlockSummary {
  const { time, opcode, queue, status } = columns;
  const firstNs = time[0] ?? 0;
  const tally: Tally = {
    ...{ commands: count, ranges, minute: Math.floor(firstNs / minuteNs), firstNs, lastNs: time[count - 1] ?? 0 },
    ...{ reads: 0, writes: 0, trims: 0, flushes: 0, zeroes: 0, admin: 0 },
    ...{ blocksRead: 0, blocksWritten: 0, lbaEnd: 0, errors: 0 },
  };
  for (let at = 0; at < count; at += 1) {
    if (status[at] !== 0) tally.errors += 1;
    if (queue[at] === 0) tally.admin += 1;
    else countIo(tally, opcode[at] as number, columns.length[at] as number);
  }
  tally.lbaEnd = Math.max(commandsEnd(columns, count), rangesEnd(columns, ranges));
  return tally;
}

function countIo(tally: Tally, opcode: number, length: number): void {
  if (opcode === 0x02) {
    tally.reads += 1;
    tally.blocksRead += length;
  } else if (opcode === 0x01) {
    tally.writes += 1;
    tally.blocksWritten += length;
  } else if (opcode === 0x09) tally.trims += 1;
  else if (opcode === 0x00) tally.flushes += 1;
  else if (opcode === 0x08) tally.zeroes += 1;
}

const reachable = (end: number): number => (end <= Number.MAX_SAFE_INTEGER ? end : 0);

function commandsEnd({ opcode, queue, cdw10, cdw11, length }: Batch['columns'], count: number): number {
  let end = 0;
  for (let at = 0; at < count; at += 1) {
    if (queue[at] === 0 || !hasRange(opcode[at] as number)) continue;
    end = Math.max(
      end,
      reachable((cdw11[at] as number) * 0x1_0000_0000 + (cdw10[at] as number) + (length[at] as number)),
    );
  }
  return end;
}

function rangesEnd({ rangeLow, rangeHigh, rangeLength }: Batch['columns'], count: number): number {
  let end = 0;
  for (let at = 0; at < count; at += 1) {
    const first = (rangeHigh[at] as number) * 0x1_0000_0000 + (rangeLow[at] as number);
    end = Math.max(end, reachable(first + (rangeLength[at] as number)));
  }
  return end;
}
