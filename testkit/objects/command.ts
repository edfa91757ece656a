import type { Cqe } from './cqe.ts';
import type { Failing, TestScope } from './testScope.ts';

/** Called with the completion of a command, whatever its status. What it throws fails the test. */
export type CommandCallback = (cqe: Cqe) => void;

/** What every command takes. */
export interface CommandOptions {
  /** Milliseconds until the command counts as lost; 0 = never. Default: the controller's {@link Timeouts} for its opcode. */
  readonly timeoutMs?: number;
  /** Return the CQE of a command that fails, instead of rejecting. */
  readonly allowError?: boolean;
}

/** What a command needs of its queue pair. @internal */
export interface CommandOwner {
  /** Somebody waits for this command from now on. */
  awaited(command: Command): void;
  /** The reason when it did not succeed. */
  failureOf(command: Command, cqe: Cqe): unknown;
}

/** @internal */
export interface CommandRecipe {
  readonly owner: CommandOwner;
  readonly scope: TestScope;
  readonly timeoutMs: number;
  readonly allowError: boolean;
  readonly callback: CommandCallback | undefined;
}

/**
 * A command that was sent: a promise of its CQE. It rejects with {@link NvmeStatusError}, or with the error of another reason.
 * Left without `await`, its completion counts for `waitdone`; a failure then fails the test, unless `waitdone` consumed it.
 */
export class Command implements Promise<Cqe>, Failing {
  readonly [Symbol.toStringTag] = 'Command';
  /** Command Identifier, unique on its queue pair while the command is outstanding. */
  readonly cid: number;
  /** @internal */
  readonly recipe: CommandRecipe;
  /** The entry as posted; kept when the command failed. @internal */
  posted: Uint32Array | undefined;
  /** Sent with the same CID before this one was delivered. @internal */
  next: Command | undefined;
  #cqe: Cqe | undefined;
  #settled: Promise<Cqe> | undefined;
  #arrive: ((cqe: Cqe) => void) | undefined;
  #failure: unknown;
  #hasThrown = false;

  /** @internal */
  constructor(cid: number, recipe: CommandRecipe) {
    this.cid = cid;
    this.recipe = recipe;
  }

  /** The completion, once there is one. */
  get cqe(): Cqe | undefined {
    return this.#cqe;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise, made only when somebody asks
  then<T = Cqe, E = never>(
    onFulfilled?: ((cqe: Cqe) => T | PromiseLike<T>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<T | E> {
    return this.#promise().then(onFulfilled, onRejected);
  }

  catch<E = never>(onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null): Promise<Cqe | E> {
    return this.#promise().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<Cqe> {
    return this.#promise().finally(onFinally);
  }

  /** @internal */
  get isAwaited(): boolean {
    return this.#settled !== undefined;
  }

  /** The error of a command that ended badly, the same one every time. @internal */
  get failure(): unknown {
    if (this.#cqe === undefined) return undefined;
    this.#failure ??= this.recipe.owner.failureOf(this, this.#cqe);
    return this.#failure;
  }

  /** Its callback threw. @internal */
  get hasThrown(): boolean {
    return this.#hasThrown;
  }

  /** What its callback threw takes the place of the command's own failure. @internal */
  fail(error: unknown): void {
    this.#hasThrown = true;
    this.#failure = error;
  }

  /** @internal */
  complete(cqe: Cqe): void {
    this.#cqe = cqe;
    this.#arrive?.(cqe);
  }

  #promise(): Promise<Cqe> {
    if (this.#settled === undefined) {
      this.#settled = this.#settle();
      this.recipe.owner.awaited(this);
    }
    return this.#settled;
  }

  /** An async function on purpose: an error made in it has the awaiting line of the test in its stack. */
  async #settle(): Promise<Cqe> {
    const cqe = this.#cqe ?? (await new Promise<Cqe>((resolve) => (this.#arrive = resolve)));
    if (cqe.ok) return cqe;
    // Only behind an await does the engine know who waits.
    await undefined;
    const { failure } = this;
    if (failure !== undefined) throw failure;
    return cqe;
  }
}
