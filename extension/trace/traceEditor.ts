import * as vscode from 'vscode';
import type { TraceClient } from '../../testkit/trace/traceClient.ts';
import type { FromTrace, ToTrace, TraceStretch } from '../../webviews/protocol.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import { userMessage } from '../humanError.ts';
import { CustomEditor } from '../views.ts';
import { webviewHtml } from '../webviewHtml.ts';
import { damageText, headOf, pictureOf } from './traceMessages.ts';

/** No page asks for more cells: 5 kinds of them stay below 10 MB. */
const mostCells = 1000;
const mostLines = 1000;

/** Shows `.nvtrace` files. */
export class TraceEditors implements vscode.CustomReadonlyEditorProvider, Disposable {
  readonly #disposables = new Disposables();

  constructor(
    private readonly client: TraceClient,
    private readonly webviews: vscode.Uri,
  ) {
    this.#disposables.add(
      vscode.window.registerCustomEditorProvider(CustomEditor.trace, this, {
        supportsMultipleEditorsPerDocument: true,
      }),
    );
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const editor = new TraceEditor(this.client, uri.fsPath, panel.webview);
    panel.webview.options = { enableScripts: true, localResourceRoots: [this.webviews] };
    panel.webview.html = webviewHtml(panel.webview, this.webviews, 'trace', vscode.l10n.t('Trace'));
    panel.onDidDispose(() => editor.dispose());
  }
}

/** One editor: answers what its page asks. */
class TraceEditor {
  readonly #subscription: vscode.Disposable;
  #drawing = new AbortController();

  constructor(
    private readonly client: TraceClient,
    private readonly path: string,
    private readonly webview: vscode.Webview,
  ) {
    this.#subscription = webview.onDidReceiveMessage((message: FromTrace) => void this.#received(message));
  }

  dispose(): void {
    this.#drawing.abort();
    this.#subscription.dispose();
  }

  async #received(message: FromTrace): Promise<void> {
    try {
      if (message.type === 'ready') this.#post({ type: 'opened', head: headOf(await this.#open()) });
      else if (message.type === 'view') await this.#draw(message);
      else if (message.type === 'lines') await this.#lines(message.first, message.count);
      else {
        const first = await this.client.ask('indexAt', { path: this.path, timeNs: message.timeNs });
        await this.#lines(first, message.count);
      }
    } catch (error) {
      this.#post({ type: 'failed', text: userMessage(error) });
    }
  }

  #open() {
    return this.client.ask('open', { path: this.path });
  }

  async #draw({ id, stretch, columns, rows }: FromTrace & { type: 'view' }): Promise<void> {
    this.#drawing.abort();
    const drawing = new AbortController();
    this.#drawing = drawing;
    const request = { ...stretchOf(stretch), columns: limited(columns, mostCells), rows: limited(rows, mostCells) };
    const damage = await this.client.ask(
      'view',
      { path: this.path, request },
      {
        signal: drawing.signal,
        onMeanwhile: (view) => {
          if (!drawing.signal.aborted) this.#post({ type: 'picture', id, picture: pictureOf(view) });
        },
      },
    );
    if (damage) this.#post({ type: 'damage', text: damageText(damage.reason) });
  }

  async #lines(first: number, count: number): Promise<void> {
    const ask = { path: this.path, first: Math.max(0, Math.floor(first)), count: limited(count, mostLines) };
    this.#post({ type: 'lines', lines: await this.client.ask('rows', ask) });
  }

  #post(message: ToTrace): void {
    void this.webview.postMessage(message);
  }
}

const limited = (value: number, most: number): number => Math.min(most, Math.max(1, Math.floor(value) || 1));

const stretchOf = ({ fromNs, toNs, fromLba, toLba }: TraceStretch): TraceStretch => ({
  fromNs,
  toNs: Math.max(fromNs + 1, toNs),
  fromLba,
  toLba: Math.max(fromLba + 1, toLba),
});
