import type { DeclaredSuite } from '../../api/declaration.ts';
import type { HostEvents, RunSummary, TestFailure, TestId, TestOutcome } from '../../protocol.ts';
import type { PlannedTest } from './plan.ts';

interface Started {
  readonly title: string;
  readonly iteration: number;
  readonly seed: string;
  readonly spec?: string;
}

/** Tells the parent of a run, and counts: every planned test ends exactly once an iteration. */
export class RunReport {
  private readonly counts = { passed: 0, failed: 0, errored: 0, skipped: 0 };
  private readonly beganMs = performance.now();
  private open = new Map<TestId, PlannedTest>();
  private readonly failedSuites = new Map<DeclaredSuite, readonly TestFailure[]>();
  private starts = 0;
  private running: { readonly id: TestId; readonly startedMs: number } | undefined;

  constructor(
    private readonly runId: number,
    private readonly events: HostEvents,
  ) {}

  get failed(): boolean {
    return this.counts.failed + this.counts.errored > 0;
  }

  /** Whether the iteration ran anything. */
  get hasRun(): boolean {
    return this.starts > 0;
  }

  /** An iteration begins. */
  begin(planned: readonly PlannedTest[]): void {
    this.starts = 0;
    this.failedSuites.clear();
    this.open = new Map(planned.map((test) => [test.test.id, test]));
    for (const { test, skipped } of planned) {
      if (skipped !== undefined) this.ended(test.id, { state: 'skipped', reason: skipped });
    }
  }

  started(id: TestId, about: Started): void {
    this.starts += 1;
    this.running = { id, startedMs: performance.now() };
    this.events.testStarted({ runId: this.runId, id, ...about });
  }

  ended(id: TestId, outcome: TestOutcome): void {
    const durationMs = this.running?.id === id ? performance.now() - this.running.startedMs : 0;
    this.running = undefined;
    this.open.delete(id);
    this.counts[outcome.state] += 1;
    this.events.testEnded({ runId: this.runId, id, outcome, durationMs });
  }

  /** @param suite whose `afterAll` failed; undefined when the file could not be loaded */
  fileErrored(file: string, failure: TestFailure, suite?: TestId): void {
    this.counts.errored += 1;
    this.events.fileErrored({ runId: this.runId, file, failure, ...(suite !== undefined && { suite }) });
  }

  /** A suite's `beforeAll` failed: its tests will not run, and get the failures. */
  suiteFailed(suite: DeclaredSuite, failures: readonly TestFailure[]): void {
    this.starts += 1;
    this.failedSuites.set(suite, failures);
  }

  /** Ends what the iteration left out. */
  endRemaining(reason: string): void {
    for (const { test, suites } of [...this.open.values()]) {
      const failures = suites.map((suite) => this.failedSuites.get(suite)).find((found) => found !== undefined);
      this.ended(test.id, failures ? { state: 'errored', failures } : { state: 'skipped', reason });
    }
  }

  /** The process is about to end. */
  abandon(failure: TestFailure): void {
    if (this.running) this.ended(this.running.id, { state: 'errored', failures: [failure] });
  }

  summary(cancelled: boolean): RunSummary {
    return { ...this.counts, durationMs: performance.now() - this.beganMs, cancelled };
  }
}
