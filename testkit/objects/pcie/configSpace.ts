import type { NativeController } from '../../nativeSurface.ts';
import { aligned, integer } from '../checks.ts';

const configBytes = 4096;

/** Configuration space by naturally aligned accesses of 8, 16 and 32 bits. Without power every read gives all ones. */
export class ConfigSpace {
  readonly #native: NativeController;
  readonly #changed: () => void;

  /** @param changed told of every write @internal */
  constructor(native: NativeController, changed: () => void) {
    this.#native = native;
    this.#changed = changed;
  }

  /** @param offset byte in configuration space, 0..4095 @throws TypeError, RangeError */
  read8(offset: number): number {
    return this.#native.configRead(aligned(offset, 1, configBytes), 1);
  }

  /** @param offset a multiple of 2 @throws TypeError, RangeError */
  read16(offset: number): number {
    return this.#native.configRead(aligned(offset, 2, configBytes), 2);
  }

  /** @param offset a multiple of 4 @throws TypeError, RangeError */
  read32(offset: number): number {
    return this.#native.configRead(aligned(offset, 4, configBytes), 4);
  }

  /** Any value reaches the device, on purpose. @param offset 0..4095 @throws TypeError, RangeError */
  write8(offset: number, value: number): void {
    this.#write(offset, 1, integer('value', value, 0, 0xff));
  }

  /** @param offset a multiple of 2 @throws TypeError, RangeError */
  write16(offset: number, value: number): void {
    this.#write(offset, 2, integer('value', value, 0, 0xffff));
  }

  /** @param offset a multiple of 4 @throws TypeError, RangeError */
  write32(offset: number, value: number): void {
    this.#write(offset, 4, integer('value', value, 0, 0xffff_ffff));
  }

  #write(offset: number, width: 1 | 2 | 4, value: number): void {
    const at = aligned(offset, width, configBytes);
    this.#changed();
    this.#native.configWrite(at, width, value);
  }
}
