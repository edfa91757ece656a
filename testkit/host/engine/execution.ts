import { inspect } from 'node:util';
import type { DeclaredBody, HookKind } from '../../api/declaration.ts';
import { SkipError, setTestContext, type TestContext } from '../../api/testContext.ts';
import { platformLimit } from '../../objects/nativeErrors.ts';
import { isolateScopes, TestScope } from '../../objects/testScope.ts';
import type { TestFailure, TestOutcome } from '../../protocol.ts';
import { toFailures } from '../failure/toFailures.ts';
import type { HangGuard } from '../hangGuard.ts';
import { Deadline } from './deadline.ts';
import { FixtureScope } from './fixtureScope.ts';
import type { PlannedTest } from './plan.ts';

/** Time for fixtures and outstanding commands to end; beyond it the controller is not to be trusted. */
const tearDownMs = 15_000;
/** A body that failed beside its own path (a callback threw) gets this long to say more. */
const afterwordMs = 100;

/** The test cannot run because of something that is not the test's. */
export class EnvironmentError extends Error {}

export interface ExecutionOptions {
  readonly id: string;
  readonly context: TestContext;
  readonly seed: bigint;
  readonly timeoutMs: number;
  readonly debug: boolean;
  readonly guard: HangGuard;
  readonly cancelled: AbortSignal;
}

type Phase = 'body' | 'hooks after' | 'tear-down';

/** One test (or one hook of a suite) from its first `beforeEach` until its last fixture is gone. */
export class Execution {
  private readonly failures: TestFailure[] = [];
  private environment = false;
  private skipReason: string | undefined;
  private readonly scope: TestScope;
  private readonly fixtures = new FixtureScope();
  private readonly failedBeside: Promise<void>;
  private noteFailure: () => void = () => undefined;
  private deadline: Deadline | undefined;
  private isBodyOver = false;
  /** Works of this test that have not come to their own end. */
  private unfinished = 0;
  /** True when the tear-down did not end in time. */
  stuck = false;

  constructor(private readonly options: ExecutionOptions) {
    this.failedBeside = new Promise((resolve) => {
      this.noteFailure = resolve;
    });
    const { seed, debug, context } = options;
    this.scope = new TestScope({
      onFailure: (error) => this.fail(error),
      onProgress: context.progress,
      onNote: (text) => context.log(text),
      seed,
      commandTimeouts: !debug,
    });
  }

  async test({ test, suites }: PlannedTest): Promise<TestOutcome> {
    const before = suites.flatMap((suite) => hooks(suite.hooks, 'beforeEach'));
    const after = suites.flatMap((suite) => hooks(suite.hooks, 'afterEach')).reverse();
    return this.run(async () => {
      for (const hook of before) await this.step(hook);
      await this.step(test, test.row);
    }, after);
  }

  async hook(body: DeclaredBody): Promise<TestOutcome> {
    return this.run(() => this.step(body), []);
  }

  /** Something went wrong that no await of the body will see. */
  fail(error: unknown): void {
    this.record(error);
    this.noteFailure();
  }

  /** The test told how far it is: its time-out starts again. */
  restartTimeout(): void {
    this.deadline?.restart();
  }

  /** A body that was given up (a fixture took too long) must not begin its next step beside the tests that follow. */
  private async step(body: DeclaredBody, row?: readonly unknown[]): Promise<void> {
    if (!this.isBodyOver) await this.fixtures.run(body, row, () => !this.isBodyOver);
  }

  private async run(body: () => Promise<void>, after: readonly DeclaredBody[]): Promise<TestOutcome> {
    const leave = this.scope.enter();
    setTestContext(this.options.context);
    try {
      await this.bounded('body', body, this.options.timeoutMs);
      this.isBodyOver = true;
      // A cancelled run only cleans up: hooks are the author's code, and could take their time again.
      if (after.length > 0 && !this.options.cancelled.aborted) {
        await this.bounded('hooks after', () => this.hooksAfter(after), this.options.timeoutMs);
      }
      await this.bounded('tear-down', () => this.tearDown(), tearDownMs);
      await this.partFromUnfinished();
    } finally {
      setTestContext(undefined);
      leave();
    }
    return this.outcome();
  }

  /** Runs `work` until it ends, its time is over, (a body) it failed beside its path, or (not the tear-down) the run is cancelled. */
  private async bounded(phase: Phase, work: () => Promise<void>, timeoutMs: number): Promise<void> {
    const { id, debug, guard, cancelled } = this.options;
    const deadline = new Deadline({ id, timeoutMs, debug, guard, scope: this.scope });
    this.deadline = deadline;
    let over = false;
    this.unfinished += 1;
    const ended = this.scope
      .run(work)
      .catch((error: unknown) => {
        // What is left of a body that was given up fails of its tear-down: no finding.
        if (!over) this.record(error);
      })
      .finally(() => {
        this.unfinished -= 1;
      });
    const ends: Promise<unknown>[] = [ended, deadline.expired];
    const abort = listenOnce(cancelled);
    if (phase !== 'tear-down') ends.push(abort.happened);
    if (phase === 'body') ends.push(this.failedBeside.then(() => delay(afterwordMs)));
    try {
      await Promise.race(ends);
    } catch (error) {
      this.record(phase === 'tear-down' ? this.stuckError() : error);
    } finally {
      over = true;
      abort.stop();
      deadline.stop();
    }
  }

  private async hooksAfter(after: readonly DeclaredBody[]): Promise<void> {
    for (const hook of after) await this.fixtures.run(hook).catch((error: unknown) => this.record(error));
  }

  private async tearDown(): Promise<void> {
    for (const error of await this.fixtures.tearDown()) this.record(error);
    await this.scope.close();
  }

  /** What was given up and goes on must not be taken for the work of the tests that follow. */
  private async partFromUnfinished(): Promise<void> {
    // Most bodies end by the tear-down: let them.
    if (this.unfinished > 0) await delay(0);
    if (this.unfinished > 0) isolateScopes();
  }

  private stuckError(): EnvironmentError {
    this.stuck = true;
    const names = this.fixtures.names.join(', ');
    return new EnvironmentError(
      `The tear-down did not end within ${tearDownMs} ms${names && ` (fixtures left: ${names})`}.`,
    );
  }

  private record(error: unknown): void {
    const reason = error instanceof SkipError ? error.message : platformLimit(error);
    if (reason !== undefined) {
      this.skipReason ??= reason;
      return;
    }
    // What cancelling itself breaks is no finding.
    if (this.options.cancelled.aborted) return;
    this.environment ||= error instanceof EnvironmentError;
    const known = new Set(this.failures.map((failure) => inspect(failure)));
    this.failures.push(...toFailures(error).filter((failure) => !known.has(inspect(failure))));
  }

  private outcome(): TestOutcome {
    const { failures } = this;
    if (this.options.cancelled.aborted) return { state: 'skipped', reason: 'cancelled' };
    if (failures.length > 0) return { state: this.environment ? 'errored' : 'failed', failures };
    if (this.skipReason !== undefined) return { state: 'skipped', reason: this.skipReason };
    return { state: 'passed' };
  }
}

function hooks(all: Readonly<Record<HookKind, DeclaredBody[]>>, kind: HookKind): DeclaredBody[] {
  return kind === 'afterEach' ? [...all[kind]].reverse() : all[kind];
}

/** The signal outlives a thousand tests: each must take its listener along. */
function listenOnce(signal: AbortSignal): { happened: Promise<void>; stop: () => void } {
  let listener: () => void = () => undefined;
  const happened = new Promise<void>((resolve) => {
    listener = resolve;
  });
  if (signal.aborted) listener();
  signal.addEventListener('abort', listener);
  return { happened, stop: () => signal.removeEventListener('abort', listener) };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
