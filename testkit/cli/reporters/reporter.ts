import type { HostEvents, RunSummary, StackFrame, TestFailure, TestId, TestOutcome } from '../../protocol.ts';
import type { Chart } from '../../report/chart.ts';
import { escapeRegExp } from '../testFiles.ts';

/** One ended test, as reporters see it. */
export interface ReportedTest {
  readonly id: TestId;
  /** Relative to the root. */
  readonly file: string;
  readonly suites: readonly string[];
  readonly title: string;
  readonly outcome: TestOutcome;
  readonly durationMs: number;
  readonly iteration: number;
  readonly seed: string;
  readonly output: string;
  /** What `report.chart` was given. */
  readonly charts: readonly Chart[];
  /** Of the source; known when discovery could read it. */
  readonly spec?: string;
  readonly tags?: readonly string[];
}

export interface ReportedFile {
  readonly file: string;
  readonly failure: TestFailure;
  /** Whose `afterAll` failed; undefined when the file could not be loaded. */
  readonly suite?: TestId;
}

export interface ReportedRun {
  readonly root: string;
  readonly controllers: readonly string[];
  readonly power: readonly string[];
  readonly seed?: string;
  readonly version: string;
  readonly startedAt: Date;
}

export interface StartedTest {
  readonly id: TestId;
  readonly file: string;
  readonly suites: readonly string[];
  readonly iteration: number;
}

export interface Reporter {
  testStarted?(test: StartedTest): void;
  output?(event: Parameters<HostEvents['output']>[0]): void;
  progress?(event: Parameters<HostEvents['progress']>[0]): void;
  fileErrored(file: ReportedFile): void;
  testEnded(test: ReportedTest): void;
  /** `fault`: the run could not go on. */
  end(summary: RunSummary, fault?: string): void;
}

/** The command that runs this one test again as it ran. */
export function reproduceCommand(test: ReportedTest, run: ReportedRun): string {
  const title = [...test.suites, test.title].join(' ');
  const parts = [
    'doorbell run',
    quote(test.file),
    '--grep',
    quote(`^${escapeRegExp(title)}$`),
    '--seed',
    quote(test.seed),
  ];
  for (const address of run.controllers) parts.push('--controller', quote(address));
  for (const power of run.power) parts.push('--power', quote(power));
  return parts.join(' ');
}

export function failuresOf(outcome: TestOutcome): readonly TestFailure[] {
  return outcome.state === 'failed' || outcome.state === 'errored' ? outcome.failures : [];
}

export function frameText({ label, file, line, column }: StackFrame): string {
  const place = `${file}:${line}:${column}`;
  return label ? `at ${label} (${place})` : `at ${place}`;
}

/** `CMDLOG emulated Q01, command 12` */
export function cmdlogText({ cmdlog }: TestFailure): string | undefined {
  if (!cmdlog) return undefined;
  return `CMDLOG ${cmdlog.controller} Q${String(cmdlog.qid).padStart(2, '0')}, command ${cmdlog.sequence}`;
}

export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function quote(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
