import type { NativeController, NativeRawQueue } from '../../nativeSurface.ts';
import type { Cqe } from '../cqe.ts';
import { queueLogText } from '../queueLog.ts';

/** Submission queues by identifier: a completion names only that. */
const logs = new WeakMap<NativeController, Map<number, RawLog>>();

/** The command log of a submission queue that a test runs itself: told of what the device can see. @internal */
export class RawLog {
  readonly #native: NativeController;
  readonly #qid: number;
  readonly #queue: NativeRawQueue;

  constructor(native: NativeController, qid: number, depth: number) {
    this.#native = native;
    this.#qid = qid;
    this.#queue = native.addRawQueue(qid, depth);
    const known = logs.get(native) ?? new Map<number, RawLog>();
    known.get(qid)?.close();
    logs.set(native, known.set(qid, this));
  }

  submitted(entry: Uint8Array): void {
    this.#queue.submitted(entry, 0);
  }

  text(max: number): string {
    return queueLogText(this.#queue.segment, max);
  }

  close(): void {
    this.#queue.close();
    const known = logs.get(this.#native);
    if (known?.get(this.#qid) === this) known.delete(this.#qid);
  }

  /** A completion was read out of any completion queue. */
  static completed(native: NativeController, cqe: Cqe, bytes: Uint8Array): void {
    const log = logs.get(native)?.get(cqe.sqId);
    if (log !== undefined) log.#queue.completed(bytes);
  }
}
