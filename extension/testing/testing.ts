import * as vscode from 'vscode';
import { DiscoveryClient } from '../../testkit/discovery/client.ts';
import { Command } from '../commands.ts';
import type { DriveConsent } from '../controllers/driveConsent.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import type { HostManager } from '../host/hostManager.ts';
import { TestControllerId } from '../views.ts';
import { CodeLenses } from './codeLenses.ts';
import { ContinuousRuns } from './continuousRuns.ts';
import { TestLoader } from './testLoader.ts';
import { type RunMode, TestRunner } from './testRunner.ts';
import { TestTree } from './testTree.ts';

export interface TestingParts {
  readonly hosts: HostManager;
  readonly log: vscode.LogOutputChannel;
  readonly consent: DriveConsent;
  /** Absolute path of dist/discovery.cjs. */
  readonly discoveryWorker: string;
  /** Someone watches the panel: a run must not put the test results in front of it. */
  readonly keepPanel: () => boolean;
}

/** **NVMe Tests** in the Testing view: the tree, the run profiles, the lenses. */
export class Testing implements Disposable {
  readonly #disposables = new Disposables();
  readonly controller: vscode.TestController;
  readonly tree: TestTree;
  readonly loader: TestLoader;
  readonly #runner: TestRunner;
  readonly #continuous: ContinuousRuns;
  readonly #profiles: Record<RunMode, vscode.TestRunProfile>;

  constructor(private readonly parts: TestingParts) {
    const { hosts, log, discoveryWorker, consent } = parts;
    const own = this.#disposables;
    this.controller = own.add(vscode.tests.createTestController(TestControllerId, vscode.l10n.t('NVMe Tests')));
    this.tree = own.add(new TestTree(this.controller));
    const discovery = own.add(new DiscoveryClient({ worker: discoveryWorker }));
    this.loader = own.add(new TestLoader({ tree: this.tree, discovery, log }));
    const { controller, tree, loader } = this;
    this.#runner = new TestRunner({ controller, tree, loader, hosts, log, consent });
    this.#continuous = own.add(new ContinuousRuns(this.#runner, this.tree));
    this.#profiles = this.#createProfiles();
    own.add(new CodeLenses(this.tree));
    own.add(
      vscode.commands.registerCommand(Command.runTest, (uri: string, ids: string[]) =>
        this.#runFromLens('run', uri, ids),
      ),
    );
    own.add(
      vscode.commands.registerCommand(Command.debugTest, (uri: string, ids: string[]) =>
        this.#runFromLens('debug', uri, ids),
      ),
    );
    this.controller.resolveHandler = (item) => (item ? this.loader.load(item) : this.loader.discoverAll());
    this.controller.refreshHandler = () => this.loader.discoverAll();
  }

  /** Results from before a power cycle say nothing about the device as it is now. */
  invalidateResults(folder: vscode.WorkspaceFolder): void {
    for (const item of this.tree.files) {
      if (item.uri && vscode.workspace.getWorkspaceFolder(item.uri) === folder)
        this.controller.invalidateTestResults(item);
    }
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #createProfiles(): Record<RunMode, vscode.TestRunProfile> {
    const { Run, Debug } = vscode.TestRunProfileKind;
    const create = (label: string, kind: vscode.TestRunProfileKind, mode: RunMode) =>
      this.#disposables.add(
        this.controller.createRunProfile(
          label,
          kind,
          (request, token) => this.#run(mode, request, token),
          mode !== 'untilFailure',
        ),
      );
    const run = create(vscode.l10n.t('Run'), Run, 'run');
    run.supportsContinuousRun = true;
    const debug = create(vscode.l10n.t('Debug'), Debug, 'debug');
    return { run, debug, untilFailure: create(vscode.l10n.t('Run Until Failure'), Run, 'untilFailure') };
  }

  async #run(mode: RunMode, request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    if (request.continuous) this.#continuous.add(request, token);
    else await this.#runner.run({ request, selection: request, mode, token });
  }

  async #runFromLens(mode: 'run' | 'debug', uri: string, ids: readonly string[]): Promise<void> {
    const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(uri));
    const items = ids.flatMap((id) => (folder && this.tree.find(folder, id)) ?? []);
    if (items.length === 0) return;
    // The Testing view saves before a run when told so; a lens must do the same.
    if (vscode.workspace.getConfiguration('testing').get('saveBeforeTest', true)) await vscode.workspace.saveAll(false);
    const request = new vscode.TestRunRequest(items, undefined, this.#profiles[mode], false, this.parts.keepPanel());
    const never = new vscode.CancellationTokenSource();
    await this.#run(mode, request, never.token).finally(() => never.dispose());
  }
}
