/** What a test and a thread of it tell each other. */
import type { TestFailure } from '../protocol.ts';

export interface ThreadData {
  readonly thread: true;
  /** Path of the file whose `main` it runs. */
  readonly file: string;
  /** Address of the controller it attaches to. */
  readonly controller: string;
  readonly data: unknown;
  readonly seed: bigint;
  readonly commandTimeouts: boolean;
}

export type FromThread =
  | { readonly type: 'ended'; readonly result: unknown }
  | { readonly type: 'failed'; readonly failures: readonly TestFailure[] };

/** The only thing a thread is told. */
export type ToThread = 'stop';
