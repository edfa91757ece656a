/** `blkparse`'s default text: issue (D), completion (C) and requeue (R) of a device's requests. */

import { BlockRequests, requestKind } from './blockRequests.ts';
import type { ParsedFacts, ParserContext, TraceParser } from './parser.ts';
import { at, numberBetween, skipSpaces, textBetween, tokenEnd } from './words.ts';

const issue = 0x44;
const complete = 0x43;
const requeue = 0x52;

export class BlkparseParser implements TraceParser {
  readonly #requests: BlockRequests;
  /** Start and end of the line's tokens, in turn. */
  readonly #tokens = new Int32Array(24);
  #device: string | undefined;

  constructor(private readonly context: ParserContext) {
    this.#requests = new BlockRequests(context);
    this.#device = context.options.device;
  }

  line(bytes: Uint8Array, from: number, to: number): void {
    const { tally } = this.context;
    const count = this.#split(bytes, from, to);
    const action = count >= 7 && this.#length(5) === 1 ? at(bytes, this.#start(5)) : 0;
    if ((action !== issue && action !== complete && action !== requeue) || this.#number(bytes, 1) < 0) {
      tally.count('lines of other events');
      return;
    }
    const device = textBetween(bytes, this.#start(0), this.#end(0));
    this.#device ??= device;
    if (device !== this.#device) {
      if (action === issue) {
        tally.leave('request of another device');
        return;
      }
      tally.count('lines of other events');
      return;
    }
    this.#request(bytes, action, count);
  }

  #request(bytes: Uint8Array, action: number, count: number): void {
    const { tally } = this.context;
    const kind = requestKind(bytes, this.#start(6), this.#end(6));
    const timeNs = this.#time(bytes);
    if (!kind || timeNs < 0) {
      if (action !== issue) {
        tally.count('lines of other events');
        return;
      }
      tally.leave(kind ? 'command line not understood' : 'passed-through request');
      return;
    }
    const cpu = this.#number(bytes, 1);
    // A flush has no place; it ends at sector -1.
    const sized = count >= 10 && at(bytes, this.#start(8)) === 0x2b && kind.code !== 0;
    const sector = sized ? this.#number(bytes, 7) : 0;
    const sectors = sized ? this.#number(bytes, 9) : 0;
    if (sector < 0 || sectors < 0 || cpu > 0xfffe || (!sized && kind.code !== 0)) {
      // The end of a flush that belongs to a write has no place either.
      if (action === complete && !sized) tally.count('lines of other events');
      else tally.leave('command line not understood');
      return;
    }
    const request = { timeNs, kind, cpu, sector, sectors };
    if (action === issue) this.#requests.issue(request);
    else if (action === requeue) this.#requests.requeue(request);
    else this.#requests.complete(request, this.#error(bytes, count));
  }

  end(): void {
    this.context.stream.giveUpAll();
  }

  facts(): ParsedFacts {
    return {
      source: 'blkparse',
      clock: 'monotonic',
      queues: 'cpu',
      lbaBytes: this.context.options.lbaBytes,
      controller: this.#device ?? 'no device',
      notes: { requests: 'of the block layer: Write Zeroes cannot be told from writes, nor Verify and Compare seen' },
    };
  }

  /** The errno in brackets at a completion's end. */
  #error(bytes: Uint8Array, count: number): number {
    const start = this.#start(count - 1);
    return at(bytes, start) === 0x5b ? numberBetween(bytes, start + 1, this.#end(count - 1) - 1) : 0;
  }

  #time(bytes: Uint8Array): number {
    const dot = bytes.indexOf(0x2e, this.#start(3));
    if (dot < 0 || this.#end(3) - dot !== 10) return -1;
    const seconds = numberBetween(bytes, this.#start(3), dot);
    const ns = numberBetween(bytes, dot + 1, this.#end(3));
    return seconds < 0 || seconds > 1e11 || ns < 0 ? -1 : this.context.stream.time(seconds, ns);
  }

  #split(bytes: Uint8Array, from: number, to: number): number {
    let index = skipSpaces(bytes, from, to);
    let count = 0;
    while (index < to && count < 12) {
      const end = tokenEnd(bytes, index, to);
      this.#tokens[2 * count] = index;
      this.#tokens[2 * count + 1] = end;
      count += 1;
      index = skipSpaces(bytes, end, to);
    }
    return count;
  }

  #start(token: number): number {
    return this.#tokens[2 * token] as number;
  }

  #end(token: number): number {
    return this.#tokens[2 * token + 1] as number;
  }

  #length(token: number): number {
    return this.#end(token) - this.#start(token);
  }

  #number(bytes: Uint8Array, token: number): number {
    const value = numberBetween(bytes, this.#start(token), this.#end(token));
    return Number.isSafeInteger(value) ? value : -1;
  }
}
