import type { NativeController } from '../../nativeSurface.ts';
import { integer, unsigned64, wrongType } from '../checks.ts';
import { DmaBuffer } from '../dmaBuffer.ts';
import { indexed } from './indexed.ts';

const qwordBytes = 8;

/**
 * A PRP list (NVMe Base 2.0, "Physical Region Page Entry and List") that the test writes itself: `list[i] = address`. Values are not
 * judged: misaligned, unmapped and circular ones reach the device.
 */
export class PrpList {
  /** Entries, 64 bits each. */
  [index: number]: bigint;
  /** Entries there is room for. */
  readonly length: number;
  readonly #memory: DmaBuffer;

  /**
   * @param entries what the list begins with; the others are 0
   * @param options length: entries there is room for, default 512, which is a page of 4 KiB; offset: bytes between a page's start and
   * the list's, a multiple of 8 where it is to be legal
   * @throws TypeError, RangeError
   */
  constructor(
    entries: readonly (number | bigint)[] = [],
    { length = 512, offset = 0 }: { readonly length?: number; readonly offset?: number } = {},
  ) {
    if (!Array.isArray(entries)) throw wrongType('entries', 'an array of bus addresses', entries);
    this.length = integer('length', length, Math.max(1, entries.length), 2 ** 20);
    this.#memory = new DmaBuffer(this.length * qwordBytes, { name: 'PRP list', offset });
    entries.forEach((entry, index) => {
      this.#write(index, entry);
    });
    const self = indexed(this, { get: (index) => this.#read(index), set: (index, entry) => this.#write(index, entry) });
    // biome-ignore lint/correctness/noConstructorReturn: elements by number
    return self;
  }

  /** Addresses of the pages of a buffer, the first one with its offset. @param pageBytes CC.MPS, default 4096 */
  static pagesOf(buffer: DmaBuffer, controller: { readonly native: NativeController }, pageBytes = 4096): bigint[] {
    if (!(buffer instanceof DmaBuffer)) throw wrongType('buffer', 'a DmaBuffer', buffer);
    integer('pageBytes', pageBytes, 4096, 2 ** 27);
    const first = Math.min(pageBytes - (buffer.offset % pageBytes), buffer.size);
    const addresses = [buffer.busAddress(controller)];
    for (let at = first; at < buffer.size; at += pageBytes) addresses.push(buffer.view(at).busAddress(controller));
    return addresses;
  }

  /** Where it is, for PRP2 or the last entry of another list. */
  busAddress(controller: { readonly native: NativeController }): bigint {
    return this.#memory.busAddress(controller);
  }

  #read(index: number): bigint {
    return this.#memory.qword(integer('index', index, 0, this.length - 1) * qwordBytes);
  }

  #write(index: number, entry: unknown): void {
    const at = integer('index', index, 0, this.length - 1) * qwordBytes;
    this.#memory.setQword(at, unsigned64('the entry', entry));
  }
}
