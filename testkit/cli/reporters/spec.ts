import type { HostEvents, RunSummary, TestFailure } from '../../protocol.ts';
import type { Style } from '../style.ts';
import { lineDiff } from './lineDiff.ts';
import {
  cmdlogText,
  duration,
  failuresOf,
  frameText,
  type ReportedFile,
  type ReportedRun,
  type ReportedTest,
  type Reporter,
  reproduceCommand,
  type StartedTest,
} from './reporter.ts';

const marks = { passed: '✓', failed: '✗', errored: '!', skipped: '-' } as const;
const colours = { passed: 'green', failed: 'red', errored: 'red', skipped: 'yellow' } as const;

/** For a person at a terminal: a tree that grows as tests end. */
export class SpecReporter implements Reporter {
  private path: readonly string[] = [];
  private iteration = 1;

  constructor(
    private readonly run: ReportedRun,
    private readonly write: (text: string) => void,
    private readonly style: Style,
  ) {}

  testStarted({ file, suites, iteration }: StartedTest): void {
    if (iteration !== this.iteration) this.line(`\niteration ${iteration}`);
    this.iteration = iteration;
    this.heading([file, ...suites]);
  }

  output({ text }: Parameters<HostEvents['output']>[0]): void {
    for (const line of text.replace(/\n$/, '').split('\n')) this.line(`    | ${line}`);
  }

  fileErrored({ file, failure, suite }: ReportedFile): void {
    this.heading([file]);
    this.line(this.style.apply('red', suite === undefined ? `  ! ${file} could not be loaded` : `  ! ${suite}`));
    this.failure(failure);
  }

  testEnded(test: ReportedTest): void {
    this.heading([test.file, ...test.suites]);
    const { state } = test.outcome;
    const indent = '  '.repeat(test.suites.length + 1);
    const mark = this.style.apply(colours[state], marks[state]);
    const reason = test.outcome.state === 'skipped' ? ` (skipped: ${test.outcome.reason})` : '';
    const time = state === 'skipped' ? '' : this.style.apply('dim', ` (${duration(test.durationMs)})`);
    this.line(`${indent}${mark} ${test.title}${reason}${time}`);
    const failures = failuresOf(test.outcome);
    if (failures.length > 0) this.line(this.style.apply('cyan', `      ${reproduceCommand(test, this.run)}`));
    for (const failure of failures) this.failure(failure);
  }

  end(summary: RunSummary, fault?: string): void {
    const { passed, failed, errored, skipped } = summary;
    const counts = Object.entries({ passed, failed, errored, skipped }).filter(([, count]) => count > 0);
    const text = counts.map(([name, count]) => `${count} ${name}`).join(', ') || 'no tests';
    const cancelled = summary.cancelled ? ', cancelled' : '';
    this.line(`\n${text}${cancelled} (${duration(summary.durationMs)})`);
    if (fault) this.line(this.style.apply('red', fault));
  }

  private heading(path: readonly string[]): void {
    const same = path.findIndex((part, level) => part !== this.path[level]);
    const news = same < 0 ? [] : path.slice(same);
    for (const [index, part] of news.entries()) this.line(`${'  '.repeat(same + index)}${part}`);
    this.path = path;
  }

  private failure(failure: TestFailure): void {
    const lines = failure.message.split('\n');
    if (failure.expected !== undefined && failure.actual !== undefined) {
      // The library's message repeats the values the diff shows.
      lines.splice(1, lines.length, ...this.diff(failure.expected, failure.actual));
    }
    lines.push(...failure.stack.map(frameText).map((text) => this.style.apply('dim', text)));
    const cmdlog = cmdlogText(failure);
    if (cmdlog) lines.push(cmdlog);
    for (const line of lines) this.line(`      ${line}`);
  }

  private diff(expected: string, actual: string): string[] {
    return lineDiff(expected, actual).map((line) => {
      if (line.startsWith('-')) return this.style.apply('green', line);
      return line.startsWith('+') ? this.style.apply('red', line) : line;
    });
  }

  private line(text: string): void {
    this.write(`${text}\n`);
  }
}
