import type { TestFailure } from '../protocol.ts';

/** What failed in a thread of the test. */
export class ThreadError extends Error {
  override readonly name = 'ThreadError';
  /** One or more, as the test's own are reported. @internal */
  readonly failures: readonly TestFailure[];

  /** @internal */
  constructor(failures: readonly TestFailure[]) {
    super(failures.map(({ message }) => message).join('\n'));
    this.failures = failures;
  }
}
