import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { GaugeView } from '../../../extension/gauge/gaugeView.ts';
import type { ToGauge } from '../../../webviews/protocol.ts';
import { FakeWorkspace, fakeHosts, until } from './support.ts';

function fakeView() {
  const posted: ToGauge[] = [];
  const message = new vscode.EventEmitter<unknown>();
  const visibility = new vscode.EventEmitter<void>();
  const gone = new vscode.EventEmitter<void>();
  const webview = {
    options: {} as vscode.WebviewOptions,
    html: '',
    cspSource: 'https://csp',
    asWebviewUri: (uri: vscode.Uri) => uri,
    postMessage: async (each: ToGauge) => posted.push(each),
    onDidReceiveMessage: message.event,
  };
  const view = { webview, visible: true, onDidChangeVisibility: visibility.event, onDidDispose: gone.event };
  const setVisible = (visible: boolean) => {
    view.visible = visible;
    visibility.fire();
  };
  const types = () => posted.map(({ type }) => type);
  return { view: view as unknown as vscode.WebviewView, webview, posted, types, message, setVisible, gone };
}

function setUp() {
  const workspace = new FakeWorkspace();
  const hosts = fakeHosts();
  const gauge = new GaugeView(hosts.manager, vscode.Uri.file('/ext/dist/webviews'));
  const host = hosts.manager.of(workspace.folder);
  return { ...hosts, gauge, host, ...fakeView() };
}

describe('the performance gauge', () => {
  it('allows nothing but its own two files', () => {
    const { gauge, view, webview } = setUp();
    gauge.resolveWebviewView(view);
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(webview.html)?.[1] ?? '';
    assert.match(policy, /^default-src 'none'; script-src 'nonce-[\w+/=]{24}'; style-src https:\/\/csp/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.doesNotMatch(webview.html, /<style|style="|onload=/);
    assert.deepEqual(webview.options.localResourceRoots?.map(String), ['file:///ext/dist/webviews']);
    const nonce = /nonce-([^']+)'/.exec(policy)?.[1];
    const again = setUp();
    again.gauge.resolveWebviewView(again.view);
    assert.ok(!again.webview.html.includes(nonce ?? ''), 'a nonce is used once');
    gauge.dispose();
    again.gauge.dispose();
  });

  it('samples only while it is visible and a run is on, and gets its history back when shown again', async () => {
    const { gauge, view, host, links, posted, types, message, setVisible } = setUp();
    await host.acquire();
    let reads = 0;
    links[0]!.telemetry.counters = async () => {
      reads += 1;
      return [{ controller: 'emulated', atNs: BigInt(reads) * 250_000_000n, ios: BigInt(reads) * 100n, bytes: 0n }];
    };
    gauge.resolveWebviewView(view);
    message.fire({ type: 'ready' });
    assert.deepEqual(types(), ['hydrate', 'state']);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(reads, 0, 'no run is on');
    const running = host.running();
    await until(() => types().includes('samples'), 'samples');
    setVisible(false);
    const last = reads;
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(reads, last, 'nobody looks');
    posted.splice(0);
    setVisible(true);
    const [hydrate] = posted;
    assert.equal(hydrate?.type === 'hydrate' && hydrate.samples[0]?.iops, 400);
    running.dispose();
    assert.deepEqual(posted.at(-1), { type: 'state', live: false });
    gauge.dispose();
  });

  it('marks power events on the history, also while it is hidden', () => {
    const { gauge, view, posted, setVisible } = setUp();
    gauge.resolveWebviewView(view);
    gauge.mark('Power Off');
    assert.equal(posted.at(-1)?.type, 'mark');
    setVisible(false);
    gauge.mark('Power On');
    posted.splice(0);
    setVisible(true);
    const [hydrate] = posted;
    assert.deepEqual(hydrate?.type === 'hydrate' && hydrate.marks.map(({ label }) => label), ['Power Off', 'Power On']);
    gauge.dispose();
  });

  it('stops when its view is closed', async () => {
    const { gauge, view, host, links, gone } = setUp();
    await host.acquire();
    host.running();
    gauge.resolveWebviewView(view);
    gone.fire();
    let reads = 0;
    links[0]!.telemetry.counters = async () => {
      reads += 1;
      return [];
    };
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(reads, 0);
    gauge.dispose();
  });
});
