import { adminOpcode } from '../nvme/opcode.ts';
import { integer, record } from './checks.ts';
import type { Cqe } from './cqe.ts';
import { CommandError } from './errors.ts';
import { LazyPromise } from './lazyPromise.ts';
import type { Qpair } from './qpair.ts';
import { currentScope } from './testScope.ts';

/** An asynchronous event (NVMe Base 2.0, "Asynchronous Event Request command", Completion Queue Entry Dword 0). */
export interface AsynchronousEvent {
  /** Event type: 0 error, 1 SMART / health, 2 notice, 3 immediate, 6 I/O command specific, 7 vendor specific. */
  readonly type: number;
  /** Event information; its meaning depends on the type. */
  readonly info: number;
  /** Log page to read, without `rae`, before the controller reports this type again. */
  readonly logPage: number;
  /** Dword 0 of the completion, all of it. */
  readonly dw0: number;
}

interface AerController {
  readonly address: string;
  readonly adminQpair: Qpair;
  changed(): void;
}

/** An event, or why there is none. */
interface Settled {
  readonly event?: AsynchronousEvent;
  readonly error?: unknown;
}
type Waiter = (settled: Settled) => void;

/**
 * Asynchronous events of a controller. Nothing is armed until {@link arm}; then every event that comes re-arms its command. A
 * reset or loss of power ends it.
 */
export class AerStream implements AsyncIterable<AsynchronousEvent> {
  readonly #controller: AerController;
  readonly #events: AsynchronousEvent[] = [];
  readonly #waiters: Waiter[] = [];
  #outstanding = 0;
  #failure: unknown;

  /** @internal */
  constructor(controller: AerController) {
    this.#controller = controller;
  }

  /** Commands waiting for an event. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Sends that many Asynchronous Event Request commands; more than AERL + 1 outstanding is the device's to refuse. */
  arm(count = 1): void {
    integer('count', count, 1, 256);
    this.#failure = undefined;
    this.#controller.changed();
    for (let sent = 0; sent < count; sent += 1) this.#send();
  }

  /**
   * The next event, an earlier one nobody took included.
   * @param options timeoutMs: milliseconds, default 10,000
   * @throws an Error when none comes in time; what ended the commands; TypeError when none is outstanding
   */
  next(options: { readonly timeoutMs?: number } = {}): Promise<AsynchronousEvent> {
    const { timeoutMs = 10_000 } = record(options);
    integer('timeoutMs', timeoutMs, 1, 2 ** 31 - 1);
    const settled = this.#settled(timeoutMs);
    return new LazyPromise(async () => {
      const { event, error } = await settled;
      if (event === undefined) throw error;
      return event;
    });
  }

  /** Events as they come, until a reset or loss of power. Each is waited for without a limit. */
  async *[Symbol.asyncIterator](): AsyncGenerator<AsynchronousEvent> {
    while (this.#outstanding > 0 || this.#events.length > 0) {
      const event = this.#events.shift() ?? (await this.#nextOrEnd());
      if (event === undefined) return;
      yield event;
    }
  }

  /** Events of an earlier test are none of this one's. @internal */
  forget(): void {
    this.#events.length = 0;
  }

  async #nextOrEnd(): Promise<AsynchronousEvent | undefined> {
    const { event, error } = await new Promise<Settled>((resolve) => this.#waiters.push(resolve));
    const isOver = error instanceof CommandError && error.cqe.outcome !== 'completed';
    if (event === undefined && !isOver) throw error;
    return event;
  }

  #settled(timeoutMs: number): Promise<Settled> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve({ event });
    if (this.#failure !== undefined) return Promise.resolve({ error: this.#failure });
    if (this.#outstanding === 0) {
      return Promise.resolve({
        error: new TypeError('no Asynchronous Event Request is outstanding: call aer.arm() first'),
      });
    }
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const waiter: Waiter = (settled) => {
        clearTimeout(timer);
        resolve(settled);
      };
      this.#waiters.push(waiter);
      if (!currentScope().commandTimeouts) return;
      timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        resolve({ error: new Error(`no asynchronous event on ${this.#controller.address} in ${timeoutMs} ms`) });
      }, timeoutMs);
    });
  }

  #send(): void {
    this.#outstanding += 1;
    const sqe = { opcode: adminOpcode.asynchronousEventRequest };
    this.#controller.adminQpair.send(sqe, undefined, { timeoutMs: 0 }).then(
      (cqe) => this.#arrived(cqe),
      (error: unknown) => this.#ended(error),
    );
  }

  #arrived(cqe: Cqe): void {
    this.#outstanding -= 1;
    const event = {
      type: cqe.dw0 & 7,
      info: (cqe.dw0 >>> 8) & 0xff,
      logPage: (cqe.dw0 >>> 16) & 0xff,
      dw0: cqe.dw0,
    };
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#events.push(event);
    else waiter({ event });
    this.#rearm();
  }

  #rearm(): void {
    try {
      this.#send();
    } catch (error) {
      // The queue went away between the event and now: said to whoever waits next.
      this.#ended(error);
    }
  }

  #ended(error: unknown): void {
    this.#outstanding -= 1;
    this.#failure = error;
    for (const waiter of this.#waiters.splice(0)) waiter({ error });
  }
}
