import { integer, unsigned64, wrongType } from './checks.ts';

/**
 * Fields of a submission queue entry (NVMe Base 2.0, "Submission Queue Entry", Common Command Format). What is left out is 0.
 * Values are not judged: an illegal one is the device's to refuse. The CID is assigned by the driver.
 */
export interface SqeFields {
  /** 0..255 */
  readonly opcode: number;
  /** Byte 1: FUSE (1:0), PSDT (7:6). */
  readonly flags?: number;
  /** Namespace Identifier. */
  readonly nsid?: number;
  /** Reserved, or of the command. */
  readonly cdw2?: number;
  /** Reserved, or of the command. */
  readonly cdw3?: number;
  /** Metadata Pointer. */
  readonly mptr?: number | bigint;
  /** Only where no buffer is given: with one the driver builds PRP1 and PRP2. */
  readonly prp1?: number | bigint;
  /** As {@link prp1}. */
  readonly prp2?: number | bigint;
  /** Command Dword 10. */
  readonly cdw10?: number;
  /** Command Dword 11. */
  readonly cdw11?: number;
  /** Command Dword 12. */
  readonly cdw12?: number;
  /** Command Dword 13. */
  readonly cdw13?: number;
  /** Command Dword 14. */
  readonly cdw14?: number;
  /** Command Dword 15. */
  readonly cdw15?: number;
}

export const sqeBytes = 64;

const scratchBytes = new Uint8Array(sqeBytes);
const scratch = new Uint32Array(scratchBytes.buffer);

/** Where every command is put together before it is posted: one at a time, so nothing is allocated for it. @internal */
export const sqeScratch = { bytes: scratchBytes, dwords: scratch };

/** Zeros the scratch entry (or another one) but for opcode and NSID. @internal */
export function beginSqe(opcode: number, nsid: number, entry: Uint32Array = scratch): Uint32Array {
  entry.fill(0);
  entry[0] = opcode;
  entry[1] = nsid;
  return entry;
}

/** Puts the fields into the scratch entry, or another one. @throws TypeError, RangeError when a value does not fit @internal */
export function encodeSqe(fields: SqeFields, entry: Uint32Array = scratch): void {
  if (typeof fields !== 'object' || fields === null) throw wrongType('sqe', 'fields of a command', fields);
  const sqe = beginSqe(integer('opcode', fields.opcode, 0, 0xff), dword('nsid', fields.nsid), entry);
  sqe[0] = (sqe[0] ?? 0) | (fields.flags === undefined ? 0 : integer('flags', fields.flags, 0, 0xff) << 8);
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
