/** Brings submissions and completions together, and hands commands on in the order of their submission. */
import { noRanges, TraceFlag, type TraceRow, type TrimRange } from '../traceCommand.ts';
import type { LeftReason, Tally } from './tally.ts';

/** A command whose completion has not been seen. A class, so that millions of them are made quickly. */
export class OpenCommand implements TraceRow {
  latencyNs = 0;
  opcode = 0;
  flags = 0;
  queue = 0;
  cid = 0;
  nsid = 0;
  cdw10 = 0;
  cdw11 = 0;
  length = 0;
  control = 0;
  cdw13 = 0;
  cdw14 = 0;
  cdw15 = 0;
  status = 0;
  dw0 = 0;
  ranges: readonly TrimRange[] = noRanges;
  /** Ended, or given up: it goes out as soon as those before it have. */
  settled = false;
  /** Why it cannot be imported, unless another line still says what is missing. */
  lacks: LeftReason | undefined = undefined;
  /** Ranges of a Dataset Management command: how many there are to be. */
  wantedRanges = 0;

  constructor(
    /** For parsers: which open command a completion means. */
    readonly key: number,
    public timeNs: number,
  ) {}
}

/** Commands waiting behind one without a completion, at most. Its completion is then taken as not recorded. */
const longestWait = 65_536;
/** Recorders with several threads write lines out of order by less than this; more is a clock that was set. */
const disorderNs = 10e6;
/** A longer pause is a clock that was set: no recording waits a day. */
const jumpNs = 86_400e9;

export class CommandStream {
  /** Seconds and ns of the first event, as the recorder wrote them. */
  zero: { readonly seconds: number; readonly ns: number } | undefined;
  #shift = 0;
  #latest = 0;
  #handedOn = 0;
  #queue: OpenCommand[] = [];
  #head = 0;
  readonly #open = new Map<number, OpenCommand>();

  constructor(
    private readonly sink: (row: TraceRow) => void,
    private readonly tally: Tally,
  ) {}

  /** The recorder's time of an event as ns since the first one, steady whatever its clock does. */
  time(seconds: number, ns: number): number {
    this.zero ??= { seconds, ns };
    let time = (seconds - this.zero.seconds) * 1e9 + (ns - this.zero.ns) + this.#shift;
    const step = time - this.#latest;
    if (step < -disorderNs || step > jumpNs) {
      this.tally.count('clock jumps');
      this.#shift -= step;
      time = this.#latest;
    }
    if (time > this.#latest) this.#latest = time;
    return time;
  }

  /**
   * A command was sent; its fields are the caller's to fill. One still open under the same key lost its completion:
   * identifiers are used again.
   */
  submit(key: number, timeNs: number): OpenCommand {
    const before = this.#open.get(key);
    if (before) this.giveUp(before);
    const command = new OpenCommand(key, timeNs);
    this.#open.set(key, command);
    this.#insert(command);
    if (this.#queue.length - this.#head > longestWait) this.giveUp(this.#queue[this.#head] as OpenCommand);
    return command;
  }

  /** A command of a recording that never tells how commands end: it goes on as it is. */
  pass(command: OpenCommand): void {
    this.#insert(command);
    this.#settle(command);
  }

  opened(key: number): OpenCommand | undefined {
    return this.#open.get(key);
  }

  get openCommands(): IterableIterator<OpenCommand> {
    return this.#open.values();
  }

  /** Without a time its latency is not known. */
  complete(command: OpenCommand, timeNs: number | undefined, status: number, dw0: number): void {
    command.flags |= TraceFlag.Completed;
    if (timeNs !== undefined && timeNs >= command.timeNs) {
      command.flags |= TraceFlag.Timed;
      command.latencyNs = timeNs - command.timeNs;
    }
    command.status = status;
    command.dw0 = dw0;
    this.#settle(command);
  }

  /** Its completion will not come. */
  giveUp(command: OpenCommand): void {
    if (command.settled) return;
    if (!command.lacks) this.tally.count('completion not recorded');
    this.#settle(command);
  }

  /** Takes a command back: its request will be sent again. */
  withdraw(command: OpenCommand): void {
    this.#open.delete(command.key);
    const at = this.#queue.indexOf(command, this.#head);
    if (at >= 0) this.#queue.splice(at, 1);
  }

  /** The controller was reset, or the recording ends. */
  giveUpAll(): void {
    for (const command of [...this.#open.values()]) this.giveUp(command);
  }

  #insert(command: OpenCommand): void {
    command.timeNs = this.#inOrder(command.timeNs);
    let place = this.#queue.length;
    while (place > this.#head && (this.#queue[place - 1] as OpenCommand).timeNs > command.timeNs) place -= 1;
    if (place === this.#queue.length) this.#queue.push(command);
    else {
      this.tally.count('times put in order');
      this.#queue.splice(place, 0, command);
    }
  }

  #inOrder(timeNs: number): number {
    if (timeNs >= this.#handedOn) return timeNs;
    this.tally.count('times put in order');
    return this.#handedOn;
  }

  #settle(command: OpenCommand): void {
    command.settled = true;
    if (this.#open.get(command.key) === command) this.#open.delete(command.key);
    while (this.#head < this.#queue.length) {
      const first = this.#queue[this.#head] as OpenCommand;
      if (!first.settled) break;
      this.#head += 1;
      this.#handOn(first);
    }
    if (this.#head > 4096 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }

  #handOn(command: OpenCommand): void {
    if (command.lacks) {
      this.tally.leave(command.lacks);
      return;
    }
    if (command.ranges.length < command.wantedRanges) {
      if (command.ranges.length === 0) {
        this.tally.leave('DSM ranges not recorded');
        return;
      }
      command.flags |= TraceFlag.RangesMissing;
      this.tally.count('DSM with some ranges missing');
    }
    this.#handedOn = command.timeNs;
    this.sink(command);
  }
}
