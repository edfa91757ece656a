/**
 * The deadline of what the main thread is doing, in memory the telemetry thread can read: a thread in `while (true)` answers no
 * message. Times are of `process.hrtime.bigint()`, which is one clock for the whole process.
 */
export class HangGuard {
  readonly memory = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  private readonly deadline = new BigInt64Array(this.memory);
  private suspended = false;

  constructor(private readonly announce: (task: { id: string; timeoutMs: number }) => void) {}

  /** The main thread must call again, or {@link off}, within `timeoutMs` + 2 s. */
  watch(id: string, timeoutMs: number): void {
    this.announce({ id, timeoutMs });
    this.extend(timeoutMs);
  }

  /** Progress was made: the time starts again. */
  extend(timeoutMs: number): void {
    const isOn = !this.suspended && Number.isFinite(timeoutMs);
    const inMs = isOn ? BigInt(Math.round(timeoutMs + graceMs)) : 0n;
    Atomics.store(this.deadline, 0, isOn ? process.hrtime.bigint() + inMs * 1_000_000n : 0n);
  }

  off(): void {
    Atomics.store(this.deadline, 0, 0n);
  }

  /** While a debugger may hold the thread there is no deadline at all. */
  suspend(suspended: boolean): void {
    this.suspended = suspended;
    if (suspended) this.off();
  }
}

const graceMs = 2000;

/** The telemetry thread's side. */
export function isOverdue(memory: SharedArrayBuffer): boolean {
  const deadline = Atomics.load(new BigInt64Array(memory), 0);
  return deadline !== 0n && process.hrtime.bigint() > deadline;
}

/** True while there is a deadline. */
export function isWatching(memory: SharedArrayBuffer): boolean {
  return Atomics.load(new BigInt64Array(memory), 0) !== 0n;
}
