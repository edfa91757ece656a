/** Linux's trace text (tracefs `trace` and `trace_pipe`, `trace-cmd report`): NVMe driver and block tracepoints. */
import { BlockTracepoints } from './blockTracepoints.ts';
import { NvmeTracepoints } from './nvmeTracepoints.ts';
import type { ParsedFacts, ParserContext, TraceParser } from './parser.ts';
import { at, hashBetween, numberBetween, skipSpaces, textBetween, tokenEnd, wordTable } from './words.ts';

type Event = 'setup' | 'complete' | 'issue' | 'end' | 'requeue';
const events: ReadonlyMap<number, Event> = wordTable<Event>({
  nvme_setup_cmd: 'setup',
  nvme_complete_rq: 'complete',
  block_rq_issue: 'issue',
  block_rq_complete: 'end',
  block_rq_requeue: 'requeue',
});

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

export class FtraceParser implements TraceParser {
  readonly #nvme: NvmeTracepoints;
  readonly #block: BlockTracepoints;
  #cpu = 0;
  #seconds = 0;
  #ns = 0;

  constructor(private readonly context: ParserContext) {
    this.#nvme = new NvmeTracepoints(context);
    this.#block = new BlockTracepoints(context, this.#nvme);
  }

  line(bytes: Uint8Array, from: number, to: number): void {
    const name = at(bytes, from) === 0x23 ? -1 : this.#prefix(bytes, from, to);
    if (name < 0) {
      this.#other(bytes, from, to);
      return;
    }
    const end = this.#nameEnd(bytes, name, to);
    const event = events.get(hashBetween(bytes, this.#nameStart(bytes, name, end), end));
    if (!event) {
      this.context.tally.count('lines of other events');
      return;
    }
    const timeNs = this.context.stream.time(this.#seconds, this.#ns);
    const line = { bytes, from: skipSpaces(bytes, end + 1, to), to, timeNs, cpu: this.#cpu };
    if (event === 'setup') this.#nvme.setup(line);
    else if (event === 'complete') this.#nvme.complete(line);
    else this.#block.event(event, line);
  }

  end(): void {
    this.#block.end();
    this.context.stream.giveUpAll();
  }

  facts(): ParsedFacts {
    return this.#nvme.seen ? this.#nvme.facts() : this.#block.facts();
  }

  /** `CPU:1 [LOST 1234 EVENTS]`: the reader was too slow. */
  #other(bytes: Uint8Array, from: number, to: number): void {
    const { tally } = this.context;
    const lost = at(bytes, from) === 0x43 ? /^CPU:\d+ \[LOST (\d+) EVENTS\]/.exec(textBetween(bytes, from, to)) : null;
    if (lost) tally.count('events lost by the recorder', Number(lost[1]));
    else tally.count('lines of other events');
  }

  /**
   * `task-pid [cpu] flags seconds.fraction: ` in front of the event's name; its place, or -1. A task's name may hold
   * anything, so the CPU in brackets is the first thing looked for.
   */
  #prefix(bytes: Uint8Array, from: number, to: number): number {
    for (let open = bytes.indexOf(0x5b, from); open >= 0 && open < to; open = bytes.indexOf(0x5b, open + 1)) {
      const close = this.#digitsEnd(bytes, open + 1, to);
      if (close > open + 1 && close < to && at(bytes, close) === 0x5d) {
        const name = this.#time(bytes, close + 1, to);
        if (name >= 0) {
          this.#cpu = numberBetween(bytes, open + 1, close);
          return this.#cpu <= 0xfffe ? name : -1;
        }
      }
    }
    return -1;
  }

  /** At most one word (the flags) is between the CPU and the time. */
  #time(bytes: Uint8Array, from: number, to: number): number {
    let start = skipSpaces(bytes, from, to);
    for (let word = 0; word < 2; word += 1) {
      const end = tokenEnd(bytes, start, to);
      const dot = this.#digitsEnd(bytes, start, end);
      if (dot > start && at(bytes, dot) === 0x2e && at(bytes, end - 1) === 0x3a && end - dot > 2) {
        this.#seconds = numberBetween(bytes, start, dot);
        const fraction = numberBetween(bytes, dot + 1, end - 1);
        this.#ns = fraction * 10 ** (9 - (end - dot - 2));
        const good = this.#seconds < 1e11 && fraction >= 0 && Number.isInteger(this.#ns);
        return good ? skipSpaces(bytes, end, to) : -1;
      }
      start = skipSpaces(bytes, end, to);
    }
    return -1;
  }

  #digitsEnd(bytes: Uint8Array, from: number, to: number): number {
    let index = from;
    while (index < to && isDigit(at(bytes, index))) index += 1;
    return index;
  }

  /** The colon after the event's name; perf writes `nvme:nvme_setup_cmd:`. */
  #nameEnd(bytes: Uint8Array, from: number, to: number): number {
    const end = tokenEnd(bytes, from, to);
    return end > from && at(bytes, end - 1) === 0x3a ? end - 1 : end;
  }

  #nameStart(bytes: Uint8Array, from: number, end: number): number {
    const colon = bytes.indexOf(0x3a, from);
    return colon >= 0 && colon < end ? colon + 1 : from;
  }
}
