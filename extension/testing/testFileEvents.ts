import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../disposables.ts';
import { setting } from '../settings.ts';
import { isExcluded, isTestFile } from './testFiles.ts';

export interface TestFileListener {
  changed(uri: vscode.Uri): void;
  deleted(uri: vscode.Uri): void;
  /** Something is gone; what was inside of it, if anything, too. */
  folderDeleted(uri: vscode.Uri): void;
}

/** Tells of test files that appear, change or go: on disk, and in editors before they are saved. */
export class TestFileEvents implements Disposable {
  readonly #disposables = new Disposables();
  #watchers = new Disposables();

  constructor(private readonly listener: TestFileListener) {
    const opened = vscode.workspace.onDidOpenTextDocument((document) => this.#changed(document));
    const edited = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) this.#changed(document);
    });
    for (const each of [opened, edited, vscode.workspace.onDidChangeWorkspaceFolders(() => this.watch())])
      this.#disposables.add(each);
    this.watch();
  }

  /** Watches the folders and the glob as they are now. */
  watch(): void {
    this.#watchers.dispose();
    this.#watchers = new Disposables();
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      const pattern = new vscode.RelativePattern(folder, setting('testFiles', folder.uri));
      const watcher = this.#watchers.add(vscode.workspace.createFileSystemWatcher(pattern));
      this.#watchers.add(watcher.onDidCreate((uri) => this.#onDisk(uri)));
      this.#watchers.add(watcher.onDidChange((uri) => this.#onDisk(uri)));
      this.#watchers.add(watcher.onDidDelete((uri) => this.listener.deleted(uri)));
      this.#watchDeletedFolders(folder);
    }
  }

  /** Of a folder that is deleted or moved away only the folder itself is told, which no glob for files matches. */
  #watchDeletedFolders(folder: vscode.WorkspaceFolder): void {
    const anything = new vscode.RelativePattern(folder, '**');
    const watcher = this.#watchers.add(vscode.workspace.createFileSystemWatcher(anything, true, true, false));
    this.#watchers.add(watcher.onDidDelete((uri) => this.listener.folderDeleted(uri)));
  }

  dispose(): void {
    this.#watchers.dispose();
    this.#disposables.dispose();
  }

  #onDisk(uri: vscode.Uri): void {
    if (!isExcluded(uri)) this.listener.changed(uri);
  }

  #changed(document: vscode.TextDocument): void {
    if (isTestFile(document)) this.listener.changed(document.uri);
  }
}
