import { constants } from 'node:os';

export interface ExitFacts {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly expected: boolean;
  /** Said by the telemetry side just before it ended the host. */
  readonly hang?: { readonly id: string; readonly timeoutMs: number };
  /** The newest bytes of stderr. */
  readonly stderrTail: string;
}

const crashes: Partial<Record<NodeJS.Signals, string>> = {
  SIGSEGV: 'invalid memory access in native code',
  SIGBUS: 'invalid memory access in native code',
  SIGILL: 'illegal instruction: the addon may be built for another processor',
  SIGFPE: 'arithmetic fault in native code',
  SIGABRT: 'native code gave up (abort)',
  SIGKILL: 'killed from outside, or out of memory',
  SIGTERM: 'asked to end from outside',
};

/** Why a driver host ended, for a person. */
export function exitReason(facts: ExitFacts): string {
  const tail = lastLines(facts.stderrTail, 8);
  const sentence = exitSentence(facts);
  return tail && !facts.expected && !facts.hang ? `${sentence} Its last words:\n${tail}` : sentence;
}

function exitSentence({ code, signal, expected, hang }: ExitFacts): string {
  if (hang) return hangSentence(hang);
  if (code === null && signal === null) return 'The driver host could not be started.';
  if (expected) return 'The driver host was stopped.';
  if (signal) return `The driver host was ended by ${signal} (${crashes[signal] ?? 'signal'}).`;
  return `The driver host exited with code ${code}${signalOfShell(code)}.`;
}

function hangSentence({ id, timeoutMs }: { id: string; timeoutMs: number }): string {
  return (
    `The test kept the driver host's thread busy past its time-out of ${timeoutMs} ms + 2 s, so the host was ended. ` +
    `Look for a loop without an await, or raise the time-out: test(title, { timeoutMs }, ...). (${id})`
  );
}

function signalOfShell(code: number | null): string {
  const number = (code ?? 0) - 128;
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found ? ` (${found[0]} of a child)` : '';
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
