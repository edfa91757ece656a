import {
  collectDeclarations,
  type DeclaredBody,
  type DeclaredFile,
  type DeclaredSuite,
} from '../../api/declaration.ts';
import { fileId } from '../../discovery/testId.ts';
import type { Controller } from '../../objects/controller.ts';
import type { HostEvents, RunRequest, RunSummary, TestOutcome } from '../../protocol.ts';
import { toFailure } from '../failure/toFailures.ts';
import type { HangGuard } from '../hangGuard.ts';
import { loadFresh, purgeWorkspaceFiles } from '../loader/install.ts';
import type { OutputRouter } from '../output/outputRouter.ts';
import { EnvironmentError, Execution, type ExecutionOptions } from './execution.ts';
import { MochaRun } from './mochaRun.ts';
import { type PlannedTest, planFile } from './plan.ts';
import { testContextOf } from './runContext.ts';
import { RunDevices } from './runDevices.ts';
import { RunReport } from './runReport.ts';
import { freshSeed, iterationSeed, testSeed } from './seeds.ts';

/** A file that takes longer to load hangs. */
const loadMs = 30_000;

export interface RunParts {
  readonly events: HostEvents;
  readonly output: OutputRouter;
  readonly guard: HangGuard;
  /** Why no test can run (the addon cannot be loaded); undefined when they can. */
  readonly fault: Error | undefined;
}

/** One run of tests, from the request to the summary. */
export class TestRun {
  private readonly cancelled = new AbortController();
  private readonly report: RunReport;
  private readonly devices: RunDevices;
  private readonly runSeed: string;
  private mocha: MochaRun | undefined;
  private execution: Execution | undefined;
  private iteration = 1;
  /** By a `skip` in their `beforeAll`: the reasons. */
  private readonly skippedSuites = new Map<DeclaredSuite, string>();

  constructor(
    readonly request: RunRequest,
    private readonly parts: RunParts,
  ) {
    this.report = new RunReport(request.runId, parts.events);
    this.devices = new RunDevices(request.controllers ?? [], request.power);
    this.runSeed = request.seed ?? freshSeed();
  }

  async run(): Promise<RunSummary> {
    const { repeat, untilFailure, bail, runId } = this.request;
    const previous = process.cwd();
    process.chdir(this.request.root);
    this.parts.output.enter(runId, undefined);
    try {
      for (; this.iteration <= Math.max(1, repeat); this.iteration += 1) {
        await this.runOnce();
        const isEnough = (untilFailure || bail) && this.report.failed;
        // What has nothing to run (no test matches, all are skipped) will have nothing the next time.
        if (this.cancelled.signal.aborted || isEnough || !this.report.hasRun) break;
      }
    } finally {
      await this.devices.close();
      this.parts.output.leave();
      purgeWorkspaceFiles();
      process.chdir(previous);
    }
    return this.report.summary(this.cancelled.signal.aborted);
  }

  /** Outstanding commands end, fixtures are torn down, the tests that are left are skipped. */
  cancel(): void {
    this.cancelled.abort();
    this.mocha?.abort();
  }

  /** Something was thrown or rejected where nobody caught it: it fails the test that is running. */
  fail(error: unknown): boolean {
    if (!this.execution) return false;
    this.execution.fail(error);
    return true;
  }

  /** The controller of that address, when this run has it open. */
  async controllerAt(address: string): Promise<Controller | undefined> {
    return this.devices.at(address)?.current();
  }

  /** The process ends inside a test: the last words. */
  abandon(reason: string): void {
    this.report.abandon({ message: reason, stack: toFailure(new Error(reason)).stack });
    this.parts.output.flush();
  }

  private async runOnce(): Promise<void> {
    purgeWorkspaceFiles();
    this.skippedSuites.clear();
    const planned = this.request.files.flatMap((file) => this.load(file));
    const { bail } = this.request;
    this.mocha = new MochaRun({
      bail: bail || this.request.untilFailure,
      callbacks: { test: (test) => this.runTest(test), hook: (suite, body, kind) => this.runHook(suite, body, kind) },
    });
    this.report.begin(planned);
    for (const test of planned) this.mocha.add(test);
    await this.mocha.run();
    this.report.endRemaining(this.cancelled.signal.aborted ? 'cancelled' : 'the run stopped at the first failure');
  }

  private load(file: string): PlannedTest[] {
    const { root, runId } = this.request;
    const id = fileId(root, file);
    this.parts.guard.watch(id, loadMs);
    try {
      const declared = collectDeclarations(id, () => loadFresh(file));
      this.announceCases(declared);
      return planFile(declared, this.request);
    } catch (error) {
      this.report.fileErrored(file, toFailure(error));
      return [];
    } finally {
      this.parts.guard.off();
      this.parts.output.enter(runId, undefined);
    }
  }

  private announceCases({ cases }: DeclaredFile): void {
    for (const each of cases) this.parts.events.casesFound({ runId: this.request.runId, ...each });
  }

  private async runTest(planned: PlannedTest): Promise<boolean> {
    const { id, title } = planned.test;
    const seed = iterationSeed(this.runSeed, this.iteration);
    this.parts.output.enter(this.request.runId, id);
    const { spec } = planned.options;
    this.report.started(id, { title, iteration: this.iteration, seed, ...(spec !== undefined && { spec }) });
    const outcome = await this.outcomeOf(planned, seed);
    this.parts.output.enter(this.request.runId, undefined);
    this.report.ended(id, outcome);
    return outcome.state === 'passed' || outcome.state === 'skipped';
  }

  private async outcomeOf(planned: PlannedTest, seed: string): Promise<TestOutcome> {
    const unable = this.parts.fault ?? this.devices.unusable;
    if (unable) return errored(unable);
    if (this.cancelled.signal.aborted) return { state: 'skipped', reason: 'cancelled' };
    const skipped = this.skipReason(planned.suites);
    if (skipped !== undefined) return { state: 'skipped', reason: skipped };
    const { id } = planned.test;
    this.devices.beforeTest(planned.options.fresh ?? false);
    const execution = this.execute(id, seed, planned.options.timeoutMs);
    const outcome = await execution.test(planned);
    this.execution = undefined;
    this.devices.afterTest(planned.test.title, execution.stuck);
    return outcome;
  }

  private skipReason(suites: readonly DeclaredSuite[]): string | undefined {
    return suites.map((suite) => this.skippedSuites.get(suite)).find((reason) => reason !== undefined);
  }

  /** @throws for mocha, which then skips the suite; the tests get the reason */
  private async runHook(suite: DeclaredSuite, body: DeclaredBody, kind: 'beforeAll' | 'afterAll'): Promise<void> {
    const unable = this.parts.fault ?? this.devices.unusable;
    if (unable || this.cancelled.signal.aborted) return;
    const id = `${suite.id} (${kind})`;
    this.devices.beforeTest(false);
    const execution = this.execute(id, iterationSeed(this.runSeed, this.iteration), suite.options.timeoutMs);
    const outcome = await execution.hook(body);
    this.execution = undefined;
    this.devices.afterTest(id, execution.stuck);
    if (outcome.state === 'skipped' && kind === 'beforeAll') this.skippedSuites.set(suite, outcome.reason);
    if (outcome.state !== 'failed' && outcome.state !== 'errored') return;
    const failures = outcome.failures.map((failure) => ({ ...failure, message: `${kind}: ${failure.message}` }));
    if (kind === 'beforeAll') this.report.suiteFailed(suite, failures);
    else for (const failure of failures) this.report.fileErrored(this.fileOf(suite), failure, suite.id);
    throw new Error(`${kind} failed`);
  }

  private fileOf(suite: DeclaredSuite): string {
    const relative = suite.id.split(' > ')[0] ?? '';
    return this.request.files.find((file) => fileId(this.request.root, file) === relative) ?? relative;
  }

  private execute(id: string, seed: string, timeoutMs = this.request.timeoutMs): Execution {
    const { number, wide } = testSeed(seed, id);
    const options: ExecutionOptions = {
      id,
      context: testContextOf(id, number, {
        request: this.request,
        parts: this.parts,
        devices: this.devices,
        restartTimeout: () => execution.restartTimeout(),
      }),
      seed: wide,
      timeoutMs,
      debug: this.request.debug,
      guard: this.parts.guard,
      cancelled: this.cancelled.signal,
    };
    const execution = new Execution(options);
    this.execution = execution;
    return execution;
  }
}

function errored(error: Error): TestOutcome {
  const failure = toFailure(error);
  return { state: 'errored', failures: [error instanceof EnvironmentError ? { ...failure, stack: [] } : failure] };
}
