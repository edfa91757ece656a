import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { parseAddresses } from '../../testkit/machine/address.ts';
import { HostGoneError } from '../../testkit/parent/hostOptions.ts';
import type { RunRequest } from '../../testkit/protocol.ts';
import type { DriveConsent } from '../controllers/driveConsent.ts';
import { Disposables } from '../disposables.ts';
import type { FolderHost, HostSession } from '../host/folderHost.ts';
import type { HostManager } from '../host/hostManager.ts';
import { userMessage } from '../humanError.ts';
import { controllersSetting, powerSetting, setting } from '../settings.ts';
import { AnyCancellation, orCancelled } from './cancellation.ts';
import { DebugAttachment } from './debugAttachment.ts';
import { reproduceCommand } from './reproduce.ts';
import { filesOf, planRun, type RunPart, type Selection } from './runPlan.ts';
import { RunReport } from './runReport.ts';
import { hasTag } from './testData.ts';
import type { TestLoader } from './testLoader.ts';
import type { TestTree } from './testTree.ts';

export type RunMode = 'run' | 'debug' | 'untilFailure';

export interface RunnerParts {
  readonly controller: vscode.TestController;
  readonly tree: TestTree;
  readonly loader: Pick<TestLoader, 'ready'>;
  readonly hosts: HostManager;
  readonly log: vscode.LogOutputChannel;
  readonly consent: Pick<DriveConsent, 'check'>;
  /** After a cancellation the host gets this long to answer before it is ended. */
  readonly cancelGraceMs?: number;
}

export interface RunClick {
  readonly request: vscode.TestRunRequest;
  readonly selection: Selection;
  readonly mode: RunMode;
  readonly token: vscode.CancellationToken;
}

/** Repetitions of Run Until Failure; a person or a failure ends it long before. */
const endlessRepeat = 1_000_000_000;

/** Turns clicks into runs of driver hosts: waits for the host's turn, runs, reports, and always ends the run. */
export class TestRunner {
  readonly #parts: RunnerParts;
  #nextRunId = 1;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  async run(click: RunClick): Promise<void> {
    const { controller, tree, loader } = this.#parts;
    const run = controller.createTestRun(click.request);
    const cancellation = new AnyCancellation(click.token, run.token);
    try {
      await orCancelled(loader.ready(filesOf(click.selection, tree.files)), cancellation.token);
      const reports = planRun(click.selection, tree.files).map(
        (part) => new RunReport(run, tree, part, cancellation.token),
      );
      for (const report of reports) await this.#runPart(report, { ...click, run, cancellation });
    } catch (error) {
      this.#parts.log.error(error instanceof Error ? error : String(error));
      run.appendOutput(`${userMessage(error)}\r\n`);
    } finally {
      cancellation.dispose();
      run.end();
    }
  }

  async #runPart(report: RunReport, work: Work): Promise<void> {
    const { token } = work.cancellation;
    const host = this.#parts.hosts.of(report.part.folder);
    if (host.queue.busy)
      report.say(vscode.l10n.t('Waiting: another run is using the driver host of {0}.', host.folder.name));
    const turn = await host.queue.turn(token);
    let reason: string | undefined;
    let crashed = false;
    try {
      if (turn) await this.#inTurn(host, report, work);
    } catch (error) {
      this.#parts.log.error(error instanceof Error ? error : String(error));
      reason = error instanceof Error ? error.message : String(error);
      crashed = error instanceof HostGoneError && host.isCrash(error.exit);
    } finally {
      report.end({ cancelled: token.isCancellationRequested && !crashed, reason });
      turn?.dispose();
    }
  }

  async #inTurn(host: FolderHost, report: RunReport, work: Work): Promise<void> {
    const planned = this.#request(report.part, work.mode);
    const session = await orCancelled(host.acquire(planned), work.cancellation.token);
    if (!session) return;
    report.pid = session.pid;
    const allowedDrives = await this.#consent(session, planned, report.part);
    const request = { ...planned, ...(allowedDrives.length > 0 && { allowedDrives }) };
    report.say(`$ ${reproduceCommand(request, report.part.greps)}`);
    const live = new Disposables();
    live.add(host.running());
    live.add(host.listen(report.handlers(request.runId)));
    const turn: Turn = { session, request, work, host };
    try {
      if (work.mode === 'debug') await this.#debugged(turn);
      else await this.#awaited(turn);
    } finally {
      live.dispose();
    }
  }

  #consent({ link }: HostSession, { controllers = [] }: RunRequest, { leaves }: RunPart): Promise<string[]> {
    const destructive = leaves.filter((item) => hasTag(item, 'destructive')).length;
    return this.#parts.consent.check(link.calls, controllers, destructive);
  }

  async #debugged(turn: Turn): Promise<void> {
    const { session, host, work } = turn;
    const { token } = work.cancellation;
    const attachment = new DebugAttachment();
    const stopped = attachment.onDidEnd(() => {
      if (attachment.killsHost) host.expectEnd();
      work.cancellation.cancel();
    });
    try {
      const { url } = await session.link.calls.openInspector();
      await orCancelled(attachment.attach({ folder: host.folder, url, run: work.run }), token);
      if (!token.isCancellationRequested) await this.#awaited(turn, attachment);
    } finally {
      stopped.dispose();
      await attachment.detach();
      attachment.dispose();
      await session.link.calls.closeInspector().catch(() => undefined);
    }
  }

  /** Runs to the end. After a cancellation the host is asked first and ended when it does not answer. */
  async #awaited({ session, request, work }: Turn, attachment?: DebugAttachment): Promise<void> {
    const { calls } = session.link;
    let killer: NodeJS.Timeout | undefined;
    const cancel = async () => {
      killer = setTimeout(() => void session.link.stop(0), this.#parts.cancelGraceMs ?? 3000);
      // Asked before the debugger lets go: a paused host then reads it at its next await, not after the rest of the test.
      const asked = calls.cancel({ runId: request.runId }).catch(() => undefined);
      await attachment?.detach();
      await asked;
    };
    const listener = work.cancellation.token.onCancellationRequested(() => void cancel());
    try {
      const summary = await calls.run(request);
      this.#parts.log.info(`Run ${request.runId}: ${JSON.stringify(summary)}`);
    } finally {
      clearTimeout(killer);
      listener.dispose();
    }
  }

  #request(part: RunPart, mode: RunMode): RunRequest {
    const scope = part.folder.uri;
    const controllers = parseAddresses(controllersSetting(scope)).map(({ text }) => text);
    const power = powerSetting(scope);
    // Chosen here, so that the command which repeats the run can name it.
    const seed = setting('seed', scope).trim() || randomBytes(6).toString('hex');
    return {
      runId: this.#nextRunId++,
      root: scope.fsPath,
      files: part.files,
      ...(part.only && { only: part.only }),
      ...(controllers.length > 0 && { controllers }),
      ...(power !== undefined && { power: [power] }),
      seed,
      bail: false,
      repeat: mode === 'untilFailure' ? endlessRepeat : 1,
      untilFailure: mode === 'untilFailure',
      debug: mode === 'debug',
      timeoutMs: setting('timeoutSeconds', scope) * 1000,
      fresh: setting('freshPerRun', scope),
    };
  }
}

interface Work extends RunClick {
  readonly run: vscode.TestRun;
  readonly cancellation: AnyCancellation;
}

interface Turn {
  readonly session: HostSession;
  readonly request: RunRequest;
  readonly host: FolderHost;
  readonly work: Work;
}
