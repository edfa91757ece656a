import { adminOpcode } from '../../nvme/opcode.ts';
import { integer, record, thousands, wrongType } from '../checks.ts';
import { Cqe } from '../cqe.ts';
import { currentScope } from '../testScope.ts';
import { indexed } from './indexed.ts';
import { RawLog } from './rawEvidence.ts';
import { RawQueue, type RawQueueController, type RawQueueOptions } from './rawQueue.ts';

const entryBytes = 16;
const spins = 200;

/** How a {@link CompletionQueue} is laid out. */
export interface CompletionQueueOptions extends RawQueueOptions {
  /** Interrupt Vector, 0..65,535; undefined disables interrupts. Default: disabled. */
  readonly vector?: number;
}

/** No completion was posted to the slot a test waits for. */
export class SlotTimeoutError extends Error {
  override readonly name = 'SlotTimeoutError';
}

/**
 * A completion queue of the test's own: `cq[i]` is what any slot holds, whatever its phase; `cq.head = n` rings the doorbell. The
 * device may write into it at any time after `create`.
 */
export class CompletionQueue extends RawQueue {
  /** Slots. Reading one gives a copy; writing takes 16 bytes. */
  [index: number]: Cqe;
  /** Phase Tag that a new completion at {@link head} has: 1 in the first turn. The test may change it. */
  phase = 1;
  readonly #vector: number | undefined;
  #head = 0;

  /** Lays the queue out; the device learns of it by `create`. @throws TypeError, RangeError */
  constructor(controller: RawQueueController, options: CompletionQueueOptions) {
    const { createIoCompletionQueue: createOpcode, deleteIoCompletionQueue: deleteOpcode } = adminOpcode;
    super(controller, options, { name: 'CQ', entryBytes, createOpcode, deleteOpcode });
    this.#vector = options.vector === undefined ? undefined : integer('vector', options.vector, 0, 0xffff);
    const self = indexed(this, { get: (index) => this.#read(index), set: (index, bytes) => this.#write(index, bytes) });
    // biome-ignore lint/correctness/noConstructorReturn: elements by number
    return self;
  }

  /** What was written to the doorbell last. */
  get head(): number {
    return this.#head;
  }

  /** Writes the head doorbell. Any value of 32 bits reaches the device. */
  set head(value: number) {
    this.#head = integer('head', value, 0, 0xffff_ffff);
    this.ring(this.#head);
  }

  /**
   * Waits until a slot has the phase of a new completion, and leaves the queue as it is.
   * @param options index: the slot, default `head`; phase: default {@link phase}; timeoutMs: default 10,000
   * @throws {@link SlotTimeoutError}
   */
  async wait(
    options: { readonly index?: number; readonly phase?: number; readonly timeoutMs?: number } = {},
  ): Promise<Cqe> {
    const { index = this.#head, phase = this.phase, timeoutMs = 10_000 } = record(options);
    integer('index', index, 0, this.depth - 1);
    integer('phase', phase, 0, 1);
    integer('timeoutMs', timeoutMs, 1, 2 ** 31 - 1);
    const isBounded = currentScope().commandTimeouts || options.timeoutMs !== undefined;
    const until = performance.now() + timeoutMs;
    for (let tries = 0; ; tries += 1) {
      // The device writes the phase last: where it is right, a second look sees the whole entry.
      if (this.#read(index).phase === phase) return this.#taken(index);
      if (isBounded && performance.now() > until) throw this.#timeout(index, phase, timeoutMs);
      await new Promise((resolve) => (tries < spins ? setImmediate(resolve) : setTimeout(resolve, 1)));
    }
  }

  /** Waits for the completion at {@link head}, then moves on: the head doorbell is rung, at the end of the queue the phase turns. */
  async next(options: { readonly timeoutMs?: number } = {}): Promise<Cqe> {
    const cqe = await this.wait(options);
    const isLast = this.#head === this.depth - 1;
    if (isLast) this.phase = 1 - this.phase;
    this.head = isLast ? 0 : this.#head + 1;
    return cqe;
  }

  /** @internal */
  protected created(): void {
    this.#head = 0;
  }

  /** @internal */
  protected deleted(): void {
    this.phase = 1;
  }

  /** @internal */
  protected createDword11(): number {
    const interrupts = this.#vector === undefined ? 0 : 2 + this.#vector * 0x1_0000;
    return (this.contiguous ? 1 : 0) + interrupts;
  }

  #read(index: number): Cqe {
    return Cqe.logged(this.memory.read(index), { sequence: 0n, latencyNs: 0n });
  }

  #taken(index: number): Cqe {
    const cqe = this.#read(index);
    RawLog.completed(this.controller.native, cqe, this.memory.read(index));
    return cqe;
  }

  #write(index: number, bytes: unknown): void {
    if (!(bytes instanceof Uint8Array) || bytes.length !== entryBytes) throw wrongType('the slot', '16 bytes', bytes);
    this.memory.write(index, bytes);
  }

  #timeout(index: number, phase: number, timeoutMs: number): SlotTimeoutError {
    return new SlotTimeoutError(
      `CQ ${this.qid} of ${this.controller.address}: no completion with phase ${phase} in slot ${index} in ${thousands(timeoutMs)} ms`,
    );
  }
}
