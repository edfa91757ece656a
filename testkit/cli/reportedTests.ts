import { relative } from 'node:path';
import type { HostEvents, RunSummary, TestId } from '../protocol.ts';
import type { Chart } from '../report/chart.ts';
import type { ReportedRun, ReportedTest, Reporter } from './reporters/reporter.ts';

type Started = Parameters<HostEvents['testStarted']>[0];

/** Turns a host's events into what reporters are told, and sends it to all of them. */
export class ReportedTests {
  private readonly started = new Map<TestId, Started>();
  private readonly outputs = new Map<TestId, string>();
  private readonly charts = new Map<TestId, Chart[]>();
  private readonly counts = { passed: 0, failed: 0, errored: 0, skipped: 0 };

  constructor(
    private readonly run: ReportedRun,
    private readonly reporters: readonly Reporter[],
  ) {}

  readonly handlers: Partial<HostEvents> = {
    testStarted: (event) => {
      this.started.set(event.id, event);
      const { id, iteration } = event;
      for (const reporter of this.reporters) reporter.testStarted?.({ id, iteration, ...partsOf(id) });
    },
    output: (event) => {
      if (event.id) this.outputs.set(event.id, (this.outputs.get(event.id) ?? '') + event.text);
      for (const reporter of this.reporters) reporter.output?.(event);
    },
    chart: ({ id, chart }) => {
      this.charts.set(id, [...(this.charts.get(id) ?? []), chart]);
    },
    progress: (event) => {
      for (const reporter of this.reporters) reporter.progress?.(event);
    },
    fileErrored: ({ file, failure, suite }) => {
      this.counts.errored += 1;
      const told = { file: relative(this.run.root, file), failure, ...(suite !== undefined && { suite }) };
      for (const reporter of this.reporters) reporter.fileErrored(told);
    },
    testEnded: (event) => {
      const test = this.reported(event);
      this.counts[event.outcome.state] += 1;
      this.outputs.delete(event.id);
      this.charts.delete(event.id);
      for (const reporter of this.reporters) reporter.testEnded(test);
    },
  };

  /** What was told so far: the counts of a run whose host is gone. */
  get told(): Pick<RunSummary, 'passed' | 'failed' | 'errored' | 'skipped'> {
    return { ...this.counts };
  }

  private reported({ id, outcome, durationMs }: Parameters<HostEvents['testEnded']>[0]): ReportedTest {
    const started = this.started.get(id);
    const { file, suites, last } = partsOf(id);
    return {
      id,
      file,
      suites,
      title: started?.title ?? last,
      outcome,
      durationMs,
      iteration: started?.iteration ?? 1,
      seed: started?.seed ?? this.run.seed ?? '',
      output: this.outputs.get(id) ?? '',
      charts: this.charts.get(id) ?? [],
      ...(started?.spec && { spec: started.spec }),
    };
  }
}

function partsOf(id: TestId): { file: string; suites: readonly string[]; last: string } {
  const [file = '', ...titles] = id.split(' > ');
  return { file, suites: titles.slice(0, -1), last: titles.at(-1) ?? id };
}
