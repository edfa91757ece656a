import * as vscode from 'vscode';
import type { TestId } from '../../testkit/protocol.ts';
import type { Chart } from '../../testkit/report/chart.ts';
import type { FromCharts, ToCharts } from '../../webviews/protocol.ts';
import { Command } from '../commands.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import type { FolderHost } from '../host/folderHost.ts';
import type { HostManager } from '../host/hostManager.ts';
import { setting } from '../settings.ts';
import { webviewHtml } from '../webviewHtml.ts';

interface ChartedTest {
  readonly title: string;
  readonly charts: Chart[];
}

/** The charts that tests report, in a tab beside the editor: those of the latest run of each test, the newest test first. */
export class ChartPanel implements Disposable {
  readonly #disposables = new Disposables();
  readonly #listening = new Map<FolderHost, Disposable>();
  readonly #titles = new Map<string, string>();
  readonly #tests = new Map<string, ChartedTest>();
  #panel: vscode.WebviewPanel | undefined;

  constructor(
    private readonly hosts: HostManager,
    private readonly webviews: vscode.Uri,
  ) {
    this.#disposables.add(hosts.onDidChange((host) => this.#listen(host)));
    this.#disposables.add(vscode.commands.registerCommand(Command.openCharts, () => this.#open(false)));
  }

  /** What is shown, newest test first. */
  get tests(): ToCharts['tests'] {
    return [...this.#tests.values()].reverse();
  }

  get visible(): boolean {
    return this.#panel?.visible === true;
  }

  dispose(): void {
    for (const listener of this.#listening.values()) listener.dispose();
    this.#panel?.dispose();
    this.#disposables.dispose();
  }

  #listen(host: FolderHost): void {
    for (const [known, listener] of this.#listening) {
      if (this.hosts.hosts.includes(known)) continue;
      listener.dispose();
      this.#listening.delete(known);
    }
    if (this.#listening.has(host)) return;
    const keyOf = (id: TestId) => `${host.folder.uri} ${id}`;
    const listener = host.listen({
      testStarted: ({ id, title }) => this.#started(keyOf(id), title),
      chart: ({ id, chart }) => this.#chart(keyOf(id), chart),
    });
    this.#listening.set(host, listener);
  }

  /** It runs again: its charts of last time are over. */
  #started(key: string, title: string): void {
    this.#titles.set(key, title);
    if (this.#tests.delete(key)) this.#post();
  }

  #chart(key: string, chart: Chart): void {
    const test = this.#tests.get(key) ?? { title: this.#titles.get(key) ?? '', charts: [] };
    test.charts.push(chart);
    this.#tests.set(key, test);
    if (!this.#panel && setting('openCharts')) this.#open(true);
    else this.#post();
  }

  #open(preserveFocus: boolean): void {
    if (this.#panel) {
      this.#panel.reveal(undefined, preserveFocus);
      return;
    }
    const title = vscode.l10n.t('Charts');
    const panel = vscode.window.createWebviewPanel(
      'doorbell.charts',
      title,
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus },
      { enableScripts: true, localResourceRoots: [this.webviews] },
    );
    this.#panel = panel;
    const of = new Disposables();
    // Also when it is shown again: a hidden page is not kept.
    of.add(panel.webview.onDidReceiveMessage((message: FromCharts) => message.type === 'ready' && this.#post()));
    of.add(
      panel.onDidDispose(() => {
        this.#panel = undefined;
        of.dispose();
      }),
    );
    panel.webview.html = webviewHtml(panel.webview, this.webviews, 'charts', title);
  }

  #post(): void {
    const message: ToCharts = { type: 'charts', tests: this.tests };
    if (this.#panel?.visible) void this.#panel.webview.postMessage(message);
  }
}
