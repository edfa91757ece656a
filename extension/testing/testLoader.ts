import * as vscode from 'vscode';
import type { DiscoveryClient } from '../../testkit/discovery/client.ts';
import type { DiscoveredFile } from '../../testkit/discovery/types.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import { userMessage } from '../humanError.ts';
import { onSettingChange, setting } from '../settings.ts';
import { testData } from './testData.ts';
import { TestFileEvents } from './testFileEvents.ts';
import { excludeGlob, isTestFile } from './testFiles.ts';
import { faultText, type TestTree } from './testTree.ts';

export interface LoaderParts {
  readonly tree: TestTree;
  readonly discovery: Pick<DiscoveryClient, 'scan' | 'parse'>;
  readonly log: vscode.LogOutputChannel;
  /** Quiet time after an edit before the file is read again. */
  readonly debounceMs?: number;
}

/** Keeps the tree as the workspace and the editors are. Files are parsed in a worker; no test code runs and no host is needed. */
export class TestLoader implements Disposable {
  readonly #parts: LoaderParts;
  readonly #disposables = new Disposables();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #discovering: Promise<void> | undefined;

  constructor(parts: LoaderParts) {
    this.#parts = parts;
    const events = this.#disposables.add(
      new TestFileEvents({
        changed: (uri) => this.#soon(uri),
        deleted: (uri) => this.#forget(uri),
        folderDeleted: (uri) => this.#forgetInside(uri),
      }),
    );
    this.#disposables.add(
      onSettingChange('testFiles', () => {
        events.watch();
        void this.discoverAll();
      }),
    );
    this.#disposables.add(vscode.workspace.onDidChangeWorkspaceFolders(() => void this.discoverAll()));
    for (const document of vscode.workspace.textDocuments) if (isTestFile(document)) this.#soon(document.uri);
  }

  /** Finds and reads every test file of the workspace. A second call while one is under way waits for that one. */
  async discoverAll(): Promise<void> {
    this.#discovering ??= this.#discover().finally(() => {
      this.#discovering = undefined;
    });
    return this.#discovering;
  }

  /** Reads files that have not been read, or were edited and not read again yet. */
  async ready(files: readonly vscode.TestItem[]): Promise<void> {
    const stale = files.filter(
      (item) => item.canResolveChildren || (item.uri && this.#timers.has(item.uri.toString())),
    );
    await Promise.all(stale.map((item) => this.load(item)));
  }

  /** Reads one file: from its editor when it is open, saved or not. */
  async load(item: vscode.TestItem): Promise<void> {
    const data = testData(item);
    if (data.kind !== 'file') return;
    this.#cancelTimer(data.uri);
    await this.#guard([item], async () => {
      this.#parts.tree.update(item, await this.#parse(data.folder, data.uri));
    });
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#disposables.dispose();
  }

  async #discover(): Promise<void> {
    this.#parts.tree.adaptToFolders();
    const present = new Set<string>();
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      const pattern = new vscode.RelativePattern(folder, setting('testFiles', folder.uri));
      const uris = (await vscode.workspace.findFiles(pattern, excludeGlob)).sort((a, b) => (a.path < b.path ? -1 : 1));
      for (const uri of uris) present.add(uri.toString());
      await this.#scan(folder, uris);
    }
    for (const { uri } of this.#parts.tree.files)
      if (uri && !present.has(uri.toString())) this.#parts.tree.removeFile(uri);
  }

  /** Unsaved editors first: they are what the person looks at. */
  async #scan(folder: vscode.WorkspaceFolder, uris: readonly vscode.Uri[]): Promise<void> {
    const { tree, discovery } = this.#parts;
    const items = new Map(uris.map((uri) => [uri.fsPath, tree.addFile(folder, uri)]));
    for (const item of items.values()) if (item.canResolveChildren) item.busy = true;
    const dirty = [...items.values()].filter((item) => item.uri && dirtyDocument(item.uri));
    await Promise.all(dirty.map((item) => this.load(item)));
    const rest = [...items].filter(([, item]) => !dirty.includes(item));
    const update = (files: readonly DiscoveredFile[]) => {
      for (const found of files) {
        const item = items.get(vscode.Uri.joinPath(folder.uri, found.file).fsPath);
        if (item) tree.update(item, found);
      }
    };
    await this.#guard(
      rest.map(([, item]) => item),
      async () =>
        void (await discovery.scan(
          folder.uri.fsPath,
          rest.map(([path]) => path),
          update,
        )),
    );
  }

  async #parse(folder: vscode.WorkspaceFolder, uri: vscode.Uri): Promise<DiscoveredFile> {
    const { discovery } = this.#parts;
    const root = folder.uri.fsPath;
    const document = dirtyDocument(uri);
    if (document) return discovery.parse(root, uri.fsPath, document.getText());
    const [found] = await discovery.scan(root, [uri.fsPath]);
    if (!found) throw new Error(`no result for ${uri.fsPath}`);
    return found;
  }

  /** A failure of discovery itself is shown on the items it was for. */
  async #guard(items: readonly vscode.TestItem[], work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#parts.log.error(error instanceof Error ? error : String(error));
      for (const item of items) item.error = faultText(userMessage(error));
    } finally {
      for (const item of items) item.busy = false;
    }
  }

  #soon(uri: vscode.Uri): void {
    this.#cancelTimer(uri);
    const timer = setTimeout(() => {
      const folder = vscode.workspace.getWorkspaceFolder(uri);
      if (folder) void this.load(this.#parts.tree.addFile(folder, uri));
    }, this.#parts.debounceMs ?? 200);
    this.#timers.set(uri.toString(), timer);
  }

  #forget(uri: vscode.Uri): void {
    this.#cancelTimer(uri);
    this.#parts.tree.removeFile(uri);
  }

  #forgetInside(folder: vscode.Uri): void {
    for (const { uri } of this.#parts.tree.files) if (uri?.path.startsWith(`${folder.path}/`)) this.#forget(uri);
  }

  #cancelTimer(uri: vscode.Uri): void {
    clearTimeout(this.#timers.get(uri.toString()));
    this.#timers.delete(uri.toString());
  }
}

function dirtyDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find(
    (document) => document.isDirty && document.uri.toString() === uri.toString(),
  );
}
