import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../disposables.ts';
import type { CmdlogContent } from '../host/evidenceReader.ts';
import { onSettingChange, setting } from '../settings.ts';
import { CmdlogScheme } from '../views.ts';
import type { CmdlogSource } from './cmdlogSource.ts';
import { type CmdlogAddress, parseCmdlogUri } from './cmdlogUri.ts';
import { type CmdlogView, entriesToReach, lineOf, viewText } from './cmdlogView.ts';

interface Shown {
  view: CmdlogView;
  content: CmdlogContent | undefined;
  /** Read already; the next request of the window gets it without another read. */
  fresh: boolean;
  /** Read after the end of its host: nothing can be added. */
  final: boolean;
}

const refreshMs = 600;

/** Command logs as read-only documents: made on request, and read again while an editor shows them and their host lives. */
export class CmdlogDocuments implements vscode.TextDocumentContentProvider, Disposable {
  readonly #disposables = new Disposables();
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.#changed.event;
  readonly #shown = new Map<string, Shown>();
  #timer: NodeJS.Timeout | undefined;
  #refreshing = false;

  constructor(private readonly source: CmdlogSource) {
    this.#disposables.add(vscode.workspace.registerTextDocumentContentProvider(CmdlogScheme, this));
    this.#disposables.add(vscode.window.onDidChangeVisibleTextEditors(() => this.#schedule()));
    this.#disposables.add(
      vscode.workspace.onDidCloseTextDocument(({ uri }) => void this.#shown.delete(uri.toString())),
    );
    this.#disposables.add(onSettingChange('cmdlog.entries', () => this.#resize()));
    this.#schedule();
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const address = parseCmdlogUri(uri);
    if (!address) return vscode.l10n.t('This is not the address of a command log.');
    const shown = this.#of(uri);
    if (!shown.fresh) shown.content = await this.source.read(address, shown.view.max);
    shown.fresh = false;
    if (!shown.content)
      return vscode.l10n.t('This command log is gone: its driver host has ended and its evidence was removed.');
    if (shown.content.text === '') return vscode.l10n.t('No command was submitted on this queue.');
    return viewText(shown.content, shown.view);
  }

  /** Makes sure that a command is in the document; its line, or undefined when the ring no longer has it. */
  async reach(uri: vscode.Uri, sequence: bigint): Promise<number | undefined> {
    const address = parseCmdlogUri(uri);
    const shown = this.#of(uri);
    if (!address) return undefined;
    shown.content = await this.source.read(address, shown.view.max);
    if (shown.content && lineOf(shown.content, sequence, shown.view) === undefined) {
      shown.view = { ...shown.view, max: entriesToReach(shown.content, sequence, shown.view) };
      shown.content = await this.source.read(address, shown.view.max);
    }
    shown.fresh = true;
    this.#changed.fire(uri);
    return this.lineOf(uri, sequence);
  }

  lineOf(uri: vscode.Uri, sequence: bigint): number | undefined {
    const { content, view } = this.#of(uri);
    return content && lineOf(content, sequence, view);
  }

  toggleOrder(uri: vscode.Uri): void {
    const shown = this.#of(uri);
    shown.view = { ...shown.view, order: shown.view.order === 'newest-first' ? 'newest-last' : 'newest-first' };
    shown.fresh = shown.content !== undefined;
    this.#changed.fire(uri);
  }

  isNewestLast(uri: vscode.Uri): boolean {
    return this.#of(uri).view.order === 'newest-last';
  }

  /** Reads what is visible again, now; only documents that differ are replaced. */
  async refresh(): Promise<void> {
    if (this.#refreshing) return;
    this.#refreshing = true;
    try {
      await Promise.all(visibleLogs().map(([uri, address]) => this.#refreshOne(uri, address)));
    } finally {
      this.#refreshing = false;
    }
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#disposables.dispose();
  }

  async #refreshOne(uri: vscode.Uri, address: CmdlogAddress): Promise<void> {
    const shown = this.#of(uri);
    const isLive = this.source.isLive(address);
    // What came between the last look and the end of the host is read once more.
    if (!isLive && shown.final) return;
    const content = await this.source.read(address, shown.view.max);
    shown.final = !isLive;
    if (!content || content.text === shown.content?.text) return;
    shown.content = content;
    shown.fresh = true;
    this.#changed.fire(uri);
  }

  #of(uri: vscode.Uri): Shown {
    const key = uri.toString();
    const present = this.#shown.get(key);
    if (present) return present;
    const shown: Shown = {
      view: { max: setting('cmdlog.entries'), order: 'newest-first' },
      content: undefined,
      fresh: false,
      final: false,
    };
    this.#shown.set(key, shown);
    return shown;
  }

  #resize(): void {
    for (const [key, shown] of this.#shown) {
      shown.view = { ...shown.view, max: setting('cmdlog.entries') };
      this.#changed.fire(vscode.Uri.parse(key));
    }
  }

  /** A timer exists only while a command log is visible. */
  #schedule(): void {
    const wanted = visibleLogs().length > 0;
    if (wanted === (this.#timer !== undefined)) return;
    clearInterval(this.#timer);
    this.#timer = wanted ? setInterval(() => void this.refresh(), refreshMs) : undefined;
    if (wanted) void this.refresh();
  }
}

function visibleLogs(): [vscode.Uri, CmdlogAddress][] {
  return vscode.window.visibleTextEditors.flatMap(({ document }) => {
    const address = document.uri.scheme === CmdlogScheme ? parseCmdlogUri(document.uri) : undefined;
    return address ? [[document.uri, address]] : [];
  });
}
