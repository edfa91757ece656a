import { commandName } from '../nvme/opcode.ts';
import { integer } from './checks.ts';
import { type SglDescriptor, sglDwords } from './meta/sglDescriptor.ts';
import { encodeSqe, type SqeFields } from './sqe.ts';

/** What a submission queue entry of the test's own making says: with the CID the test chose, and an SGL in the data pointer. */
export interface SqeEntryFields extends SqeFields {
  /** Command Identifier, 0..65,535. Default 0. */
  readonly cid?: number;
  /** SGL1 in the place of PRP1 and PRP2; PSDT is as `flags` says. */
  readonly sgl1?: SglDescriptor;
}

/** A submission queue entry: one that was posted, or one for {@link SubmissionQueue}. */
export class Sqe {
  readonly #dwords: Uint32Array;

  /**
   * @param entry fields, or 16 dwords, which are kept, not copied
   * @throws TypeError, RangeError when a value does not fit its field
   */
  constructor(entry: SqeEntryFields | Uint32Array) {
    if (entry instanceof Uint32Array) {
      if (entry.length !== 16) throw new RangeError(`a submission queue entry has 16 dwords, not ${entry.length}`);
      this.#dwords = entry;
      return;
    }
    this.#dwords = new Uint32Array(16);
    encodeSqe(entry, this.#dwords);
    this.setDword(0, this.dword(0) + integer('cid', entry.cid ?? 0, 0, 0xffff) * 0x1_0000);
    if (entry.sgl1 !== undefined) this.#dwords.set(sglDwords(entry.sgl1), 6);
  }

  /** Opcode. */
  get opcode(): number {
    return this.dword(0) & 0xff;
  }
  /** Byte 1: FUSE (1:0), PSDT (7:6). */
  get flags(): number {
    return (this.dword(0) >>> 8) & 0xff;
  }
  /** Command Identifier. */
  get cid(): number {
    return this.dword(0) >>> 16;
  }
  /** Namespace Identifier. */
  get nsid(): number {
    return this.dword(1);
  }
  /** Metadata Pointer. */
  get mptr(): bigint {
    return this.#qword(4);
  }
  /** PRP Entry 1, or bytes 7:0 of SGL1. */
  get prp1(): bigint {
    return this.#qword(6);
  }
  /** PRP Entry 2, or bytes 15:8 of SGL1. */
  get prp2(): bigint {
    return this.#qword(8);
  }
  /** Command Dword 10. */
  get cdw10(): number {
    return this.dword(10);
  }
  /** Command Dword 11. */
  get cdw11(): number {
    return this.dword(11);
  }
  /** Command Dword 12. */
  get cdw12(): number {
    return this.dword(12);
  }
  /** Command Dword 13. */
  get cdw13(): number {
    return this.dword(13);
  }
  /** Command Dword 14. */
  get cdw14(): number {
    return this.dword(14);
  }
  /** Command Dword 15. */
  get cdw15(): number {
    return this.dword(15);
  }

  /** Dword 0..15. */
  dword(index: number): number {
    return this.#dwords[integer('index', index, 0, 15)] ?? 0;
  }

  /** Changes dword 0..15. */
  setDword(index: number, value: number): void {
    this.#dwords[integer('index', index, 0, 15)] = integer('value', value, 0, 0xffff_ffff);
  }

  /** The 64 bytes. A copy. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#dwords.slice().buffer);
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
