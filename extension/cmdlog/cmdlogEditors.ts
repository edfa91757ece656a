import * as vscode from 'vscode';
import { linesPerEntry } from '../../testkit/nvme/cmdlogText.ts';
import { Command } from '../commands.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import type { QueueNode } from '../queues/queueTree.ts';
import { targetOfRow } from '../queues/queueTree.ts';
import { CmdlogLanguage, CmdlogScheme } from '../views.ts';
import type { CmdlogDocuments } from './cmdlogDocuments.ts';
import { type CmdlogTarget, cmdlogUri, fromContextValue } from './cmdlogUri.ts';

const updateMs = 2000;

/** Opens command logs, marks the command a failure points to, and follows the newest entry where it is last. */
export class CmdlogEditors implements Disposable {
  readonly #disposables = new Disposables();
  readonly #marked = new Map<string, bigint>();
  readonly #mark = this.#disposables.add(
    vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      backgroundColor: new vscode.ThemeColor('editor.rangeHighlightBackground'),
      borderColor: new vscode.ThemeColor('testing.iconFailed'),
      borderStyle: 'solid',
      borderWidth: '0 0 0 3px',
      overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.errorForeground'),
      overviewRulerLane: vscode.OverviewRulerLane.Full,
    }),
  );

  constructor(private readonly documents: CmdlogDocuments) {
    const { registerCommand } = vscode.commands;
    const own = this.#disposables;
    own.add(registerCommand(Command.openCmdlog, (from: CmdlogTarget | QueueNode) => this.#openFrom(from)));
    own.add(
      registerCommand(Command.openFailureCmdlog, (from: { message?: vscode.TestMessage }) => this.#openFailure(from)),
    );
    own.add(registerCommand(Command.toggleCmdlogOrder, () => this.#toggleOrder()));
    own.add(vscode.workspace.onDidChangeTextDocument(({ document }) => this.#documentChanged(document)));
    own.add(
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const editor of editors) this.#decorate(editor);
      }),
    );
    own.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => void this.#marked.delete(uri.toString())));
  }

  async open(target: CmdlogTarget, column?: vscode.ViewColumn): Promise<vscode.TextEditor> {
    const uri = cmdlogUri(target);
    const sequence = target.sequence === undefined ? undefined : BigInt(target.sequence);
    if (sequence !== undefined) this.#marked.set(uri.toString(), sequence);
    const document = await this.#document(uri);
    const line = sequence === undefined ? undefined : await this.#reach(document, sequence);
    const selection = line === undefined ? {} : { selection: new vscode.Range(line, 0, line, 0) };
    const options = { preview: false, viewColumn: columnOf(uri) ?? column ?? vscode.ViewColumn.Active, ...selection };
    const editor = await vscode.window.showTextDocument(document, options);
    if (line !== undefined) editor.revealRange(entryRange(line), vscode.TextEditorRevealType.InCenter);
    this.#decorate(editor);
    return editor;
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  async #openFrom(from: CmdlogTarget | QueueNode): Promise<void> {
    const target = 'row' in from ? targetOfRow(from.row, from.pid) : from;
    if (target) await this.open(target, 'sequence' in target ? besideTests() : undefined);
  }

  async #openFailure({ message }: { message?: vscode.TestMessage }): Promise<void> {
    const target = fromContextValue(message?.contextValue);
    if (target) await this.open(target, besideTests());
  }

  async #document(uri: vscode.Uri): Promise<vscode.TextDocument> {
    const document = await vscode.workspace.openTextDocument(uri);
    if (document.languageId === CmdlogLanguage) return document;
    return vscode.languages.setTextDocumentLanguage(document, CmdlogLanguage);
  }

  /** Waits until the editor has the text in which the command stands. */
  async #reach(document: vscode.TextDocument, sequence: bigint): Promise<number | undefined> {
    const line = await this.documents.reach(document.uri, sequence);
    if (line !== undefined && line + linesPerEntry > document.lineCount) await textChange(document);
    return line;
  }

  #toggleOrder(): void {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.uri.scheme === CmdlogScheme) this.documents.toggleOrder(editor.document.uri);
  }

  #documentChanged(document: vscode.TextDocument): void {
    if (document.uri.scheme !== CmdlogScheme) return;
    for (const editor of vscode.window.visibleTextEditors.filter((each) => each.document === document)) {
      this.#decorate(editor);
      if (this.documents.isNewestLast(document.uri) && isAtEnd(editor)) {
        const last = document.lineCount - 1;
        editor.revealRange(new vscode.Range(last, 0, last, 0));
      }
    }
  }

  #decorate(editor: vscode.TextEditor): void {
    const { uri } = editor.document;
    const sequence = this.#marked.get(uri.toString());
    if (sequence === undefined) return;
    const line = this.documents.lineOf(uri, sequence);
    editor.setDecorations(this.#mark, line === undefined ? [] : [entryRange(line)]);
  }
}

function entryRange(line: number): vscode.Range {
  return new vscode.Range(line, 0, line + linesPerEntry - 2, 0);
}

/** The column that shows it already. */
function columnOf(uri: vscode.Uri): vscode.ViewColumn | undefined {
  return vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString())
    ?.viewColumn;
}

/** Evidence stands beside the test it is of, and does not open a third column. */
function besideTests(): vscode.ViewColumn | undefined {
  const log = vscode.window.visibleTextEditors.find(({ document }) => document.uri.scheme === CmdlogScheme);
  if (log?.viewColumn !== undefined) return log.viewColumn;
  return vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : undefined;
}

/** Nobody scrolled away from the newest entry: a screen's rest is still near the end. */
function isAtEnd({ visibleRanges, document }: vscode.TextEditor): boolean {
  const last = visibleRanges.at(-1)?.end.line ?? 0;
  return last >= document.lineCount - 1 - 4 * linesPerEntry;
}

async function textChange(document: vscode.TextDocument): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      listener.dispose();
      resolve();
    };
    const timer = setTimeout(done, updateMs);
    const listener = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document === document) done();
    });
  });
}
