import * as vscode from 'vscode';
import type { FromGauge, ToGauge } from '../../webviews/protocol.ts';
import { Command } from '../commands.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import type { FolderHost } from '../host/folderHost.ts';
import type { HostManager } from '../host/hostManager.ts';
import { View } from '../views.ts';
import { webviewHtml } from '../webviewHtml.ts';
import { GaugeHistory } from './gaugeHistory.ts';
import { RateMeter } from './rates.ts';

const intervalMs = 250;

/** The Performance Gauge: samples counters at 4 Hz while it is visible and a host lives, and replays its history when shown again. */
export class GaugeView implements vscode.WebviewViewProvider, Disposable {
  readonly #disposables = new Disposables();
  #view: vscode.WebviewView | undefined;
  readonly #history = new GaugeHistory();
  readonly #meters = new Map<FolderHost, RateMeter>();
  #timer: NodeJS.Timeout | undefined;
  #sampling = false;

  constructor(
    private readonly hosts: HostManager,
    private readonly webviews: vscode.Uri,
  ) {
    this.#disposables.add(vscode.window.registerWebviewViewProvider(View.gauge, this));
    this.#disposables.add(hosts.onDidChange((host) => this.#hostChanged(host)));
    const open = () => vscode.commands.executeCommand(`${View.gauge}.focus`);
    this.#disposables.add(vscode.commands.registerCommand(Command.openGauge, open));
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#view = view;
    view.webview.options = { enableScripts: true, localResourceRoots: [this.webviews] };
    const of = new Disposables();
    of.add(view.webview.onDidReceiveMessage((message: FromGauge) => this.#received(message)));
    of.add(view.onDidChangeVisibility(() => this.#visibilityChanged()));
    of.add(
      view.onDidDispose(() => {
        this.#view = undefined;
        of.dispose();
        this.#schedule();
      }),
    );
    view.webview.html = webviewHtml(view.webview, this.webviews, 'gauge', vscode.l10n.t('Performance Gauge'));
    this.#schedule();
  }

  get visible(): boolean {
    return this.#view?.visible === true;
  }

  /** A power event, drawn on the history. */
  mark(label: string): void {
    const mark = { atMs: Date.now(), label };
    this.#history.mark(mark);
    this.#post({ type: 'mark', mark });
  }

  /** Takes one sample of every living host. */
  async sample(): Promise<void> {
    if (this.#sampling) return;
    this.#sampling = true;
    try {
      await Promise.all(this.hosts.hosts.map((host) => this.#sampleHost(host)));
    } finally {
      this.#sampling = false;
    }
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#disposables.dispose();
  }

  async #sampleHost(host: FolderHost): Promise<void> {
    // A host that dies under the call says so by its state.
    const counters = await host.alive?.link.telemetry.counters().catch(() => undefined);
    if (!counters) return;
    const samples = this.#meter(host).rates(counters, Date.now());
    if (samples.length === 0) return;
    this.#history.add(samples);
    this.#post({ type: 'samples', samples });
  }

  #meter(host: FolderHost): RateMeter {
    const present = this.#meters.get(host) ?? new RateMeter();
    this.#meters.set(host, present);
    return present;
  }

  #received(message: FromGauge): void {
    if (message.type === 'ready') this.#hydrate();
  }

  #visibilityChanged(): void {
    for (const meter of this.#meters.values()) meter.reset();
    if (this.visible) this.#hydrate();
    this.#schedule();
  }

  #hostChanged(host: FolderHost): void {
    if (host.state.kind === 'starting') this.#meter(host).reset();
    this.#post({ type: 'state', live: this.#isLive() });
    this.#schedule();
  }

  #hydrate(): void {
    this.#post({ type: 'hydrate', samples: this.#history.samples, marks: this.#history.marks });
    this.#post({ type: 'state', live: this.#isLive() });
  }

  #isLive(): boolean {
    return this.hosts.hosts.some((host) => host.state.kind === 'running');
  }

  #post(message: ToGauge): void {
    if (this.#view?.visible) void this.#view.webview.postMessage(message);
  }

  #schedule(): void {
    const wanted = this.visible && this.#isLive();
    if (wanted === (this.#timer !== undefined)) return;
    clearInterval(this.#timer);
    this.#timer = wanted ? setInterval(() => void this.sample(), intervalMs) : undefined;
  }
}
