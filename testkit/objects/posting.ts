import type { NativeQpair } from '../nativeQpair.ts';
import { record } from './checks.ts';
import type { FailedQueue } from './errors.ts';
import { submitError } from './nativeErrors.ts';
import type { CommandData, FusedEntry, FusedHalf } from './qpairOptions.ts';
import { encodeSqe, sqeBytes, sqeScratch } from './sqe.ts';
import { nativeTransfer, rawData } from './transfer.ts';

type Entry = FusedEntry & { readonly timeoutMs: number };

/** How commands get from the scratch entry to the driver; its refusals in an author's words. @internal */
export class Posting {
  readonly #native: NativeQpair;
  readonly #queue: FailedQueue & { readonly depth: number };

  constructor(native: NativeQpair, queue: FailedQueue & { readonly depth: number }) {
    this.#native = native;
    this.#queue = queue;
  }

  /** Posts the scratch entry. @returns the CID */
  post(data: CommandData | undefined, timeoutMs: number): number {
    const { bytes } = sqeScratch;
    try {
      if (data === undefined) return this.#native.submit(bytes, undefined, 0, 0, timeoutMs);
      const { buffer, transfer } = data;
      if (transfer === undefined && buffer !== undefined) {
        return this.#native.submit(bytes, buffer.native, buffer.offset, data.length, timeoutMs);
      }
      const native = nativeTransfer(data, timeoutMs);
      return data.isHeld ? this.#native.post(bytes, native) : this.#native.submitTransfer(bytes, native);
    } catch (error) {
      throw submitError(error, this.#queue);
    }
  }

  /** Both or neither. @returns their CIDs */
  postFused(first: Entry, second: Entry): readonly [number, number] {
    const transfers = [first, second].map(({ data, timeoutMs }) => nativeTransfer(data, timeoutMs));
    const [one = { timeoutMs: 0 }, two = { timeoutMs: 0 }] = transfers;
    try {
      return this.#native.submitFused(bytesOf(first.entry), one, bytesOf(second.entry), two);
    } catch (error) {
      throw submitError(error, this.#queue);
    }
  }

  ring(): void {
    try {
      this.#native.ringDoorbell();
    } catch (error) {
      throw submitError(error, this.#queue);
    }
  }
}

function bytesOf(entry: Uint32Array): Uint8Array {
  return new Uint8Array(entry.buffer, entry.byteOffset, sqeBytes);
}

/** @throws TypeError, RangeError @internal */
export function fusedEntry(half: FusedHalf): FusedEntry {
  const { sqe, buffer, options = {} } = record(half, 'a fused command');
  const data = rawData(buffer, options);
  encodeSqe(sqe);
  return { entry: sqeScratch.dwords.slice(), data, options };
}
