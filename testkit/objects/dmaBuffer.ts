import { nativeAddon } from '../native.ts';
import type { NativeController, NativeDmaBuffer } from '../nativeSurface.ts';
import { type DiffSummary, diffText, hexDump } from './bufferText.ts';
import { integer, record, unsigned64, wrongType } from './checks.ts';
import { Fields } from './fields.ts';
import { fillPattern, type Pattern } from './pattern.ts';

/** What a buffer is filled with, how it is called, and where in a page it starts. */
export interface DmaBufferOptions {
  /** Default `zeros`. */
  readonly pattern?: Pattern;
  /** For messages and dumps; default `buffer`. */
  readonly name?: string;
  /** Bytes between a page's start and the buffer's, 0..4095: the offset in PRP1. Default 0. */
  readonly offset?: number;
}

/** Bytes `start` up to, not including, `end`. */
export interface ByteRange {
  /** First byte. Default 0. */
  readonly start?: number;
  /** First byte that is not included. Default: the size of the buffer. */
  readonly end?: number;
}

interface Memory {
  readonly native: NativeDmaBuffer;
  readonly name: string;
  isClosed: boolean;
}

/** Where a view lies. @internal */
class Window {
  constructor(
    readonly memory: Memory,
    readonly offset: number,
    readonly size: number,
    /** False for the whole of a memory that was allocated elsewhere: closing it gives that back. */
    readonly isPart: boolean = true,
  ) {}
}

const maxBytes = 2 ** 32 - 1;

/**
 * Memory a controller reads and writes by DMA. Its bytes are copied in and out: there is no view of them in JavaScript. While a
 * command that uses it is in flight the memory is pinned. Byte positions out of range throw `RangeError`, use after
 * {@link DmaBuffer.close} throws `TypeError`.
 */
export class DmaBuffer implements Disposable {
  readonly #memory: Memory;
  readonly #offset: number;
  readonly #size: number;
  readonly #isView: boolean;

  /**
   * @param size bytes, 1 to 2^32-1; the memory starts on a page unless `offset` says otherwise
   * @throws RangeError, TypeError; an error with code `NO_MEMORY`
   */
  constructor(size: number, options?: DmaBufferOptions);
  /** @internal */
  constructor(window: Window);
  constructor(size: number | Window, options: DmaBufferOptions = {}) {
    if (size instanceof Window) {
      this.#memory = size.memory;
      this.#offset = size.offset;
      this.#size = size.size;
      this.#isView = size.isPart;
      return;
    }
    this.#isView = false;
    this.#size = integer('size', size, 1, maxBytes);
    this.#offset = integer('offset', options.offset ?? 0, 0, 4095);
    const native = nativeAddon().allocateDma(this.#offset + this.#size);
    this.#memory = { native, name: options.name ?? 'buffer', isClosed: false };
    if (options.pattern !== undefined && options.pattern !== 'zeros') this.fill(options.pattern);
  }

  /** One that the driver allocated in another place than host memory. @internal */
  static over(native: NativeDmaBuffer, name: string): DmaBuffer {
    return new DmaBuffer(new Window({ native, name, isClosed: false }, 0, native.size, false));
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /** As given, for messages. */
  get name(): string {
    return this.#memory.name;
  }

  /** Bytes between the start of the memory (a page's start) and this buffer's. */
  get offset(): number {
    return this.#offset;
  }

  /** Commands in flight that use the memory. */
  get pins(): number {
    return this.#memory.isClosed ? 0 : this.#memory.native.pins;
  }

  /** The same memory from byte `offset` on: a PRP offset other than 0, or a part of a larger buffer. */
  view(offset: number, size: number = this.#size - offset): DmaBuffer {
    integer('offset', offset, 0, this.#size - 1);
    integer('size', size, 1, this.#size - offset);
    this.#open();
    return new DmaBuffer(new Window(this.#memory, this.#offset + offset, size));
  }

  /** A copy of the bytes `start` up to `end` (not included). */
  slice(start = 0, end: number = this.#size): Uint8Array {
    const { at, length } = this.#range({ start, end });
    return this.#open().read(at, length);
  }

  /** Copies text (UTF-8) or bytes into the buffer. @throws RangeError when they do not fit */
  write(data: string | Uint8Array, offset = 0): void {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
    if (!(bytes instanceof Uint8Array)) throw wrongType('data', 'a string or a Uint8Array', data);
    integer('offset', offset, 0, this.#size);
    if (offset + bytes.length > this.#size) {
      throw new RangeError(
        `${bytes.length} bytes at offset ${offset} do not fit: ${this.name} has ${this.#size} bytes`,
      );
    }
    this.#open().write(this.#offset + offset, bytes);
  }

  /** Fills the range (default: everything) with a pattern. */
  fill(pattern: Pattern, range: ByteRange = {}): void {
    fillPattern(this.#open(), this.#range(range), pattern);
  }

  /** Text of the bytes `start` up to `end` (not included), by default all of them. */
  toString(encoding: BufferEncoding = 'utf8', start = 0, end: number = this.#size): string {
    return Buffer.from(this.slice(start, end)).toString(encoding);
  }

  /** Hex + ASCII, 16 bytes a row. */
  dump(range: ByteRange = {}): string {
    const { start = 0, end } = record(range, 'range');
    return hexDump(this.slice(start, end), start);
  }

  /**
   * Undefined when the bytes are the same, else where they differ and an aligned text of it (`-` this buffer, `+` the other).
   * @throws RangeError when the sizes differ
   */
  compare(other: DmaBuffer): DiffSummary | undefined {
    if (!(other instanceof DmaBuffer)) throw wrongType('other', 'a DmaBuffer', other);
    if (other.#size !== this.#size) {
      throw new RangeError(
        `${this.name} has ${this.#size} bytes, ${other.name} has ${other.#size}: compare equal sizes`,
      );
    }
    const first = this.#open().compare(this.#offset, other.#open(), other.#offset, this.#size);
    return first < 0 ? undefined : diffText(this.slice(), other.slice());
  }

  /** Whether all bytes are the same. @throws RangeError when the sizes differ */
  equals(other: DmaBuffer): boolean {
    return this.compare(other) === undefined;
  }

  /** CRC-32C (Castagnoli) of the range. */
  crc32c(range: ByteRange = {}): number {
    const { at, length } = this.#range(range);
    return this.#open().crc32c(at, length);
  }

  /** 8 bits. @throws RangeError outside the buffer */
  byte(at: number): number {
    return this.#view(at, 1).getUint8(0);
  }

  /** 16 bits, little-endian, at any byte position. */
  word(at: number): number {
    return this.#view(at, 2).getUint16(0, true);
  }

  /** 32 bits. */
  dword(at: number): number {
    return this.#view(at, 4).getUint32(0, true);
  }

  /** 64 bits. */
  qword(at: number): bigint {
    return this.#view(at, 8).getBigUint64(0, true);
  }

  /** Writes 8 bits, little-endian, at any byte position. @throws TypeError, RangeError */
  setByte(at: number, value: number): void {
    this.#set(at, 1, unsigned64('value', integer('value', value, 0, 0xff)));
  }

  /** Writes 16 bits, little-endian, at any byte position. @throws TypeError, RangeError */
  setWord(at: number, value: number): void {
    this.#set(at, 2, unsigned64('value', integer('value', value, 0, 0xffff)));
  }

  /** Writes 32 bits, little-endian, at any byte position. @throws TypeError, RangeError */
  setDword(at: number, value: number): void {
    this.#set(at, 4, unsigned64('value', integer('value', value, 0, 0xffff_ffff)));
  }

  /** Writes 64 bits, little-endian, at any byte position. @throws TypeError, RangeError */
  setQword(at: number, value: number | bigint): void {
    this.#set(at, 8, unsigned64('value', value));
  }

  /** A little-endian field as the specifications write it, "bytes end:begin", both included. @throws RangeError above 2^53-1 */
  u(end: number, begin: number = end): number {
    return this.#fields(end, begin).u(end - begin, 0);
  }

  /** The same for fields of any width. */
  big(end: number, begin: number = end): bigint {
    return this.#fields(end, begin).big(end - begin, 0);
  }

  /** Text of bytes `end:begin`, both included, without the padding after it. */
  ascii(end: number, begin: number): string {
    return this.#fields(end, begin).ascii(end - begin, 0);
  }

  /**
   * Writes range `index` (0..255) of a Dataset Management command's list: 16 bytes each (NVM Command Set 1.0, "Dataset Management
   * command", Range Definition). Illegal LBAs and lengths are the device's to judge.
   */
  setDsmRange(index: number, slba: number | bigint, count: number, attributes = 0): void {
    const at = integer('index', index, 0, 255) * 16;
    if (at + 16 > this.#size) {
      throw new RangeError(`DSM range ${index} needs ${at + 16} bytes; ${this.name} has ${this.#size}`);
    }
    this.setDword(at, attributes);
    this.setDword(at + 4, integer('count', count, 0, 0xffff_ffff));
    this.setQword(at + 8, slba);
  }

  /** Address of the first byte for that controller, as it stands in PRP1: mapped when first asked for. */
  busAddress(controller: { readonly native: NativeController }): bigint {
    if (typeof record(controller, 'controller').native !== 'object')
      throw wrongType('controller', 'a Controller', controller);
    return this.#open().busAddress(controller.native, this.#offset);
  }

  /**
   * Gives the memory back; without it the garbage collector does. Of a view it does nothing.
   * @throws an error with code `BUFFER_IN_USE` while a command uses it
   */
  close(): void {
    if (this.#memory.isClosed || this.#isView) return;
    this.#memory.native.close();
    this.#memory.isClosed = true;
  }

  /** As {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  get native(): NativeDmaBuffer {
    return this.#open();
  }

  #open(): NativeDmaBuffer {
    if (this.#memory.isClosed) throw new TypeError(`the DmaBuffer ${this.name} is closed`);
    return this.#memory.native;
  }

  #range(range: ByteRange): { at: number; length: number } {
    const { start = 0, end = this.#size } = record(range, 'range');
    integer('start', start, 0, this.#size);
    integer('end', end, start, this.#size);
    return { at: this.#offset + start, length: end - start };
  }

  #view(at: number, width: number): DataView {
    const bytes = this.slice(integer('position', at, 0, this.#size - width), at + width);
    return new DataView(bytes.buffer, bytes.byteOffset, width);
  }

  #set(at: number, width: number, value: bigint): void {
    integer('position', at, 0, this.#size - width);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    this.write(bytes.subarray(0, width), at);
  }

  #fields(end: number, begin: number): Fields {
    integer('end', end, 0, this.#size - 1);
    return new Fields(this.slice(integer('begin', begin, 0, end), end + 1));
  }
}
