/**
 * Fields of a little-endian structure by the byte numbers the specifications print, both ends inclusive: `u(79, 78)` is "bytes
 * 79:78". A single byte is `u(77)`.
 */
export class Fields {
  /** The structure. */
  readonly bytes: Uint8Array;

  /** Fields of these bytes, which are kept, not copied. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** @throws RangeError outside the structure, or above 2^53-1: {@link big} has those. */
  u(end: number, begin: number = end): number {
    const value = this.big(end, begin);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new RangeError(
        `bytes ${end}:${begin} hold ${value}, more than a number can say exactly: use big(${end}, ${begin})`,
      );
    }
    return Number(value);
  }

  /** @throws RangeError outside the structure */
  big(end: number, begin: number = end): bigint {
    this.#check(end, begin);
    let value = 0n;
    for (let at = end; at >= begin; at -= 1) value = (value << 8n) | BigInt(this.bytes[at] ?? 0);
    return value;
  }

  /** Text of these bytes, without the padding after it. @throws RangeError outside the structure */
  ascii(end: number, begin: number): string {
    this.#check(end, begin);
    return Buffer.from(this.bytes.subarray(begin, end + 1))
      .toString('latin1')
      .replace(/[\0 ]+$/, '');
  }

  /** Bit `index` of the little-endian field. */
  bit(index: number, end: number, begin: number = end): boolean {
    return ((this.big(end, begin) >> BigInt(index)) & 1n) === 1n;
  }

  #check(end: number, begin: number): void {
    if (Number.isInteger(end) && Number.isInteger(begin) && begin >= 0 && end >= begin && end < this.bytes.length)
      return;
    throw new RangeError(
      `bytes ${end}:${begin} are not within ${this.bytes.length - 1}:0 (the higher byte number comes first)`,
    );
  }
}
