import type { Progressing, TestScope } from '../../objects/testScope.ts';
import type { HangGuard } from '../hangGuard.ts';

const pollMs = 250;

export class TestTimeoutError extends Error {
  override readonly name = 'TestTimeoutError';
}

export interface DeadlineOptions {
  /** For the hang guard. */
  readonly id: string;
  readonly timeoutMs: number;
  /** No deadline at all: a debugger may hold everything for hours. */
  readonly debug: boolean;
  readonly guard: HangGuard;
  readonly scope: TestScope;
}

/** The time a test has. It starts anew with every `progress` and as long as an ioworker or a long operation of the test gets on. */
export class Deadline {
  /** Rejects with {@link TestTimeoutError}; never resolves. */
  readonly expired: Promise<never>;
  private timer: NodeJS.Timeout | undefined;
  private since = performance.now();
  private isStopped = false;
  private readonly seen = new Map<Progressing, bigint>();

  constructor(private readonly options: DeadlineOptions) {
    let reject: (error: Error) => void = () => undefined;
    this.expired = new Promise<never>((_, rejected) => {
      reject = rejected;
    });
    this.expired.catch(() => undefined);
    if (options.debug) return;
    options.guard.watch(options.id, options.timeoutMs);
    this.arm(() => reject(new TestTimeoutError(this.message())));
  }

  restart(): void {
    // A body that was given up may still tell its progress: no time of ours is left to extend.
    if (this.isStopped) return;
    this.since = performance.now();
    if (!this.options.debug) this.options.guard.extend(this.options.timeoutMs);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.options.guard.off();
  }

  private arm(expire: () => void): void {
    const left = this.options.timeoutMs - (performance.now() - this.since);
    this.timer = setTimeout(
      () => {
        if (this.workersGotOn()) this.restart();
        if (performance.now() - this.since >= this.options.timeoutMs) expire();
        else this.arm(expire);
      },
      Math.max(0, Math.min(left, pollMs)),
    );
  }

  private workersGotOn(): boolean {
    let progress = false;
    for (const worker of this.options.scope.running) {
      const ios = worker.counters()?.ios ?? 0n;
      progress ||= ios !== (this.seen.get(worker) ?? 0n);
      this.seen.set(worker, ios);
    }
    return progress;
  }

  private message(): string {
    const workers = this.options.scope.running.size;
    const still = workers > 0 ? ` ${workers} ioworkers or long operations were running without getting on.` : '';
    return `The test did not end within its time-out of ${this.options.timeoutMs} ms.${still}`;
  }
}
