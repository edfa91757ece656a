/** A block: up to 65,536 commands of one minute, its summary first, then its columns. See docs/nvtrace.md. */
import {
  type Batch,
  type ColumnName,
  type Columns,
  columnKinds,
  makeColumn,
  maxBlockCommands,
  maxBlockRanges,
} from './batch.ts';
import { type BlockSummary, readSummary, safe, summarise, summaryBytes, writeSummary } from './blockSummary.ts';
import { decodeColumn, encodeColumn, type StoredColumn } from './columnCodec.ts';
import { TraceDamage } from './traceDamage.ts';

const entryBytes = 16;
const directoryBytes = columnKinds.length * entryBytes;

export interface EncodedBlock {
  readonly summary: BlockSummary;
  readonly payload: Uint8Array;
}

export async function encodeBlock(batch: Batch): Promise<EncodedBlock> {
  const summary = summarise(batch);
  const columns = await Promise.all(
    columnKinds.map(({ name, of }) =>
      encodeColumn(
        batch.columns[name],
        of === 'command' ? batch.count : batch.ranges,
        name === 'time' ? summary.firstNs : undefined,
      ),
    ),
  );
  const size = columns.reduce((sum, { bytes }) => sum + bytes.length, summaryBytes + directoryBytes);
  const payload = new Uint8Array(size);
  const view = new DataView(payload.buffer);
  writeSummary(view, 0, summary);
  let data = summaryBytes + directoryBytes;
  for (const [index, column] of columns.entries()) {
    writeEntry(view, summaryBytes + index * entryBytes, index, column);
    payload.set(column.bytes, data);
    data += column.bytes.length;
  }
  return { summary, payload };
}

function writeEntry(view: DataView, at: number, id: number, column: StoredColumn): void {
  view.setUint8(at, id);
  view.setUint8(at + 1, column.width);
  view.setUint8(at + 2, column.compression);
  view.setUint8(at + 3, 0);
  view.setUint32(at + 4, column.bytes.length, true);
  view.setBigUint64(at + 8, BigInt(column.base), true);
}

/** The columns asked for; those that are not are empty. @throws TraceDamage */
export function decodeBlock(payload: Uint8Array, wanted: ReadonlySet<ColumnName> = everyColumn): Columns {
  const summary = blockSummary(payload);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const out: Partial<Columns> = {};
  let data = summaryBytes + directoryBytes;
  for (const [index, { name, bytes, of }] of columnKinds.entries()) {
    const { column, stored } = readEntry(view, index);
    if (data + stored > payload.length) throw new TraceDamage(`column "${name}" runs past the block's end`);
    const count = of === 'command' ? summary.commands : summary.ranges;
    const values = { ...column, bytes: payload.subarray(data, data + stored) };
    const from = name === 'time' ? summary.firstNs : undefined;
    out[name] = wanted.has(name) ? decodeColumn(values, bytes, count, from) : makeColumn(bytes, 0);
    data += stored;
  }
  if (data !== payload.length) throw new TraceDamage('a block has bytes that belong to no column');
  const columns = out as Columns;
  if (wanted.has('rangeCount')) checkRanges(columns, summary);
  return columns;
}

export const everyColumn: ReadonlySet<ColumnName> = new Set(columnKinds.map(({ name }) => name));

function readEntry(view: DataView, index: number): { column: Omit<StoredColumn, 'bytes'>; stored: number } {
  const at = summaryBytes + index * entryBytes;
  const width = view.getUint8(at + 1);
  const compression = view.getUint8(at + 2);
  if (view.getUint8(at) !== index || ![0, 1, 2, 4, 8].includes(width) || compression > 1) {
    throw new TraceDamage(`entry ${index} of a block's directory is not one of a column`);
  }
  return {
    column: { width, compression: compression === 1 ? 1 : 0, base: safe(view.getBigUint64(at + 8, true)) },
    stored: view.getUint32(at + 4, true),
  };
}

/** @throws TraceDamage */
export function blockSummary(payload: Uint8Array): BlockSummary {
  if (payload.length < summaryBytes + directoryBytes) throw new TraceDamage('a block is shorter than its head');
  const summary = readSummary(new DataView(payload.buffer, payload.byteOffset, payload.byteLength), 0);
  const { commands, ranges } = summary;
  if (commands === 0 || commands > maxBlockCommands || ranges > maxBlockRanges) {
    throw new TraceDamage(`a block claims ${commands} commands and ${ranges} ranges`);
  }
  return summary;
}

function checkRanges({ rangeCount }: Columns, { ranges }: BlockSummary): void {
  let sum = 0;
  for (const count of rangeCount) sum += count;
  if (sum !== ranges) throw new TraceDamage(`commands have ${sum} ranges, their block has ${ranges}`);
}
