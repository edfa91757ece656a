import { relative } from 'node:path';
import type { HostEvents, TestId } from '../protocol.ts';
import type { ReportedRun, ReportedTest, Reporter } from './reporters/reporter.ts';

type Started = Parameters<HostEvents['testStarted']>[0];

/** Turns a host's events into what reporters are told, and sends it to all of them. */
export class ReportedTests {
  private readonly started = new Map<TestId, Started>();
  private readonly outputs = new Map<TestId, string>();

  constructor(
    private readonly run: ReportedRun,
    private readonly reporters: readonly Reporter[],
  ) {}

  readonly handlers: Partial<HostEvents> = {
    testStarted: (event) => {
      this.started.set(event.id, event);
      for (const reporter of this.reporters) reporter.testStarted?.(event);
    },
    output: (event) => {
      if (event.id) this.outputs.set(event.id, (this.outputs.get(event.id) ?? '') + event.text);
      for (const reporter of this.reporters) reporter.output?.(event);
    },
    progress: (event) => {
      for (const reporter of this.reporters) reporter.progress?.(event);
    },
    fileErrored: ({ file, failure }) => {
      const told = { file: relative(this.run.root, file), failure };
      for (const reporter of this.reporters) reporter.fileErrored(told);
    },
    testEnded: (event) => {
      const test = this.reported(event);
      this.outputs.delete(event.id);
      for (const reporter of this.reporters) reporter.testEnded(test);
    },
  };

  private reported({ id, outcome, durationMs }: Parameters<HostEvents['testEnded']>[0]): ReportedTest {
    const started = this.started.get(id);
    const [file = '', ...titles] = id.split(' > ');
    return {
      id,
      file,
      suites: titles.slice(0, -1),
      title: started?.title ?? titles.at(-1) ?? id,
      outcome,
      durationMs,
      iteration: started?.iteration ?? 1,
      seed: started?.seed ?? '',
      output: this.outputs.get(id) ?? '',
      ...(started?.spec && { spec: started.spec }),
    };
  }
}
