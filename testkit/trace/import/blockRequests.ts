/** Requests of Linux's block layer, as `blkparse` and the block tracepoints show them: no tags, 512-byte sectors. */
import { nvmOpcode } from '../../nvme/opcode.ts';
import { TraceFlag } from '../traceCommand.ts';
import type { OpenCommand } from './commandStream.ts';
import type { ParserContext } from './parser.ts';
import { at } from './words.ts';

export const sectorBytes = 512;
const u32 = 0xffff_ffff;

/** What the letters of a request (`WSM`, `FN`, `RA`, ...) say. */
export interface RequestKind {
  readonly opcode: number;
  readonly fua: boolean;
  /** Of the map that finds a request when it completes. */
  readonly code: number;
}

/** Undefined for requests that are no NVM command of known fields: passed-through ones, zone management. */
export function requestKind(bytes: Uint8Array, from: number, end: number): RequestKind | undefined {
  const first = at(bytes, from);
  const second = end > from + 1 ? at(bytes, from + 1) : 0;
  // F before the operation is a flush before it; alone, or before F or N, the request is that flush itself.
  if (first === 0x46) {
    if (second === 0 || second === 0x46 || second === 0x4e || second === 0x53)
      return { opcode: nvmOpcode.flush, fua: false, code: 0 };
    return requestKind(bytes, from + 1, end);
  }
  if (first === 0x44) return { opcode: nvmOpcode.datasetManagement, fua: false, code: 3 };
  if (first !== 0x52 && first !== 0x57) return undefined;
  const write = first === 0x57;
  let fua = false;
  for (let index = from + 1; index < end; index += 1) if (at(bytes, index) === 0x46) fua = true;
  return { opcode: write ? nvmOpcode.write : nvmOpcode.read, fua, code: write ? 1 : 2 };
}

export interface BlockRequest {
  readonly timeNs: number;
  readonly kind: RequestKind;
  readonly cpu: number;
  readonly sector: number;
  readonly sectors: number;
}

/** Several requests of one kind at one sector may be open: the oldest completes first. */
export class BlockRequests {
  readonly #open = new Map<number, OpenCommand[]>();
  #nextKey = 0;

  constructor(private readonly context: ParserContext) {}

  issue(request: BlockRequest): void {
    const { stream, tally, options } = this.context;
    const per = options.lbaBytes / sectorBytes;
    const slba = request.sector / per;
    const length = request.sectors / per;
    if (!Number.isInteger(slba) || !Number.isInteger(length)) {
      tally.leave('not a multiple of the logical block size');
      return;
    }
    if (length > u32) {
      tally.leave('range beyond what NVMe can address');
      return;
    }
    const command = stream.submit(this.#nextKey++, request.timeNs);
    fill(command, request, slba, length);
    const key = this.#keyOf(request);
    const before = this.#open.get(key);
    if (before) before.push(command);
    else this.#open.set(key, [command]);
  }

  complete(request: BlockRequest, error: number): void {
    const command = this.#take(request);
    if (!command) {
      // The kernel also reports the end of a flush's parts: an empty request.
      if (request.sectors > 0) this.context.tally.leave('submission not recorded');
      else this.context.tally.count('lines of other events');
      return;
    }
    // The block layer keeps an errno; what the device said is lost. Internal Error (06h) stands for any failure.
    this.context.stream.complete(command, request.timeNs, error === 0 ? 0 : 0x06, 0);
  }

  /** The driver could not take it: it will be issued again. */
  requeue(request: BlockRequest): void {
    const command = this.#take(request);
    if (!command) return;
    this.context.tally.count('requests put back');
    this.context.stream.withdraw(command);
  }

  #take(request: BlockRequest): OpenCommand | undefined {
    const key = this.#keyOf(request);
    const waiting = this.#open.get(key);
    const command = waiting?.shift();
    if (waiting?.length === 0) this.#open.delete(key);
    return command;
  }

  /** A flush has no place: its completion may name sector -1. */
  #keyOf({ kind, sector }: BlockRequest): number {
    return kind.code === 0 ? 0 : sector * 4 + kind.code;
  }
}

function fill(row: OpenCommand, { kind, cpu }: BlockRequest, slba: number, length: number): void {
  row.opcode = kind.opcode;
  row.queue = cpu + 1;
  row.nsid = 1;
  row.flags = TraceFlag.Control;
  const low = slba % 0x1_0000_0000;
  const high = Math.floor(slba / 0x1_0000_0000);
  if (kind.opcode === nvmOpcode.flush) return;
  if (kind.opcode === nvmOpcode.datasetManagement) {
    row.cdw11 = 4;
    row.ranges = [{ attributes: 0, length, low, high }];
    return;
  }
  row.cdw10 = low;
  row.cdw11 = high;
  row.length = length;
  // FUA is bit 30 of command dword 12.
  if (kind.fua) row.control = 0x4000;
}
