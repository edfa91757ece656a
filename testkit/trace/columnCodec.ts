/** A column of numbers as bytes: base + differences of the fewest bytes that hold them, deflated where that helps. */
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { type Column, makeColumn } from './batch.ts';
import { TraceDamage } from './traceDamage.ts';

export interface StoredColumn {
  /** Bytes of one value: 0 (all are `base`), 1, 2, 4, 8. */
  readonly width: number;
  readonly compression: 0 | 1;
  readonly base: number;
  readonly bytes: Uint8Array;
}

const two32 = 0x1_0000_0000;
const deflate = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.deflateRaw);
/** Shorter ones gain nothing. */
const worthDeflating = 64;

/** The first `count` values; `asDifferences` stores each one's distance to the one before (the first's to `from`). */
export async function encodeColumn(column: Column, count: number, from?: number): Promise<StoredColumn> {
  const values = from === undefined ? column.subarray(0, count) : differences(column, count, from);
  const { base, width } = measure(values);
  const raw = width === 0 ? new Uint8Array(0) : narrowed(values, base, width);
  if (raw.length >= worthDeflating) {
    const bytes = await deflate(raw, { level: 1 });
    if (bytes.length < raw.length) return { width, base, compression: 1, bytes };
  }
  return { width, base, compression: 0, bytes: raw };
}

function differences(column: Column, count: number, from: number): Float64Array {
  const out = new Float64Array(count);
  let previous = from;
  for (let index = 0; index < count; index += 1) {
    const value = column[index] as number;
    out[index] = value - previous;
    previous = value;
  }
  return out;
}

function measure(values: Column): { base: number; width: number } {
  if (values.length === 0) return { base: 0, width: 0 };
  let low = values[0] as number;
  let high = low;
  for (let index = 1; index < values.length; index += 1) {
    const value = values[index] as number;
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  const span = high - low;
  if (span === 0) return { base: low, width: 0 };
  const width = span < 0x100 ? 1 : span < 0x1_0000 ? 2 : span < two32 ? 4 : 8;
  return { base: low, width };
}

function narrowed(values: Column, base: number, width: number): Uint8Array {
  const { length } = values;
  if (width === 8) {
    const words = new Uint32Array(2 * length);
    for (let index = 0; index < length; index += 1) {
      const value = (values[index] as number) - base;
      words[2 * index] = value % two32;
      words[2 * index + 1] = Math.floor(value / two32);
    }
    return new Uint8Array(words.buffer);
  }
  const out = makeColumn(width as 1 | 2 | 4, length);
  for (let index = 0; index < length; index += 1) out[index] = (values[index] as number) - base;
  return new Uint8Array(out.buffer);
}

/** What {@link encodeColumn} stored. @throws TraceDamage */
export function decodeColumn(stored: StoredColumn, bytes: 1 | 2 | 4 | 8, count: number, from?: number): Column {
  const out = makeColumn(bytes, count);
  const { base, width } = stored;
  if (width > bytes) throw new TraceDamage('stored values are wider than their column');
  const limit = bytes === 8 ? Number.MAX_SAFE_INTEGER : 2 ** (8 * bytes) - 1;
  if (width === 0) out.fill(base);
  const highest = width === 0 ? base : widen(inflated(stored, count), stored, out);
  if (!(highest <= limit)) throw new TraceDamage('a value is larger than its column allows');
  if (from !== undefined) sumUp(out, from);
  return out;
}

function inflated({ width, compression, bytes }: StoredColumn, count: number): Uint8Array {
  const expected = width * count;
  const raw = compression === 0 ? bytes : inflate(bytes, expected);
  if (raw.length !== expected) throw new TraceDamage(`a column has ${raw.length} bytes instead of ${expected}`);
  // Views of 2 and 4 byte values need aligned memory of their own.
  return raw.byteOffset % 4 === 0 ? raw : new Uint8Array(raw);
}

function inflate(bytes: Uint8Array, expected: number): Uint8Array {
  try {
    // Never more memory than the column may have, whatever the compressed bytes say.
    return zlib.inflateRawSync(bytes, { maxOutputLength: expected });
  } catch (error) {
    throw new TraceDamage(`a column cannot be decompressed: ${(error as Error).message}`);
  }
}

/** Fills `out`, and returns the highest value before it was put there. */
function widen(raw: Uint8Array, { width, base }: StoredColumn, out: Column): number {
  let highest = 0;
  const { length } = out;
  if (width === 8) {
    const words = new Uint32Array(raw.buffer, raw.byteOffset, 2 * length);
    for (let index = 0; index < length; index += 1) {
      const value = base + (words[2 * index + 1] as number) * two32 + (words[2 * index] as number);
      if (value > highest) highest = value;
      out[index] = value;
    }
    return highest;
  }
  const values = narrowView(raw, width, length);
  for (let index = 0; index < length; index += 1) {
    const value = base + (values[index] as number);
    if (value > highest) highest = value;
    out[index] = value;
  }
  return highest;
}

function narrowView({ buffer, byteOffset }: Uint8Array, width: number, length: number): Column {
  if (width === 1) return new Uint8Array(buffer, byteOffset, length);
  return width === 2 ? new Uint16Array(buffer, byteOffset, length) : new Uint32Array(buffer, byteOffset, length);
}

function sumUp(out: Column, from: number): void {
  let sum = from;
  for (let index = 0; index < out.length; index += 1) {
    sum += out[index] as number;
    out[index] = sum;
  }
  if (sum > Number.MAX_SAFE_INTEGER) throw new TraceDamage('times run beyond 104 days');
}
