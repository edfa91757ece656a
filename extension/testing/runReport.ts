import * as vscode from 'vscode';
import type { HostHandlers } from '../../testkit/parent/hostOptions.ts';
import type { TestFailure, TestId, TestOutcome } from '../../testkit/protocol.ts';
import { failureMessages, reasonMessage } from './failureMessage.ts';
import { type OutputPlace, OutputQueue } from './outputQueue.ts';
import type { RunPart } from './runPlan.ts';
import { fileItemOf, walk } from './testData.ts';
import type { TestTree } from './testTree.ts';

/** What a host says of a run, told to the window: states, messages and words. Every leaf of the part ends with a state. */
export class RunReport {
  readonly #items = new Map<TestId, vscode.TestItem>();
  readonly #pending: Set<vscode.TestItem>;
  readonly #output: OutputQueue;
  #heard = false;
  #iterationSaidMs = 0;
  /** Of the test that runs, when no line has named it. */
  #unsaid: string | undefined;
  /** Of the driver host. */
  pid: number | undefined;

  constructor(
    private readonly run: vscode.TestRun,
    private readonly tree: TestTree,
    readonly part: RunPart,
    private readonly cancellation: Pick<vscode.CancellationToken, 'isCancellationRequested'>,
  ) {
    this.#pending = new Set(part.leaves);
    for (const file of new Set(part.leaves.map(fileItemOf)))
      for (const item of walk(file)) this.#items.set(item.id, item);
    this.#output = new OutputQueue({ write: (text, place) => this.#write(text, place) });
    for (const item of part.leaves) run.enqueued(item);
  }

  say(text: string): void {
    this.#output.push(`${text}\n`);
  }

  /** Handlers for one run of the host; events of another run are not ours. */
  handlers(runId: number): HostHandlers {
    const own =
      <T extends { runId: number }>(handle: (event: T) => void) =>
      (event: T) => {
        if (event.runId === runId) handle(event);
      };
    return {
      testStarted: own(({ id, iteration, seed }) => this.#started(id, iteration, seed)),
      testEnded: own(({ id, outcome, durationMs }) => this.#ended(id, outcome, durationMs)),
      output: own(({ text, id, file, line }) => this.#output.push(text, { id, file, line })),
      fileErrored: own(({ file, failure, suite }) => this.#fileErrored(file, failure, suite)),
      casesFound: own(({ parent, cases }) => this.#casesFound(parent, cases)),
      rawOutput: ({ text }) => this.#output.push(text),
    };
  }

  /** Gives every leaf that has no state one: skipped after a cancellation, errored with the reason otherwise. */
  end(why: { readonly cancelled: boolean; readonly reason?: string | undefined }): void {
    this.#output.end();
    for (const item of this.#pending) {
      if (why.cancelled || (why.reason === undefined && this.#heard)) this.run.skipped(item);
      else this.run.errored(item, reasonMessage(why.reason ?? notRun(), item));
    }
    this.#pending.clear();
  }

  #started(id: TestId, iteration: number, seed: string): void {
    const item = this.#items.get(id);
    if (!item) return;
    this.#heard = true;
    this.#unsaid = undefined;
    if (iteration > 1) this.#sayIteration(id, vscode.l10n.t('Iteration {0}, seed {1}', iteration, seed));
    this.run.started(item);
  }

  /** At most once a second: a run until failure may have millions. */
  #sayIteration(id: TestId, words: string): void {
    const now = Date.now();
    if (now - this.#iterationSaidMs < 1000) {
      this.#unsaid = words;
      return;
    }
    this.#iterationSaidMs = now;
    this.#output.push(`${words}\n`, { id });
  }

  #ended(id: TestId, outcome: TestOutcome, durationMs: number): void {
    const item = this.#items.get(id);
    if (!item) return;
    // Whoever cancelled may have had the host killed: what that means for the test is said at the end of the run.
    if (outcome.state === 'errored' && outcome.hostGone && this.cancellation.isCancellationRequested) return;
    const isBad = outcome.state === 'failed' || outcome.state === 'errored';
    // The one iteration that matters is named, however quick it was.
    if (isBad && this.#unsaid !== undefined) this.#output.push(`${this.#unsaid}\n`, { id });
    this.#output.endOf(id);
    this.#heard = true;
    this.#pending.delete(item);
    if (outcome.state === 'passed') this.run.passed(item, durationMs);
    else if (outcome.state === 'skipped') this.#skipped(item, outcome.reason);
    else this.run[outcome.state](item, failureMessages(outcome.failures, { item, pid: this.pid }), durationMs);
  }

  #skipped(item: vscode.TestItem, reason: string): void {
    if (reason) this.run.appendOutput(`${vscode.l10n.t('skipped: {0}', reason)}\r\n`, undefined, item);
    this.run.skipped(item);
  }

  /** @param suite whose `afterAll` failed: its tests have run, and others of the file may still run */
  #fileErrored(file: string, failure: TestFailure, suite: TestId | undefined): void {
    this.#heard = true;
    if (suite !== undefined) {
      const item = this.#items.get(suite);
      if (item) this.run.errored(item, failureMessages([failure], { item, pid: this.pid }));
      return;
    }
    for (const item of [...this.#pending].filter(({ uri }) => uri?.fsPath === file)) {
      this.#pending.delete(item);
      this.run.errored(item, failureMessages([failure], { item, pid: this.pid }));
    }
  }

  #casesFound(parent: TestId, cases: readonly { id: TestId; title: string }[]): void {
    const template = this.#items.get(parent);
    if (!template) return;
    this.#pending.delete(template);
    this.tree.addCases(template, cases);
    for (const [id, item] of template.children) {
      if (!this.#items.has(id)) this.run.enqueued(item);
      this.#items.set(id, item);
      this.#pending.add(item);
    }
  }

  #write(text: string, { id, file, line }: OutputPlace): void {
    const item = id === undefined ? undefined : this.#items.get(id);
    const location =
      file === undefined || line === undefined
        ? undefined
        : new vscode.Location(vscode.Uri.file(file), new vscode.Position(Math.max(0, line - 1), 0));
    this.run.appendOutput(text, location, item);
  }
}

function notRun(): string {
  return vscode.l10n.t(
    'The driver host did not run this test. Was it renamed, or is it made at run time? Refresh the tests.',
  );
}
