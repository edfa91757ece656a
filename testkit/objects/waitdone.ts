import type { Command } from './command.ts';
import type { CommandOutcome, Cqe } from './cqe.ts';

interface Waiter {
  readonly count: number;
  readonly resolve: (consumed: Consumed) => void;
  readonly reject: (error: unknown) => void;
}

/** What a `waitdone` took. @internal */
export interface Consumed {
  readonly last: Cqe | undefined;
  /** The first of them with a failure. */
  readonly failed: Command | undefined;
}

/** How long a waiter waits. @internal */
export interface WaitLimit {
  /** Undefined = for ever. */
  readonly timeoutMs: number | undefined;
  /** Asked when that is over: true waits once more. */
  readonly mayStillCome: () => boolean;
  readonly error: () => Error;
}

/**
 * Who gets which completion of a queue pair. Each counts for one `waitdone`, in order of completion; those of commands that are
 * also awaited count last, when no other is outstanding, so that an `await` before does not end a later `waitdone` early.
 * @internal
 */
export class CompletionLedger {
  /** Completed, neither awaited nor consumed. */
  readonly #loose = new Set<Command>();
  #looseOutstanding = 0;
  #awaitedDone = 0;
  #lastAwaited: Cqe | undefined;
  readonly #waiters: Waiter[] = [];

  sent(): void {
    this.#looseOutstanding += 1;
  }

  completed(command: Command, cqe: Cqe): void {
    if (command.isAwaited) {
      this.#countAwaited(cqe);
      return;
    }
    this.#looseOutstanding -= 1;
    this.#loose.add(command);
    if (counts(command, cqe)) command.recipe.scope.unhandled(command);
  }

  awaited(command: Command): void {
    const { cqe } = command;
    if (cqe === undefined) this.#looseOutstanding -= 1;
    else if (this.#loose.delete(command)) this.#countAwaited(cqe);
    command.recipe.scope.handled(command);
  }

  /** Completions no `waitdone` has consumed. */
  get available(): number {
    return this.#loose.size + this.#awaitedDone;
  }

  /** Serves waiters in their order. To be called when completions were booked and their callbacks have run. */
  settle(): void {
    for (let waiter = this.#waiters[0]; waiter !== undefined; waiter = this.#waiters[0]) {
      if (!this.#canServe(waiter.count)) return;
      this.#waiters.shift();
      waiter.resolve(this.#take(waiter.count));
    }
  }

  /** A callback failed: what it would have sent never comes. */
  abandon(error: unknown): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  /** Waits for that many and takes them. */
  async take(count: number, limit: WaitLimit): Promise<Consumed> {
    let timer: NodeJS.Timeout | undefined;
    const taken = new Promise<Consumed>((resolve, reject) => {
      const waiter = { count, resolve, reject };
      this.#waiters.push(waiter);
      const arm = (): void => {
        timer = setTimeout(() => {
          if (limit.mayStillCome()) return arm();
          this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
          reject(limit.error());
        }, limit.timeoutMs);
      };
      if (limit.timeoutMs !== undefined) arm();
    });
    this.settle();
    try {
      return await taken;
    } finally {
      clearTimeout(timer);
    }
  }

  #countAwaited(cqe: Cqe): void {
    this.#awaitedDone += 1;
    this.#lastAwaited = cqe;
  }

  #canServe(count: number): boolean {
    if (this.#loose.size >= count) return true;
    return this.#looseOutstanding === 0 && this.available >= count;
  }

  #take(count: number): Consumed {
    let last: Cqe | undefined;
    let failed: Command | undefined;
    let left = count;
    for (const command of this.#loose) {
      if (left === 0) break;
      left -= 1;
      this.#loose.delete(command);
      command.recipe.scope.handled(command);
      last = command.cqe;
      if (isFailed(command)) failed ??= command;
    }
    if (left === 0) return { last, failed };
    this.#awaitedDone -= left;
    return { last: last ?? this.#lastAwaited, failed };
  }
}

/** Cheaper than making the error. */
function isFailed({ cqe, recipe, hasThrown }: Command): boolean {
  if (hasThrown) return true;
  return cqe !== undefined && !cqe.ok && !(recipe.allowError && cqe.outcome === 'completed');
}

const ownDoing: ReadonlySet<CommandOutcome> = new Set(['reset', 'power-lost', 'queue-deleted', 'closed']);

/** What the test did to its own commands (reset, power off, delete) is no failure of theirs when nobody waits for them. */
function counts(command: Command, cqe: Cqe): boolean {
  return isFailed(command) && !ownDoing.has(cqe.outcome);
}
