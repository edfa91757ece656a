import { expect as jestExpect } from 'expect';
import { findStatus, formatStatus, type StatusCode } from '../nvme/status.ts';
import { NvmeStatusError } from '../objects/errors.ts';
import type { CmdlogLink } from '../protocol.ts';
import type { Expect } from './expectTypes.ts';

/** What an assertion says besides its message; the driver host makes the diff and the command log link of it. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly expected?: unknown;
  readonly actual?: unknown;
  readonly cmdlog?: CmdlogLink;
}

jestExpect.extend({
  async toRejectWithStatus(command: unknown, nameOrType: unknown, code?: unknown) {
    const wanted = statusOf(nameOrType, code);
    if (this.isNot) throw new TypeError('toRejectWithStatus has no .not: say which status you expect instead.');
    if (!isThenable(command)) {
      throw new TypeError('toRejectWithStatus needs the promise of a command: await expect(nvme0n1.read(...))...');
    }
    return judge(wanted, await outcomeOf(command));
  },
});

export const expect = jestExpect as unknown as Expect;

type Settled = { readonly error: unknown } | { readonly value: unknown };

async function outcomeOf(command: PromiseLike<unknown>): Promise<Settled> {
  try {
    return { value: await command };
  } catch (error) {
    return { error };
  }
}

function judge(wanted: StatusCode, settled: Settled): MatcherResult & { message: () => string } {
  const expected = formatStatus(wanted);
  if ('value' in settled) return mismatch(expected, 'Successful Completion (0h/0h)');
  const { error } = settled;
  // Not a status: a lost controller, a misuse. Its own message and stack say more than a mismatch would.
  if (!(error instanceof NvmeStatusError)) throw error;
  const pass = error.type === wanted.type && error.code === wanted.code;
  return pass ? { pass, message: () => '' } : mismatch(expected, formatStatus(error), error);
}

function mismatch(
  expected: string,
  actual: string,
  error?: NvmeStatusError,
): MatcherResult & { message: () => string } {
  const place = error ? `\n${error.message}` : '';
  const message = () => `expect(command).toRejectWithStatus()\n\nExpected: ${expected}\nReceived: ${actual}${place}`;
  return { pass: false, expected, actual, message, ...(error && { cmdlog: error.cmdlog }) };
}

function statusOf(nameOrType: unknown, code: unknown): StatusCode {
  if (typeof nameOrType === 'number' && typeof code === 'number') return { type: nameOrType, code };
  const found = typeof nameOrType === 'string' ? findStatus(nameOrType) : undefined;
  if (found) return found;
  throw new TypeError(
    `There is no NVMe status "${String(nameOrType)}". Use the specification's name, as 'LBA Out of Range', or two numbers: type, code.`,
  );
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
