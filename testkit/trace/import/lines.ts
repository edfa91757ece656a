/** Cuts a stream of bytes into lines without making strings of them. */

export type OnLine = (bytes: Uint8Array, from: number, to: number) => void;

/** Longer lines are skipped and counted: no recorder writes them. */
export const longestLine = 65_536;
const newline = 0x0a;

export class LineCutter {
  #carry: Buffer = Buffer.alloc(0);
  #skipping = false;
  /** Lines so far, those skipped included. */
  lines = 0;
  /** Lines that were skipped because they are too long. */
  tooLong = 0;

  constructor(private readonly onLine: OnLine) {}

  feed(chunk: Buffer): void {
    let bytes = chunk;
    let from = 0;
    if (this.#skipping || this.#carry.length > 0) {
      const end = chunk.indexOf(newline);
      if (end < 0) {
        this.#keep(chunk);
        return;
      }
      if (!this.#skipping) {
        bytes = Buffer.concat([this.#carry, chunk]);
        from = this.#line(bytes, 0, this.#carry.length + end);
      } else from = end + 1;
      this.#skipping = false;
      this.#carry = Buffer.alloc(0);
    }
    for (let end = bytes.indexOf(newline, from); end >= 0; end = bytes.indexOf(newline, from)) {
      from = this.#line(bytes, from, end);
    }
    if (from < bytes.length) this.#keep(bytes.subarray(from));
  }

  /** The last line may have no end. */
  end(): void {
    if (this.#carry.length > 0) this.#line(this.#carry, 0, this.#carry.length);
    this.#carry = Buffer.alloc(0);
  }

  #line(bytes: Uint8Array, from: number, end: number): number {
    this.lines += 1;
    if (end - from > longestLine) this.tooLong += 1;
    else this.onLine(bytes, from, end > from && bytes[end - 1] === 0x0d ? end - 1 : end);
    return end + 1;
  }

  #keep(rest: Buffer): void {
    if (this.#skipping) return;
    if (this.#carry.length + rest.length <= longestLine) {
      // A copy: the caller may use its chunk again.
      this.#carry = Buffer.concat([this.#carry, rest]);
      return;
    }
    this.#carry = Buffer.alloc(0);
    this.#skipping = true;
    this.lines += 1;
    this.tooLong += 1;
  }
}
