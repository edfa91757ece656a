import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { ChartPanel } from '../../../extension/charts/chartPanel.ts';
import { Command } from '../../../extension/commands.ts';
import type { Chart } from '../../../testkit/report/chart.ts';
import type { ToCharts } from '../../../webviews/protocol.ts';
import { FakeWorkspace, fakeHosts } from './support.ts';

const chart = (title: string): Chart => ({
  title,
  x: { label: 's' },
  y: { label: 'MB/s' },
  series: [{ name: 'one', points: [[0, 1]] }],
});

/** The tabs that were opened. */
function fakePanels() {
  const panels: {
    posted: ToCharts[];
    html: string;
    column: unknown;
    say: (message: unknown) => void;
    close: () => void;
  }[] = [];
  const original = vscode.window.createWebviewPanel;
  vscode.window.createWebviewPanel = ((_type: string, _title: string, column: unknown) => {
    const [message, gone] = [new vscode.EventEmitter<unknown>(), new vscode.EventEmitter<void>()];
    const posted: ToCharts[] = [];
    const webview = {
      html: '',
      cspSource: 'https://csp',
      asWebviewUri: (uri: vscode.Uri) => uri,
      postMessage: async (each: ToCharts) => posted.push(each),
      onDidReceiveMessage: message.event,
    };
    const entry = { posted, column, say: (each: unknown) => message.fire(each), close: () => gone.fire(), html: '' };
    Object.defineProperty(entry, 'html', { get: () => webview.html });
    panels.push(entry);
    return { webview, visible: true, onDidDispose: gone.event, reveal: () => undefined, dispose: () => gone.fire() };
  }) as unknown as typeof original;
  const restore = (): void => {
    vscode.window.createWebviewPanel = original;
  };
  return { panels, restore };
}

describe('charts of tests', () => {
  let fakes: ReturnType<typeof fakePanels>;
  beforeEach(() => {
    fakes = fakePanels();
  });
  afterEach(() => fakes.restore());

  async function setUp() {
    const workspace = new FakeWorkspace();
    const hosts = fakeHosts();
    const panel = new ChartPanel(hosts.manager, vscode.Uri.file('/ext/dist/webviews'));
    await hosts.manager.of(workspace.folder).acquire();
    const { tell } = hosts.links[0]!;
    const start = (id: string) => tell.testStarted?.({ runId: 1, id, title: id.toUpperCase(), iteration: 1, seed: '' });
    const report = (id: string, title: string) => tell.chart?.({ runId: 1, id, chart: chart(title) });
    const shown = () => panel.tests.map(({ title, charts }) => [title, ...charts.map((one) => one.title)]);
    return { panel, start, report, shown };
  }

  it('open beside the editor at the first one, and stay until their test runs again', async () => {
    const { panel, start, report, shown } = await setUp();
    start('a');
    assert.equal(fakes.panels.length, 0);
    report('a', 'first');
    report('a', 'second');
    start('b');
    report('b', 'other');
    assert.equal(fakes.panels.length, 1);
    assert.deepEqual(fakes.panels[0]?.column, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true });
    assert.deepEqual(shown(), [
      ['B', 'other'],
      ['A', 'first', 'second'],
    ]);
    start('a');
    assert.deepEqual(shown(), [['B', 'other']]);
    assert.deepEqual(fakes.panels[0]?.posted.at(-1), { type: 'charts', tests: panel.tests });
    panel.dispose();
  });

  it('are sent again to a page that asks, under a policy that loads nothing else', async () => {
    const { panel, start, report } = await setUp();
    start('a');
    report('a', 'first');
    const [tab] = fakes.panels;
    tab?.posted.splice(0);
    tab?.say({ type: 'ready' });
    assert.deepEqual(tab?.posted, [{ type: 'charts', tests: panel.tests }]);
    assert.match(tab?.html ?? '', /default-src 'none'; script-src 'nonce-[\w+/=]{24}'/);
    assert.match(tab?.html ?? '', /src="file:\/\/\/ext\/dist\/webviews\/charts\.js"/);
    panel.dispose();
  });

  it('can be opened at any time, and again after their tab was closed', async () => {
    const { panel, start, report } = await setUp();
    await vscode.commands.executeCommand(Command.openCharts);
    assert.equal(fakes.panels.length, 1);
    fakes.panels[0]?.close();
    start('a');
    report('a', 'first');
    assert.equal(fakes.panels.length, 2);
    panel.dispose();
  });
});
