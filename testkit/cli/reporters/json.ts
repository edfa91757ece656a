import type { RunSummary } from '../../protocol.ts';
import type { ReportedFile, ReportedRun, ReportedTest, Reporter } from './reporter.ts';

/** One JSON document at the end. 64-bit numbers are decimal strings. */
export class JsonReporter implements Reporter {
  private readonly tests: ReportedTest[] = [];
  private readonly files: ReportedFile[] = [];

  constructor(
    private readonly run: ReportedRun,
    private readonly write: (text: string) => void,
  ) {}

  fileErrored(file: ReportedFile): void {
    this.files.push(file);
  }

  testEnded(test: ReportedTest): void {
    this.tests.push(test);
  }

  end(summary: RunSummary, fault?: string): void {
    const report = { ...this.run, summary, ...(fault && { fault }), fileErrors: this.files, tests: this.tests };
    const text = JSON.stringify(report, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2);
    this.write(`${text}\n`);
  }
}
