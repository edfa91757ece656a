/** Commands as columns: what a block of a trace holds, in memory. */
import { noRanges, type TraceRow, type TrimRange } from './traceCommand.ts';

/** Commands of one block at most: caps the memory any block can ask for. */
export const maxBlockCommands = 65_536;
/** Ranges of one block at most. */
export const maxBlockRanges = 65_536;

/** Bytes of a value in memory; 8 = a whole number up to 2^53 - 1. */
type Bytes = 1 | 2 | 4 | 8;

export interface ColumnKind {
  readonly name: string;
  readonly bytes: Bytes;
  /** One value per command, or per range. */
  readonly of: 'command' | 'range';
}

/** In the order of the file; the place is the column's number there. */
export const columnKinds = [
  { name: 'time', bytes: 8, of: 'command' },
  { name: 'latency', bytes: 8, of: 'command' },
  { name: 'opcode', bytes: 1, of: 'command' },
  { name: 'flags', bytes: 1, of: 'command' },
  { name: 'queue', bytes: 2, of: 'command' },
  { name: 'cid', bytes: 2, of: 'command' },
  { name: 'nsid', bytes: 4, of: 'command' },
  { name: 'cdw10', bytes: 4, of: 'command' },
  { name: 'cdw11', bytes: 4, of: 'command' },
  { name: 'length', bytes: 4, of: 'command' },
  { name: 'control', bytes: 2, of: 'command' },
  { name: 'cdw13', bytes: 4, of: 'command' },
  { name: 'cdw14', bytes: 4, of: 'command' },
  { name: 'cdw15', bytes: 4, of: 'command' },
  { name: 'status', bytes: 2, of: 'command' },
  { name: 'dw0', bytes: 4, of: 'command' },
  { name: 'rangeCount', bytes: 2, of: 'command' },
  { name: 'rangeAttributes', bytes: 4, of: 'range' },
  { name: 'rangeLength', bytes: 4, of: 'range' },
  { name: 'rangeLow', bytes: 4, of: 'range' },
  { name: 'rangeHigh', bytes: 4, of: 'range' },
] as const satisfies readonly ColumnKind[];

export type ColumnName = (typeof columnKinds)[number]['name'];
export type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;
export type Columns = Record<ColumnName, Column>;

export function makeColumn(bytes: Bytes, length: number): Column {
  if (bytes === 1) return new Uint8Array(length);
  if (bytes === 2) return new Uint16Array(length);
  return bytes === 4 ? new Uint32Array(length) : new Float64Array(length);
}

/** Room of a batch to begin with: most traces of tests and quiet minutes are small. */
const firstRoom = 1024;

/** Takes rows until it is full. `time` holds absolute times; only the file has differences. */
export class Batch {
  readonly columns: Columns;
  count = 0;
  ranges = 0;
  #commandRoom = firstRoom;
  #rangeRoom = firstRoom;

  constructor() {
    this.columns = Object.fromEntries(
      columnKinds.map(({ name, bytes }) => [name, makeColumn(bytes, firstRoom)]),
    ) as Columns;
  }

  hasRoomFor(ranges: number): boolean {
    return this.count < maxBlockCommands && this.ranges + ranges <= maxBlockRanges;
  }

  add(row: TraceRow): void {
    if (this.count === this.#commandRoom) this.#commandRoom = this.#grow('command', maxBlockCommands);
    const at = this.count++;
    const { columns } = this;
    columns.time[at] = row.timeNs;
    columns.latency[at] = row.latencyNs;
    columns.opcode[at] = row.opcode;
    columns.flags[at] = row.flags;
    columns.queue[at] = row.queue;
    columns.cid[at] = row.cid;
    columns.nsid[at] = row.nsid;
    columns.cdw10[at] = row.cdw10;
    columns.cdw11[at] = row.cdw11;
    columns.length[at] = row.length;
    columns.control[at] = row.control;
    columns.cdw13[at] = row.cdw13;
    columns.cdw14[at] = row.cdw14;
    columns.cdw15[at] = row.cdw15;
    columns.status[at] = row.status;
    columns.dw0[at] = row.dw0;
    columns.rangeCount[at] = row.ranges.length;
    if (row.ranges.length > 0) this.#addRanges(row.ranges);
  }

  #grow(of: 'command' | 'range', room: number): number {
    for (const kind of columnKinds) {
      if (kind.of !== of) continue;
      const larger = makeColumn(kind.bytes, room);
      larger.set(this.columns[kind.name]);
      this.columns[kind.name] = larger;
    }
    return room;
  }

  #addRanges(ranges: readonly TrimRange[]): void {
    if (this.ranges + ranges.length > this.#rangeRoom) this.#rangeRoom = this.#grow('range', maxBlockRanges);
    const { rangeAttributes, rangeLength, rangeLow, rangeHigh } = this.columns;
    for (const { attributes, length, low, high } of ranges) {
      rangeAttributes[this.ranges] = attributes;
      rangeLength[this.ranges] = length;
      rangeLow[this.ranges] = low;
      rangeHigh[this.ranges] = high;
      this.ranges += 1;
    }
  }
}

/** The rows of a block whose columns were all read. */
export function* rowsOf(columns: Columns): Generator<TraceRow> {
  let range = 0;
  const at = (name: ColumnName, index: number): number => columns[name][index] ?? 0;
  for (let index = 0; index < columns.time.length; index += 1) {
    const count = at('rangeCount', index);
    const ranges = count === 0 ? noRanges : Array.from({ length: count }, (_, k) => rangeAt(columns, range + k));
    range += count;
    yield {
      timeNs: at('time', index),
      latencyNs: at('latency', index),
      opcode: at('opcode', index),
      flags: at('flags', index),
      queue: at('queue', index),
      cid: at('cid', index),
      nsid: at('nsid', index),
      cdw10: at('cdw10', index),
      cdw11: at('cdw11', index),
      length: at('length', index),
      control: at('control', index),
      cdw13: at('cdw13', index),
      cdw14: at('cdw14', index),
      cdw15: at('cdw15', index),
      status: at('status', index),
      dw0: at('dw0', index),
      ranges,
    };
  }
}

function rangeAt({ rangeAttributes, rangeLength, rangeLow, rangeHigh }: Columns, index: number): TrimRange {
  return {
    attributes: rangeAttributes[index] ?? 0,
    length: rangeLength[index] ?? 0,
    low: rangeLow[index] ?? 0,
    high: rangeHigh[index] ?? 0,
  };
}
