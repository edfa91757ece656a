import { completionLayout, type NativeQpair } from '../nativeQpair.ts';

const batch = 64;
/** A device in this process answers in a few microseconds, when it is awake; longer waits are worth a notification. */
const spinUs = 12;
/** Turns in a row without an event loop turn: timers, cancel and telemetry must get on beside a loop of awaited commands. */
const turnsBeforeYield = 64;

let turns = 0;
let isCounting = false;

function mustYield(): boolean {
  turns += 1;
  if (!isCounting) {
    isCounting = true;
    setImmediate(() => {
      isCounting = false;
      turns = 0;
    });
  }
  return turns > turnsBeforeYield;
}

/** What the pump serves. @internal */
export interface PumpedQueue {
  /** Commands sent and not delivered. */
  readonly pending: number;
  /** `count` completions are in the view, `completionLayout.size` bytes each. */
  deliver(view: DataView, count: number): void;
}

/**
 * Moves completions of one queue pair into JavaScript: spins a few microseconds after commands were sent (never in the call that
 * sent them), then lets the driver call back. @internal
 */
export class CompletionPump {
  readonly #native: NativeQpair;
  readonly #queue: PumpedQueue;
  readonly #bytes = new Uint8Array(batch * completionLayout.size);
  readonly #view = new DataView(this.#bytes.buffer);
  #isScheduled = false;
  #isArmed = false;

  constructor(native: NativeQpair, queue: PumpedQueue) {
    this.#native = native;
    this.#queue = queue;
  }

  /** Something was sent: look for completions as soon as the caller is done. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(this.#turn);
  }

  /** Takes what is there, without waiting. */
  flush(): void {
    this.#reap(0);
    this.#arm();
  }

  readonly #turn = (): void => {
    if (mustYield()) {
      setImmediate(this.#turn);
      return;
    }
    this.#isScheduled = false;
    if (this.#reap(spinUs) > 0 && this.#queue.pending > 0) this.schedule();
    else this.#arm();
  };

  readonly #notified = (): void => {
    this.#isArmed = false;
    this.#reap(0);
    // What the continuations send now is looked for by their own turn.
    this.#arm();
  };

  #reap(spin: number): number {
    let total = 0;
    let count = this.#native.reap(this.#bytes, spin);
    while (count > 0) {
      total += count;
      this.#queue.deliver(this.#view, count);
      count = count === batch ? this.#native.reap(this.#bytes, 0) : 0;
    }
    return total;
  }

  /** An armed notification keeps the process alive: it stays only while something can come. */
  #arm(): void {
    const isNeeded = this.#queue.pending > 0;
    if (isNeeded === this.#isArmed) return;
    this.#isArmed = isNeeded;
    this.#native.notify(isNeeded ? this.#notified : undefined);
  }
}
