import { inspect, stripVTControlCharacters } from 'node:util';
import type { MatcherResult } from '../../api/expect.ts';
import { ThreadError } from '../../api/threadError.ts';
import { formatStatus } from '../../nvme/status.ts';
import { CommandError, NvmeStatusError } from '../../objects/errors.ts';
import type { StackFrame, TestFailure } from '../../protocol.ts';
import { TranspileError } from '../loader/transpile.ts';
import { authorFrames } from './stackFrames.ts';

const maxLines = 10;
const maxDiffChars = 20_000;

interface Diff {
  readonly expected: string;
  readonly actual: string;
}

/** Everything that went wrong, as data a parent can show: an error that carries others becomes one failure each. */
export function toFailures(thrown: unknown): TestFailure[] {
  if (thrown instanceof ThreadError) return [...thrown.failures];
  if (thrown instanceof AggregateError) return thrown.errors.flatMap(toFailures);
  if (isSuppressed(thrown)) return [...toFailures(thrown.suppressed), ...toFailures(thrown.error)];
  return [toFailure(thrown)];
}

export function toFailure(thrown: unknown): TestFailure {
  if (!(thrown instanceof Error)) return { message: shorten(`Thrown: ${inspect(thrown)}`), stack: [] };
  const result = (thrown as Error & { matcherResult?: MatcherResult }).matcherResult;
  const cmdlog = thrown instanceof CommandError ? thrown.cmdlog : result?.cmdlog;
  const diff = diffOf(thrown, result);
  return {
    message: shorten(messageOf(thrown)),
    stack: stackOf(thrown),
    ...diff,
    ...(cmdlog && { cmdlog }),
    ...(thrown instanceof NvmeStatusError && { status: formatStatus(thrown) }),
  };
}

/** Errors whose message says it all. */
const plainNames: ReadonlySet<string> = new Set(['Error', 'AddonError', 'TestTimeoutError', 'EnvironmentError']);

function messageOf(error: Error): string {
  const isPlain = plainNames.has(error.name) || error instanceof CommandError || 'matcherResult' in error;
  const message = stripVTControlCharacters(isPlain ? error.message : `${error.name}: ${error.message}`);
  return error.cause === undefined ? message : `${message}\nCaused by: ${causeOf(error.cause)}`;
}

function causeOf(cause: unknown): string {
  return cause instanceof Error ? messageOf(cause) : inspect(cause);
}

function stackOf(error: Error): StackFrame[] {
  if (error instanceof TranspileError) return [{ label: '', file: error.file, line: error.line, column: error.column }];
  return authorFrames(error.stack, __filename);
}

/** Only where both sides are values: "not" and comparisons of size have no diff. */
function diffOf(error: Error, result: MatcherResult | undefined): Diff | undefined {
  const sides = result ?? (error as { expected?: unknown; actual?: unknown });
  if (!('expected' in sides) || !('actual' in sides) || result?.pass) return undefined;
  const [expected, actual] = [render(sides.expected), render(sides.actual)];
  return expected === actual ? undefined : { expected, actual };
}

function render(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, maxDiffChars);
  return inspect(value, { depth: 10, sorted: true, maxArrayLength: 1000, breakLength: 80 }).slice(0, maxDiffChars);
}

function shorten(message: string): string {
  const lines = message.trimEnd().split('\n');
  if (lines.length <= maxLines) return lines.join('\n');
  return [...lines.slice(0, maxLines - 1), `... ${lines.length - maxLines + 1} more lines`].join('\n');
}

function isSuppressed(value: unknown): value is Error & { error: unknown; suppressed: unknown } {
  return value instanceof Error && value.name === 'SuppressedError' && 'suppressed' in value;
}
