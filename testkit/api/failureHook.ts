/**
 * Where the testkit's objects meet the test that is running. Objects take the owner when work begins
 * (`const owner = runningTest()`), so that what goes wrong later fails *that* test even when it is not the running one any more.
 */

export interface RunningTest {
  /** Fails the test: an unawaited command that failed, a callback that threw. The first failure also ends the body's wait. */
  fail(error: unknown): void;
  /**
   * Ends `resource` when the test ends, in reverse order of owning, also after failure, time-out and cancel.
   * `dispose` must be safe to repeat, bounded, and must end outstanding commands. Returns a function that gives up the ownership
   * (for a resource the test closed itself).
   */
  own(name: string, dispose: () => Promise<void> | void): () => void;
  /** Work of known length went on: the test's time-out starts again, VS Code and the terminal show it. */
  progress(label: string, done: number, total: number): void;
  /** Command and test time-outs are off: a debugger is attached. */
  readonly debug: boolean;
  /** Aborted when the test was cancelled or timed out. Waits of the testkit end with its reason. */
  readonly signal: AbortSignal;
}

let current: RunningTest | undefined;

/** The test whose body, hook or fixture is running; undefined between tests. */
export function runningTest(): RunningTest | undefined {
  return current;
}

/** For the engine only. */
export function setRunningTest(test: RunningTest | undefined): void {
  current = test;
}
