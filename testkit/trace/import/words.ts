/** Reads words and numbers out of the bytes of a line. Text recorders write is ASCII; anything else separates words. */

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isWord = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f;

/** FNV-1a of a word; the few words parsers know are checked for collisions when a table of them is made. */
const hashStart = 0x811c9dc5;
const hashNext = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);

export function hashOf(text: string): number {
  let hash = hashStart;
  for (const byte of Buffer.from(text, 'latin1')) hash = hashNext(hash, byte);
  return hash;
}

/** Words by hash. */
export function wordTable<T>(entries: Readonly<Record<string, T>>): ReadonlyMap<number, T> {
  const table = new Map(Object.entries(entries).map(([word, value]) => [hashOf(word), value]));
  if (table.size !== Object.keys(entries).length) throw new Error('two words of a table have one hash');
  return table;
}

export const at = (bytes: Uint8Array, index: number): number => bytes[index] as number;

/** End of the word that starts at `from`. */
export function wordEnd(bytes: Uint8Array, from: number, to: number): number {
  let index = from;
  while (index < to && isWord(at(bytes, index))) index += 1;
  return index;
}

export function hashBetween(bytes: Uint8Array, from: number, end: number): number {
  let hash = hashStart;
  for (let index = from; index < end; index += 1) hash = hashNext(hash, at(bytes, index));
  return hash;
}

export const textBetween = (bytes: Uint8Array, from: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString('latin1');

/** The end of what is not a space. */
export function tokenEnd(bytes: Uint8Array, from: number, to: number): number {
  let index = from;
  while (index < to && at(bytes, index) !== 0x20 && at(bytes, index) !== 0x09) index += 1;
  return index;
}

export function skipSpaces(bytes: Uint8Array, from: number, to: number): number {
  let index = from;
  while (index < to && (at(bytes, index) === 0x20 || at(bytes, index) === 0x09)) index += 1;
  return index;
}

/** A whole number, decimal or 0x..., exactly between the two places; -1 if it is none. Above 2^53 only nearly right. */
export function numberBetween(bytes: Uint8Array, from: number, end: number): number {
  if (end - from > 2 && at(bytes, from) === 0x30 && (at(bytes, from + 1) | 0x20) === 0x78) {
    return hexBetween(bytes, from + 2, end);
  }
  if (from >= end) return -1;
  let value = 0;
  for (let index = from; index < end; index += 1) {
    const digit = at(bytes, index) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

export function hexBetween(bytes: Uint8Array, from: number, end: number): number {
  if (from >= end) return -1;
  let value = 0;
  for (let index = from; index < end; index += 1) {
    const byte = at(bytes, index);
    const digit = isDigit(byte) ? byte - 0x30 : (byte | 0x20) - 0x57;
    if (digit < 0 || digit > 15 || (!isDigit(byte) && digit < 10)) return -1;
    value = value * 16 + digit;
  }
  return value;
}

const tableSize = 1024;

/** Numbers that follow known words: `cid 768`, `cid=768,`. */
export class Fields {
  /** Slot + 1 by the low bits of a word's hash, and those hashes: quicker than a map, looked into for every word. */
  readonly #slots = new Uint8Array(tableSize);
  readonly #hashes = new Int32Array(tableSize);
  readonly #values: Float64Array;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  #bytes: Uint8Array = new Uint8Array(0);

  /** Each name's place in the list is its slot. */
  constructor(names: readonly string[]) {
    for (const [slot, name] of names.entries()) {
      const hash = hashOf(name);
      const place = hash & (tableSize - 1);
      if (this.#slots[place] !== 0) throw new Error(`the table of words has no room for "${name}"`);
      this.#slots[place] = slot + 1;
      this.#hashes[place] = hash;
    }
    this.#values = new Float64Array(names.length);
    this.#starts = new Int32Array(names.length);
    this.#ends = new Int32Array(names.length);
  }

  scan(bytes: Uint8Array, from: number, to: number): void {
    this.#bytes = bytes;
    this.#values.fill(-1);
    this.#starts.fill(-1);
    let index = from;
    while (index < to) {
      while (index < to && !isWord(at(bytes, index))) index += 1;
      const start = index;
      let hash = hashStart;
      for (; index < to; index += 1) {
        const byte = at(bytes, index);
        if (!isWord(byte)) break;
        hash = hashNext(hash, byte);
      }
      const place = hash & (tableSize - 1);
      const slot = this.#slots[place] as number;
      if (slot > 0 && this.#hashes[place] === hash && index > start && index < to) {
        index = this.#take(slot - 1, index + 1, to);
      }
    }
  }

  #take(slot: number, from: number, to: number): number {
    const start = skipSpaces(this.#bytes, from, to);
    const end = wordEnd(this.#bytes, start, to);
    // The first of a name counts: what a later one in quoted text says does not.
    if (this.#starts[slot] === -1) {
      this.#values[slot] = numberBetween(this.#bytes, start, end);
      this.#starts[slot] = start;
      this.#ends[slot] = end;
    }
    return end;
  }

  /** -1 where it is missing or above `max`. */
  get(slot: number, max: number): number {
    const value = this.#values[slot] as number;
    return value <= max ? value : -1;
  }

  /** Where what follows the word starts; -1 where the word is missing. */
  start(slot: number): number {
    return this.#starts[slot] as number;
  }

  /** Low 32 bits of a 64-bit number; exact. */
  low(slot: number): number {
    const value = this.#values[slot] as number;
    return value <= Number.MAX_SAFE_INTEGER ? value % 0x1_0000_0000 : Number(this.#exact(slot) & 0xffff_ffffn);
  }

  high(slot: number): number {
    const value = this.#values[slot] as number;
    return value <= Number.MAX_SAFE_INTEGER ? Math.floor(value / 0x1_0000_0000) : Number(this.#exact(slot) >> 32n);
  }

  /** Whether it is there and has at most 64 bits. */
  has64(slot: number): boolean {
    const value = this.#values[slot] as number;
    return value >= 0 && (value < 2 ** 63 || this.#exact(slot) < 1n << 64n);
  }

  #exact(slot: number): bigint {
    return BigInt(textBetween(this.#bytes, this.#starts[slot] as number, this.#ends[slot] as number));
  }
}
