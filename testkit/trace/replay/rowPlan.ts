/** What is sent for a command of a trace: the same, moved, divided, or nothing. */
import { nvmOpcode } from '../../nvme/opcode.ts';
import { TraceFlag, type TraceRow } from '../traceCommand.ts';

/** Everything that may be sent again: the rest needs data or lists a trace does not have. */
export const replayedOpcodes: readonly number[] = [
  nvmOpcode.flush,
  nvmOpcode.write,
  nvmOpcode.read,
  nvmOpcode.writeUncorrectable,
  nvmOpcode.writeZeroes,
  nvmOpcode.datasetManagement,
  nvmOpcode.verify,
];

export interface ReplayTarget {
  readonly lbaBytes: number;
  /** First LBA that may be touched, and one past the last. */
  readonly start: number;
  readonly end: number;
  /** Logical blocks of a command with data, at most. */
  readonly mostBlocks: number;
}

export interface PlannedCommand {
  readonly slba: number;
  readonly blocks: number;
  readonly fua: boolean;
}

const mostNlb = 65_536;
const fuaBit = 0x4000;

type Left = { readonly left: string };
type Piece = { slba: number; blocks: number };

/** Counts what it changes and leaves out. */
export class RowPlanner {
  readonly left: Record<string, number> = {};
  readonly changed: Record<string, number> = {};
  /** By what a recorded LBA is multiplied, and divided. */
  readonly #ratio: number;

  constructor(
    private readonly target: ReplayTarget,
    private readonly options: {
      readonly lbaBytes: number;
      readonly lbaEnd: number;
      readonly scale: boolean;
      readonly readOnly: boolean;
    },
  ) {
    const recordedEnd = (options.lbaEnd * options.lbaBytes) / target.lbaBytes;
    const room = target.end - target.start;
    this.#ratio = options.scale && recordedEnd > room ? room / recordedEnd : 1;
  }

  /** Whether LBAs are scaled. */
  get scaled(): boolean {
    return this.#ratio < 1;
  }

  plan(row: TraceRow): readonly PlannedCommand[] {
    const reason = this.#reasonAgainst(row);
    if (reason) return this.#leave(reason);
    const { opcode } = row;
    if (opcode === nvmOpcode.flush) return [{ slba: 0, blocks: 1, fua: false }];
    if (opcode === nvmOpcode.datasetManagement) return this.#ranges(row);
    const placed = this.#place(row.cdw11 * 0x1_0000_0000 + row.cdw10, row.length);
    if ('left' in placed) return this.#leave(placed.left);
    const hasData = opcode === nvmOpcode.read || opcode === nvmOpcode.write;
    const pieces = divided(placed, hasData ? this.target.mostBlocks : mostNlb);
    if (pieces.length > 1) this.#change('larger than the drive takes: divided');
    const fua = (row.control & fuaBit) !== 0;
    return pieces.map((piece) => ({ ...piece, fua }));
  }

  #reasonAgainst({ queue, opcode, status, flags, cdw11 }: TraceRow): string | undefined {
    if (queue === 0) return 'admin command';
    if (!replayedOpcodes.includes(opcode)) return 'the trace has not all that this command needs';
    if (flags & TraceFlag.Completed && status !== 0) return 'failed when it was recorded';
    const reads = opcode === nvmOpcode.read || opcode === nvmOpcode.verify;
    if (this.options.readOnly && !reads) return 'not a read';
    if (opcode === nvmOpcode.datasetManagement && !(cdw11 & 4)) return 'the trace has not all that this command needs';
    return undefined;
  }

  #ranges({ ranges, flags }: TraceRow): readonly PlannedCommand[] {
    if (flags & TraceFlag.RangesMissing) this.#change('Dataset Management without the ranges that were not recorded');
    if (ranges.length > 1) this.#change('Dataset Management of several ranges: a command for each');
    const out: PlannedCommand[] = [];
    for (const { low, high, length } of ranges) {
      const placed = this.#place(high * 0x1_0000_0000 + low, length);
      if (!('left' in placed)) out.push({ ...placed, fua: false });
    }
    return out.length > 0 ? out : this.#leave('beyond the region');
  }

  /** In blocks of the target. */
  #place(slba: number, length: number): Piece | Left {
    const { lbaBytes, start, end } = this.target;
    const unit = this.options.lbaBytes / lbaBytes;
    const first = Math.floor(slba * unit * this.#ratio);
    const blocks = Math.max(1, Math.ceil(length * unit));
    if (unit < 1 && (!Number.isInteger(slba * unit) || !Number.isInteger(length * unit))) {
      this.#change('rounded to the logical blocks of the drive');
    }
    const room = end - start;
    if (first + blocks <= room) return { slba: start + first, blocks };
    // Scaled ones keep their size: the last are moved back a little.
    if (this.scaled && blocks <= room) return { slba: end - blocks, blocks };
    return { left: 'beyond the region' };
  }

  #leave(reason: string): readonly PlannedCommand[] {
    this.left[reason] = (this.left[reason] ?? 0) + 1;
    return [];
  }

  #change(what: string): void {
    this.changed[what] = (this.changed[what] ?? 0) + 1;
  }
}

function divided({ slba, blocks }: Piece, most: number): Piece[] {
  if (blocks <= most) return [{ slba, blocks }];
  const pieces: Piece[] = [];
  for (let done = 0; done < blocks; done += most)
    pieces.push({ slba: slba + done, blocks: Math.min(most, blocks - done) });
  return pieces;
}
