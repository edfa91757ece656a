import { adminOpcode } from '../nvme/opcode.ts';
import { integer } from './checks.ts';
import type { Cqe } from './cqe.ts';
import { CommandError } from './errors.ts';
import type { Qpair } from './qpair.ts';

/** An asynchronous event (NVMe Base 2.0, "Asynchronous Event Request command", Completion Queue Entry Dword 0). */
export interface AsynchronousEvent {
  /** Event type: 0 error, 1 SMART / health, 2 notice, 3 immediate, 6 I/O command specific, 7 vendor specific. */
  readonly type: number;
  /** Event information; its meaning depends on the type. */
  readonly info: number;
  /** Log page to read, without `rae`, before the controller reports this type again. */
  readonly logPage: number;
  readonly dw0: number;
}

interface AerController {
  readonly address: string;
  readonly adminQpair: Qpair;
  changed(): void;
}

interface Waiter {
  readonly resolve: (event: AsynchronousEvent) => void;
  readonly reject: (error: unknown) => void;
}

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

  /** The next event, an earlier one nobody took included. @throws an Error when none comes in time @param timeoutMs default 10,000 */
  async next({ timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {}): Promise<AsynchronousEvent> {
    const ready = this.#events.shift();
    if (ready !== undefined) return ready;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#outstanding === 0)
      throw new TypeError('no Asynchronous Event Request is outstanding: call aer.arm() first');
    return this.#wait(integer('timeoutMs', timeoutMs, 1, 2 ** 31 - 1));
  }

  /** Events as they come, until a reset or loss of power. Each is waited for without a limit. */
  async *[Symbol.asyncIterator](): AsyncGenerator<AsynchronousEvent> {
    while (this.#outstanding > 0 || this.#events.length > 0) {
      const event = this.#events.shift() ?? (await this.#nextOrEnd());
      if (event === undefined) return;
      yield event;
    }
  }

  async #nextOrEnd(): Promise<AsynchronousEvent | undefined> {
    try {
      return await new Promise<AsynchronousEvent>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    } catch (error) {
      if (error instanceof CommandError && error.cqe.outcome !== 'completed') return undefined;
      throw error;
    }
  }

  #wait(timeoutMs: number): Promise<AsynchronousEvent> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve: (event) => end(() => resolve(event)),
        reject: (error) => end(() => reject(error)),
      };
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(new Error(`no asynchronous event on ${this.#controller.address} in ${timeoutMs} ms`));
      }, timeoutMs);
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        settle();
      };
      this.#waiters.push(waiter);
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
    else waiter.resolve(event);
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
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
