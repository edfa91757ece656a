/** The time before an event of QEMU's log: `TID@seconds.microseconds:`, from QEMU 11 an ISO 8601 time, or none. */
import { at, numberBetween, skipSpaces, tokenEnd } from './words.ts';

const zero = 0x30;

export class QemuClock {
  /** Whether the lines have times. Otherwise every event is a microsecond after the one before. */
  found = false;
  seconds = 0;
  ns = 0;
  #lines = 0;
  #day = -1;
  #daySeconds = 0;

  /** Where the event's name starts. */
  skipPrefix(bytes: Uint8Array, from: number, to: number): number {
    const first = at(bytes, from);
    if (to > from && first >= zero && first <= 0x39) {
      const start = this.#threadTime(bytes, from, to) ?? this.#isoTime(bytes, from, to);
      if (start !== undefined) {
        this.found = true;
        return start;
      }
    }
    if (!this.found) {
      this.#lines += 1;
      this.seconds = Math.floor(this.#lines / 1e6);
      this.ns = (this.#lines % 1e6) * 1000;
    }
    return from;
  }

  #threadTime(bytes: Uint8Array, from: number, to: number): number | undefined {
    let index = from;
    while (index < to && at(bytes, index) >= zero && at(bytes, index) <= 0x39) index += 1;
    if (index >= to || at(bytes, index) !== 0x40) return undefined;
    const dot = bytes.indexOf(0x2e, index);
    const colon = dot < 0 ? -1 : bytes.indexOf(0x3a, dot);
    if (dot < 0 || colon < 0 || colon >= to || colon - dot !== 7) return undefined;
    return this.#set(numberBetween(bytes, index + 1, dot), numberBetween(bytes, dot + 1, colon) * 1000, colon + 1);
  }

  /** `2026-11-22T06:19:20.306035Z `. */
  #isoTime(bytes: Uint8Array, from: number, to: number): number | undefined {
    const end = tokenEnd(bytes, from, to);
    if (end - from !== 27 || at(bytes, from + 10) !== 0x54 || at(bytes, end - 1) !== 0x5a) return undefined;
    const part = (start: number, length: number): number => numberBetween(bytes, from + start, from + start + length);
    const day = part(0, 4) * 10_000 + part(5, 2) * 100 + part(8, 2);
    if (day !== this.#day) {
      this.#day = day;
      this.#daySeconds = Date.UTC(part(0, 4), part(5, 2) - 1, part(8, 2)) / 1000;
    }
    const seconds = this.#daySeconds + part(11, 2) * 3600 + part(14, 2) * 60 + part(17, 2);
    return this.#set(seconds, part(20, 6) * 1000, skipSpaces(bytes, end, to));
  }

  #set(seconds: number, ns: number, next: number): number | undefined {
    if (!(seconds >= 0 && seconds < 1e11 && ns >= 0)) return undefined;
    this.seconds = seconds;
    this.ns = ns;
    return next;
  }
}
