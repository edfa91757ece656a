import { adminOpcode } from '../../nvme/opcode.ts';
import { integer, wrongType } from '../checks.ts';
import { Sqe } from '../sqeEntry.ts';
import { indexed } from './indexed.ts';
import { RawLog } from './rawEvidence.ts';
import { RawQueue, type RawQueueController, type RawQueueOptions } from './rawQueue.ts';

const priorities = { urgent: 0, high: 1, medium: 2, low: 3 } as const;
const entryBytes = 64;

/** How a {@link SubmissionQueue} is laid out. */
export interface SubmissionQueueOptions extends RawQueueOptions {
  /** Completion Queue Identifier: several submission queues may share one. Default: the same id. */
  readonly cqid?: number;
  /** For weighted round robin arbitration. Default `medium`. */
  readonly priority?: 'urgent' | 'high' | 'medium' | 'low';
}

/**
 * A submission queue of the test's own: `sq[i] = sqe` writes an entry, `sq.tail = n` rings the doorbell.
 * @example
 * const cq = new CompletionQueue(nvme0, { qid: 9, depth: 16 });
 * const sq = new SubmissionQueue(nvme0, { qid: 9, depth: 16 });
 * await cq.create();
 * await sq.create();
 * sq[0] = new Sqe({ opcode: nvmOpcode.flush, cid: 7, nsid: 1 });
 * sq.tail = 1;
 * const cqe = await cq.next();
 */
export class SubmissionQueue extends RawQueue {
  /** Entries. Reading one gives a copy. */
  [index: number]: Sqe;
  /** Completion Queue Identifier. */
  readonly cqid: number;
  readonly #priority: number;
  #tail = 0;
  #log: RawLog | undefined;

  /** Lays the queue out; the device learns of it by `create`. @throws TypeError, RangeError */
  constructor(controller: RawQueueController, options: SubmissionQueueOptions) {
    const { createIoSubmissionQueue: createOpcode, deleteIoSubmissionQueue: deleteOpcode } = adminOpcode;
    super(controller, options, { name: 'SQ', entryBytes, createOpcode, deleteOpcode });
    this.cqid = integer('cqid', options.cqid ?? options.qid, 0, 0xffff);
    const { priority = 'medium' } = options;
    if (!Object.hasOwn(priorities, priority)) throw wrongType('priority', Object.keys(priorities).join(', '), priority);
    this.#priority = priorities[priority];
    const self = indexed(this, { get: (index) => this.#read(index), set: (index, sqe) => this.#write(index, sqe) });
    // biome-ignore lint/correctness/noConstructorReturn: elements by number
    return self;
  }

  /** What was written to the doorbell last. */
  get tail(): number {
    return this.#tail;
  }

  /** Writes the tail doorbell. Any value of 32 bits reaches the device. */
  set tail(value: number) {
    const tail = integer('tail', value, 0, 0xffff_ffff);
    this.#logUpTo(tail);
    this.#tail = tail;
    this.ring(tail);
  }

  /** The newest commands the device could see, as text, newest first; empty before `create`. @param max how many */
  cmdlog(max = 128): string {
    integer('max', max, 1, 1_000_000);
    return this.#log?.text(max) ?? '';
  }

  /** @internal */
  protected created(): void {
    this.#tail = 0;
    this.#log = new RawLog(this.controller.native, this.qid, this.depth);
  }

  /** @internal */
  protected deleted(): void {
    this.#log?.close();
  }

  /** Entries from the tail before up to the new one, where both are places in the queue. */
  #logUpTo(tail: number): void {
    if (this.#log === undefined || tail >= this.depth || this.#tail >= this.depth) return;
    for (let index = this.#tail; index !== tail; index = (index + 1) % this.depth) {
      this.#log.submitted(this.memory.read(index));
    }
  }

  /** @internal */
  protected createDword11(): number {
    return (this.contiguous ? 1 : 0) + this.#priority * 2 + this.cqid * 0x1_0000;
  }

  #read(index: number): Sqe {
    return new Sqe(new Uint32Array(this.memory.read(index).slice().buffer));
  }

  #write(index: number, sqe: unknown): void {
    if (!(sqe instanceof Sqe)) throw wrongType('the entry', 'an Sqe', sqe);
    this.memory.write(index, sqe.bytes);
  }
}
