import path from 'node:path';
import type { HostExit, HostHandlers, HostOptions } from '../../../testkit/parent/hostOptions.ts';
import { HostProcess } from '../../../testkit/parent/hostProcess.ts';
import type { HostEvents, RunRequest, RunSummary, TestFailure, TestOutcome } from '../../../testkit/protocol.ts';
import { imports, Workspace } from './workspace.ts';

export const dist = path.resolve('dist');
export const hostPath = path.join(dist, 'host.cjs');

type Ended = Parameters<HostEvents['testEnded']>[0];

/** A real driver host with a workspace, and all it said. */
export class HostFixture {
  readonly ended: Ended[] = [];
  readonly started: Parameters<HostEvents['testStarted']>[0][] = [];
  readonly outputs: (Parameters<HostEvents['output']>[0] & { atMs: number })[] = [];
  readonly fileErrors: { file: string; failure: TestFailure; suite?: string }[] = [];
  readonly logs: string[] = [];
  readonly cases: Parameters<HostEvents['casesFound']>[0][] = [];
  readonly hangs: string[] = [];
  private runs = 0;

  private constructor(
    readonly workspace: Workspace,
    readonly host: HostProcess,
  ) {}

  static async start(
    files: Readonly<Record<string, string>>,
    options: Partial<HostOptions> = {},
  ): Promise<HostFixture> {
    const workspace = new Workspace(withImports(files));
    let fixture: HostFixture | undefined;
    const early: string[] = [];
    const handlers: HostHandlers = {
      testStarted: (event) => fixture?.started.push(event),
      testEnded: (event) => fixture?.ended.push(event),
      output: (event) => fixture?.outputs.push({ ...event, atMs: performance.now() }),
      fileErrored: (event) => fixture?.fileErrors.push(event),
      casesFound: (event) => fixture?.cases.push(event),
      hang: (event) => fixture?.hangs.push(event.id),
      log: (event) => (fixture?.logs ?? early).push(event.message),
    };
    const host = await HostProcess.start({ hostPath, logFolder: workspace.path('logs'), ...options }, handlers);
    fixture = new HostFixture(workspace, host);
    fixture.logs.push(...early);
    live.add(fixture);
    return fixture;
  }

  run(files: readonly string[], request: Partial<RunRequest> = {}): Promise<RunSummary> {
    this.runs += 1;
    return this.host.calls.run({
      runId: this.runs,
      root: this.workspace.root,
      files: files.map((file) => this.workspace.path(file)),
      bail: false,
      repeat: 1,
      untilFailure: false,
      debug: false,
      timeoutMs: 10_000,
      fresh: false,
      ...request,
    });
  }

  /** What became of the test whose id ends like this. */
  outcome(id: string): TestOutcome {
    const found = this.ended.find((event) => event.id.endsWith(id));
    if (!found) throw new Error(`No test "${id}" ended; ended: ${this.ended.map((event) => event.id).join('; ')}`);
    return found.outcome;
  }

  failure(id: string): TestFailure {
    const outcome = this.outcome(id);
    const failure = 'failures' in outcome ? outcome.failures[0] : undefined;
    if (!failure) throw new Error(`"${id}" is ${JSON.stringify(outcome)}, not a failure`);
    return failure;
  }

  outputOf(id: string): string {
    return this.outputs
      .filter((event) => event.id?.endsWith(id))
      .map((event) => event.text)
      .join('');
  }

  async dispose(): Promise<HostExit> {
    live.delete(this);
    const exit = await this.host.stop();
    this.workspace.dispose();
    return exit;
  }
}

const live = new Set<HostFixture>();

/** For `afterEach`: no test leaves a process. */
export async function disposeHosts(): Promise<void> {
  await Promise.all([...live].map((fixture) => fixture.dispose()));
}

export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 9000,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function withImports(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, name.endsWith('.nvme.ts') ? imports + text : text]),
  );
}
