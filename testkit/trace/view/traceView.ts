/** What a picture of a trace shows of a stretch of time and of LBAs, at a resolution: never more than its cells. */
import type { Columns } from '../batch.ts';

export interface ViewRange {
  readonly fromNs: number;
  readonly toNs: number;
  readonly fromLba: number;
  readonly toLba: number;
}

export interface ViewRequest extends ViewRange {
  /** Cells of the scatter, and buckets of the curves. */
  readonly columns: number;
  readonly rows: number;
}

/** Kinds of commands that have colours of their own. */
export const viewKinds = ['read', 'write', 'trim', 'zeroes', 'other'] as const;

export interface SizeShare {
  /** Logical blocks of a command; the last may gather larger ones. */
  readonly from: number;
  readonly to: number;
  readonly reads: number;
  readonly writes: number;
}

export interface HotRegion {
  readonly slba: number;
  readonly blocks: number;
  readonly reads: number;
  readonly writes: number;
  readonly others: number;
}

export interface TraceView {
  readonly request: ViewRequest;
  /** Commands by kind, row and column: kind * rows * columns + row * columns + column; row 0 is the lowest LBA. */
  readonly cells: Uint16Array;
  /** Commands in flight on average, by column; NaN-free. */
  readonly depth: Float32Array;
  readonly reads: Uint32Array;
  readonly writes: Uint32Array;
  readonly commands: number;
  readonly sizes: readonly SizeShare[];
  readonly regions: readonly HotRegion[];
  /** Share of the commands of this stretch that it is made of, 0 to 1. */
  readonly share: number;
}

const regionCount = 65_536;
const shownRegions = 20;
const sizeClasses = 24;

const kindOf = new Uint8Array(256).fill(4);
kindOf[0x02] = 0;
kindOf[0x01] = 1;
kindOf[0x09] = 2;
kindOf[0x08] = 3;

/** The columns of a block that a view is made of. */
export const viewColumns = new Set([
  ...(['time', 'latency', 'opcode', 'flags', 'queue', 'cdw10', 'cdw11', 'length'] as const),
  ...(['rangeCount', 'rangeLow', 'rangeHigh', 'rangeLength'] as const),
] as const);

/** Takes blocks in any order; `result` may be asked for in between. */
export class ViewBuilder {
  readonly #cells: Uint16Array;
  readonly #reads: Uint32Array;
  readonly #writes: Uint32Array;
  /** Time spent by commands within each bucket, ns, and the change of how many span a whole bucket. */
  readonly #busy: Float64Array;
  readonly #spans: Int32Array;
  readonly #sizes = [new Uint32Array(sizeClasses), new Uint32Array(sizeClasses)] as const;
  readonly #regions = [0, 1, 2].map(() => new Uint32Array(regionCount));
  readonly #regionBlocks: number;
  readonly #bucketNs: number;
  readonly #rowBlocks: number;
  #commands = 0;

  constructor(
    readonly request: ViewRequest,
    lbaEnd: number,
  ) {
    const { columns, rows, fromNs, toNs, fromLba, toLba } = request;
    this.#cells = new Uint16Array(viewKinds.length * rows * columns);
    this.#reads = new Uint32Array(columns);
    this.#writes = new Uint32Array(columns);
    this.#busy = new Float64Array(columns);
    this.#spans = new Int32Array(columns + 1);
    this.#bucketNs = Math.max(1, toNs - fromNs) / columns;
    this.#rowBlocks = Math.max(1, toLba - fromLba) / rows;
    this.#regionBlocks = 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(1, lbaEnd) / regionCount)));
  }

  add(block: Columns): void {
    const { time, latency, opcode, flags, queue, cdw10, cdw11, length, rangeCount } = block;
    const { fromNs, toNs } = this.request;
    let range = 0;
    for (let at = 0; at < time.length; at += 1) {
      const ranges = rangeCount[at] as number;
      const firstRange = range;
      range += ranges;
      const submitted = time[at] as number;
      if (((flags[at] as number) & 2) !== 0) this.#inFlight(submitted, submitted + (latency[at] as number));
      if (submitted < fromNs || submitted >= toNs || queue[at] === 0) continue;
      this.#commands += 1;
      const column = Math.floor((submitted - fromNs) / this.#bucketNs);
      const kind = kindOf[opcode[at] as number] as number;
      const slba = (cdw11[at] as number) * 0x1_0000_0000 + (cdw10[at] as number);
      if (kind <= 1) this.#transfer(kind, column, length[at] as number);
      if (kind === 2) this.#trims(block, column, firstRange, ranges);
      else if (opcode[at] !== 0) this.#place(kind, column, slba, length[at] as number);
    }
  }

  #transfer(kind: number, column: number, blocks: number): void {
    const series = kind === 0 ? this.#reads : this.#writes;
    series[column] = (series[column] as number) + 1;
    const sizes = this.#sizes[kind === 0 ? 0 : 1];
    const size = Math.min(sizeClasses - 1, Math.ceil(Math.log2(Math.max(1, blocks))));
    sizes[size] = (sizes[size] as number) + 1;
  }

  #trims({ rangeLow, rangeHigh, rangeLength }: Columns, column: number, first: number, count: number): void {
    for (let at = first; at < first + count; at += 1) {
      const slba = (rangeHigh[at] as number) * 0x1_0000_0000 + (rangeLow[at] as number);
      this.#place(2, column, slba, rangeLength[at] as number);
    }
  }

  /** Every row a command touches gets a point; its first region is what counts for the hottest ones. */
  #place(kind: number, column: number, slba: number, blocks: number): void {
    const { fromLba, toLba, rows, columns } = this.request;
    const region = Math.floor(slba / this.#regionBlocks);
    if (region < regionCount) {
      const counts = this.#regions[Math.min(kind, 2)] as Uint32Array;
      counts[region] = (counts[region] as number) + 1;
    }
    const end = slba + Math.max(1, blocks);
    if (slba >= toLba || end <= fromLba) return;
    const first = Math.max(0, Math.floor((slba - fromLba) / this.#rowBlocks));
    const last = Math.min(rows - 1, Math.floor((end - 1 - fromLba) / this.#rowBlocks));
    for (let row = first; row <= last; row += 1) {
      const cell = (kind * rows + row) * columns + column;
      const count = this.#cells[cell] as number;
      if (count < 0xffff) this.#cells[cell] = count + 1;
    }
  }

  #inFlight(from: number, to: number): void {
    const { fromNs, toNs, columns } = this.request;
    if (to <= fromNs || from >= toNs) return;
    const start = (Math.max(from, fromNs) - fromNs) / this.#bucketNs;
    const end = Math.min((to - fromNs) / this.#bucketNs, columns);
    const first = Math.min(columns - 1, Math.floor(start));
    const last = Math.min(columns - 1, Math.floor(end));
    const busy = this.#busy;
    if (first === last) {
      busy[first] = (busy[first] as number) + (end - start);
      return;
    }
    busy[first] = (busy[first] as number) + (first + 1 - start);
    busy[last] = (busy[last] as number) + (end - last);
    this.#spans[first + 1] = (this.#spans[first + 1] as number) + 1;
    this.#spans[last] = (this.#spans[last] as number) - 1;
  }

  /** The picture so far: `share` of the commands are in it. */
  result(share: number): TraceView {
    const depth = new Float32Array(this.request.columns);
    let spanning = 0;
    for (let column = 0; column < depth.length; column += 1) {
      spanning += this.#spans[column] as number;
      depth[column] = (spanning + (this.#busy[column] as number)) / Math.max(share, 1e-9);
    }
    return {
      request: this.request,
      cells: this.#cells.slice(),
      depth,
      reads: this.#reads.slice(),
      writes: this.#writes.slice(),
      commands: this.#commands,
      sizes: this.#sizeShares(),
      regions: this.#hottest(),
      share,
    };
  }

  #sizeShares(): SizeShare[] {
    const [reads, writes] = this.#sizes;
    return Array.from({ length: sizeClasses }, (_, size) => ({
      from: size === 0 ? 1 : 2 ** (size - 1) + 1,
      to: 2 ** size,
      reads: reads[size] as number,
      writes: writes[size] as number,
    })).filter((share) => share.reads + share.writes > 0);
  }

  #hottest(): HotRegion[] {
    const [reads, writes, others] = this.#regions as [Uint32Array, Uint32Array, Uint32Array];
    const all: HotRegion[] = [];
    for (let region = 0; region < regionCount; region += 1) {
      const hot = {
        reads: reads[region] as number,
        writes: writes[region] as number,
        others: others[region] as number,
      };
      if (hot.reads + hot.writes + hot.others === 0) continue;
      all.push({ slba: region * this.#regionBlocks, blocks: this.#regionBlocks, ...hot });
    }
    const heat = (hot: HotRegion): number => hot.reads + hot.writes + hot.others;
    return all.sort((a, b) => heat(b) - heat(a)).slice(0, shownRegions);
  }
}
