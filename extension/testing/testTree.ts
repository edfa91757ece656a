import * as vscode from 'vscode';
import { fileId } from '../../testkit/discovery/testId.ts';
import type { DiscoveredFile, DiscoveredTest, SourceRange } from '../../testkit/discovery/types.ts';
import type { TestId } from '../../testkit/protocol.ts';
import { Command, commandLink } from '../commands.ts';
import { setTestData, type TestData, testData, walk } from './testData.ts';

/** The items of the test controller. Items are updated in place and keep their ids, so results and open nodes survive edits. */
export class TestTree {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  /** A file's tests changed. */
  readonly onDidChange = this.#changed.event;
  #severalFolders = hasSeveralFolders();

  constructor(private readonly controller: vscode.TestController) {}

  dispose(): void {
    this.#changed.dispose();
  }

  get files(): vscode.TestItem[] {
    return [...this.controller.items].flatMap(([, item]) =>
      testData(item).kind === 'folder' ? [...item.children].map(([, child]) => child) : [item],
    );
  }

  /** Folders are rows only where there are several: starts over when that changed. What is of a folder that is gone goes too. */
  adaptToFolders(): void {
    if (this.#severalFolders !== hasSeveralFolders()) this.controller.items.replace([]);
    this.#severalFolders = hasSeveralFolders();
    const known = new Set((vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.toString()));
    for (const [id, item] of [...this.controller.items])
      if (!known.has(testData(item).folder.uri.toString())) this.controller.items.delete(id);
  }

  file(uri: vscode.Uri): vscode.TestItem | undefined {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    return folder && this.#siblings(folder)?.get(fileId(folder.uri.fsPath, uri.fsPath));
  }

  /** The item of a test id of a folder; of any depth. */
  find(folder: vscode.WorkspaceFolder, id: TestId): vscode.TestItem | undefined {
    for (const [, file] of this.#siblings(folder) ?? []) {
      if (id !== file.id && !id.startsWith(`${file.id} > `)) continue;
      for (const item of walk(file)) if (item.id === id) return item;
    }
    return undefined;
  }

  /** The file's item, made when missing. */
  addFile(folder: vscode.WorkspaceFolder, uri: vscode.Uri): vscode.TestItem {
    const siblings = this.#siblings(folder) ?? this.#addFolder(folder);
    const id = fileId(folder.uri.fsPath, uri.fsPath);
    const present = siblings.get(id);
    if (present) return present;
    const item = this.controller.createTestItem(id, id, uri);
    item.canResolveChildren = true;
    setTestData(item, { kind: 'file', folder, id, uri });
    siblings.add(item);
    return item;
  }

  removeFile(uri: vscode.Uri): void {
    const item = this.file(uri);
    if (!item) return;
    const siblings = item.parent?.children ?? this.controller.items;
    siblings.delete(item.id);
    if (item.parent?.children.size === 0) this.controller.items.delete(item.parent.id);
    this.#changed.fire(uri);
  }

  /** Brings a file's item to what discovery found. A file that cannot be parsed keeps the tests it had, under an error. */
  update(item: vscode.TestItem, found: DiscoveredFile): void {
    const data = testData(item);
    if (data.kind !== 'file') return;
    set(item, 'busy', false);
    item.canResolveChildren = false;
    item.error = found.fault && faultText(found.fault.message, found.fault.line);
    if (!found.fault) this.#reconcile(item, found.tests, '');
    this.#changed.fire(data.uri);
  }

  /** Adds the cases of a computed `test.each` under its template. */
  addCases(template: vscode.TestItem, cases: readonly { id: TestId; title: string }[]): void {
    const { folder } = testData(template);
    const known = new Set(cases.map(({ id }) => id));
    for (const [id] of [...template.children]) if (!known.has(id)) template.children.delete(id);
    for (const [index, { id, title }] of cases.entries()) {
      const item = template.children.get(id) ?? this.controller.createTestItem(id, title, template.uri);
      setTestData(item, { kind: 'case', folder, id, titlePath: title });
      set(item, 'sortText', order(index));
      set(item, 'range', template.range);
      if (!template.children.get(id)) template.children.add(item);
    }
  }

  #siblings(folder: vscode.WorkspaceFolder): vscode.TestItemCollection | undefined {
    if (!this.#severalFolders) return this.controller.items;
    return this.controller.items.get(folder.uri.toString())?.children;
  }

  #addFolder(folder: vscode.WorkspaceFolder): vscode.TestItemCollection {
    const item = this.controller.createTestItem(folder.uri.toString(), folder.name, folder.uri);
    setTestData(item, { kind: 'folder', folder });
    this.controller.items.add(item);
    return item.children;
  }

  #reconcile(parent: vscode.TestItem, nodes: readonly DiscoveredTest[], titles: string): void {
    const wanted = new Set(nodes.map(({ id }) => id));
    for (const [id] of [...parent.children]) if (!wanted.has(id)) parent.children.delete(id);
    for (const [index, node] of nodes.entries()) {
      const present = parent.children.get(node.id);
      const item = present ?? this.controller.createTestItem(node.id, node.title, parent.uri);
      const titlePath = titles ? `${titles} ${node.title}` : node.title;
      setTestData(item, dataFor(node, { folder: testData(parent).folder, titlePath }));
      show(item, node, index);
      if (!present) parent.children.add(item);
      if (node.kind === 'suite') this.#reconcile(item, node.children, titlePath);
    }
  }
}

function dataFor(node: DiscoveredTest, around: { folder: vscode.WorkspaceFolder; titlePath: string }): TestData {
  const { folder, titlePath } = around;
  const kind = node.kind === 'test' && node.template ? 'template' : node.kind;
  return { kind, folder, id: node.id, titlePath };
}

/** No `description`: a screen reader would read it in place of the title. */
function show(item: vscode.TestItem, node: DiscoveredTest, index: number): void {
  const range = toRange(node.range);
  set(item, 'label', node.title);
  set(item, 'sortText', order(index));
  if (!item.range?.isEqual(range)) item.range = range;
  const tags = node.tags ?? [];
  if (tags.join() !== item.tags.map(({ id }) => id).join()) item.tags = tags.map((tag) => new vscode.TestTag(tag));
}

/** Assigns only what differs: each assignment is a message to the window. */
function set<T extends vscode.TestItem, K extends keyof T>(item: T, key: K, value: T[K]): void {
  if (item[key] !== value) item[key] = value;
}

function order(index: number): string {
  return String(index).padStart(5, '0');
}

export function toRange({ startLine, startColumn, endLine, endColumn }: SourceRange): vscode.Range {
  return new vscode.Range(startLine, startColumn, endLine, endColumn);
}

/** An error the tree shows under the item, with the way to more. */
export function faultText(reason: string, line?: number): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands: [Command.showLog] };
  if (line !== undefined)
    text.appendText(vscode.l10n.t({ message: 'Line {0}: ', args: [line + 1], comment: ['a line number'] }));
  return text.appendText(reason).appendMarkdown(` · ${commandLink(vscode.l10n.t('Show Log'), Command.showLog)}`);
}

function hasSeveralFolders(): boolean {
  return (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
}
