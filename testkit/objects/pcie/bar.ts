import type { NativeController } from '../../nativeSurface.ts';
import { aligned, integer, unsigned64 } from '../checks.ts';

/**
 * BAR0 by naturally aligned accesses. 32 and 64 bits reach the device as they are; 8 and 16 bits are made of an access of the 32 bits
 * they lie in, because the properties of a controller must be accessed so (NVMe Base 2.0, "Controller Properties"). Without power
 * every read gives all ones.
 */
export class Bar {
  readonly #native: NativeController;
  readonly #changed: () => void;

  /** @param changed told of every write @internal */
  constructor(native: NativeController, changed: () => void) {
    this.#native = native;
    this.#changed = changed;
  }

  /** @param offset byte in BAR0 @throws TypeError, RangeError; an error with code `OUT_OF_RANGE` beyond the BAR */
  read8(offset: number): number {
    return this.#part(offset, 1);
  }

  /** @param offset a multiple of 2 @throws as {@link read8} */
  read16(offset: number): number {
    return this.#part(offset, 2);
  }

  /** @param offset a multiple of 4 @throws as {@link read8} */
  read32(offset: number): number {
    return Number(this.#native.readRegister(aligned(offset, 4), 4));
  }

  /** @param offset a multiple of 8 @throws as {@link read8} */
  read64(offset: number): bigint {
    return this.#native.readRegister(aligned(offset, 8), 8);
  }

  /** Any value reaches the device, on purpose. @param offset byte in BAR0 @throws as {@link read8} */
  write8(offset: number, value: number): void {
    this.#merge(offset, 1, integer('value', value, 0, 0xff));
  }

  /** @param offset a multiple of 2 @throws as {@link read8} */
  write16(offset: number, value: number): void {
    this.#merge(offset, 2, integer('value', value, 0, 0xffff));
  }

  /** @param offset a multiple of 4 @throws as {@link read8} */
  write32(offset: number, value: number): void {
    const at = aligned(offset, 4);
    const checked = integer('value', value, 0, 0xffff_ffff);
    this.#changed();
    this.#native.writeRegister(at, 4, BigInt(checked));
  }

  /** @param offset a multiple of 8 @throws as {@link read8} */
  write64(offset: number, value: number | bigint): void {
    const at = aligned(offset, 8);
    const checked = unsigned64('value', value);
    this.#changed();
    this.#native.writeRegister(at, 8, checked);
  }

  #part(offset: number, width: 1 | 2): number {
    const { dword, shift, mask } = partOf(offset, width);
    return (this.read32(dword) >>> shift) & mask;
  }

  #merge(offset: number, width: 1 | 2, value: number): void {
    const { dword, shift, mask } = partOf(offset, width);
    const others = this.read32(dword) & ~(mask << shift);
    this.write32(dword, (others | (value << shift)) >>> 0);
  }
}

function partOf(offset: number, width: 1 | 2): { dword: number; shift: number; mask: number } {
  const at = aligned(offset, width);
  return { dword: at - (at % 4), shift: (at % 4) * 8, mask: width === 1 ? 0xff : 0xffff };
}
