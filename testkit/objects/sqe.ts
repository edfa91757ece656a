import { commandName } from '../nvme/opcode.ts';
import { integer, unsigned64 } from './checks.ts';

/**
 * Fields of a submission queue entry (NVMe Base 2.0, "Submission Queue Entry", Common Command Format). What is left out is 0.
 * Values are not judged: an illegal one is the device's to refuse. The CID is assigned by the driver.
 */
export interface SqeFields {
  /** 0..255 */
  readonly opcode: number;
  /** Byte 1: FUSE (1:0), PSDT (7:6). */
  readonly flags?: number;
  readonly nsid?: number;
  readonly cdw2?: number;
  readonly cdw3?: number;
  readonly mptr?: number | bigint;
  /** Only where no buffer is given: with one the driver builds PRP1 and PRP2. */
  readonly prp1?: number | bigint;
  readonly prp2?: number | bigint;
  readonly cdw10?: number;
  readonly cdw11?: number;
  readonly cdw12?: number;
  readonly cdw13?: number;
  readonly cdw14?: number;
  readonly cdw15?: number;
}

export const sqeBytes = 64;

const scratchBytes = new Uint8Array(sqeBytes);
const scratch = new Uint32Array(scratchBytes.buffer);

/** Where every command is put together before it is posted: one at a time, so nothing is allocated for it. @internal */
export const sqeScratch = { bytes: scratchBytes, dwords: scratch };

/** Zeros the scratch entry but for opcode and NSID. @internal */
export function beginSqe(opcode: number, nsid: number): Uint32Array {
  scratch.fill(0);
  scratch[0] = opcode;
  scratch[1] = nsid;
  return scratch;
}

/** Puts the fields into the scratch entry. @throws TypeError, RangeError when a value does not fit its field @internal */
export function encodeSqe(fields: SqeFields): void {
  const sqe = beginSqe(integer('opcode', fields.opcode, 0, 0xff), dword('nsid', fields.nsid));
  sqe[0] = (sqe[0] ?? 0) | (integer('flags', fields.flags ?? 0, 0, 0xff) << 8);
  sqe[2] = dword('cdw2', fields.cdw2);
  sqe[3] = dword('cdw3', fields.cdw3);
  if (fields.mptr !== undefined) putQword(sqe, 4, 'mptr', fields.mptr);
  if (fields.prp1 !== undefined) putQword(sqe, 6, 'prp1', fields.prp1);
  if (fields.prp2 !== undefined) putQword(sqe, 8, 'prp2', fields.prp2);
  sqe[10] = dword('cdw10', fields.cdw10);
  sqe[11] = dword('cdw11', fields.cdw11);
  sqe[12] = dword('cdw12', fields.cdw12);
  sqe[13] = dword('cdw13', fields.cdw13);
  sqe[14] = dword('cdw14', fields.cdw14);
  sqe[15] = dword('cdw15', fields.cdw15);
}

function dword(name: string, value: number | undefined): number {
  return value === undefined ? 0 : integer(name, value, 0, 0xffff_ffff);
}

/** A 64-bit field at dwords `index` and `index + 1`. @throws TypeError, RangeError naming it @internal */
export function putQword(sqe: Uint32Array, index: number, name: string, value: number | bigint): void {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
    sqe[index] = value % 0x1_0000_0000;
    sqe[index + 1] = Math.floor(value / 0x1_0000_0000);
  } else {
    const checked = unsigned64(name, value);
    sqe[index] = Number(checked & 0xffff_ffffn);
    sqe[index + 1] = Number(checked >> 32n);
  }
}

/** A submission queue entry as it was posted. */
export class Sqe {
  readonly #dwords: Uint32Array;

  /** @param dwords 16 of them; kept, not copied */
  constructor(dwords: Uint32Array) {
    this.#dwords = dwords;
  }

  get opcode(): number {
    return this.dword(0) & 0xff;
  }
  get flags(): number {
    return (this.dword(0) >>> 8) & 0xff;
  }
  get cid(): number {
    return this.dword(0) >>> 16;
  }
  get nsid(): number {
    return this.dword(1);
  }
  get mptr(): bigint {
    return this.#qword(4);
  }
  get prp1(): bigint {
    return this.#qword(6);
  }
  get prp2(): bigint {
    return this.#qword(8);
  }
  get cdw10(): number {
    return this.dword(10);
  }
  get cdw11(): number {
    return this.dword(11);
  }
  get cdw12(): number {
    return this.dword(12);
  }
  get cdw13(): number {
    return this.dword(13);
  }
  get cdw14(): number {
    return this.dword(14);
  }
  get cdw15(): number {
    return this.dword(15);
  }

  /** Dword 0..15. */
  dword(index: number): number {
    return this.#dwords[integer('index', index, 0, 15)] ?? 0;
  }

  /** `Read, CID 5, NSID 1, SLBA 8, 1 block`: one line for messages. */
  summary(qid: number): string {
    const parts = [`${commandName(qid, this.opcode)}`, `CID ${this.cid}`];
    if (this.nsid !== 0) parts.push(`NSID ${this.nsid}`);
    if (qid > 0 && blockCommands.has(this.opcode)) {
      const blocks = (this.cdw12 & 0xffff) + 1;
      parts.push(`SLBA ${this.#qword(10)}`, `${blocks} ${blocks === 1 ? 'block' : 'blocks'}`);
    } else {
      parts.push(`cdw10 0x${this.cdw10.toString(16)}`);
    }
    return parts.join(', ');
  }

  #qword(index: number): bigint {
    return (BigInt(this.dword(index + 1)) << 32n) | BigInt(this.dword(index));
  }
}

/** NVM commands with SLBA in cdw10..11 and the 0's based block count in cdw12 15:0. */
const blockCommands: ReadonlySet<number> = new Set([0x01, 0x02, 0x04, 0x05, 0x08, 0x0c]);
