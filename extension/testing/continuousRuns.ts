import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../disposables.ts';
import { fileItemOf, testData } from './testData.ts';
import { isTestFile } from './testFiles.ts';
import type { TestRunner } from './testRunner.ts';
import type { TestTree } from './testTree.ts';

/** Tests with this tag run only when someone clicks. */
export const destructiveTag = 'destructive';

/** Runs again what someone switched continuous run on for, each time its file is saved. */
export class ContinuousRuns implements Disposable {
  readonly #disposables = new Disposables();
  readonly #requests = new Map<vscode.TestRunRequest, vscode.CancellationToken>();

  constructor(
    private readonly runner: Pick<TestRunner, 'run'>,
    private readonly tree: TestTree,
  ) {
    this.#disposables.add(vscode.workspace.onDidSaveTextDocument((document) => this.#saved(document)));
  }

  /** Until the token is cancelled. */
  add(request: vscode.TestRunRequest, token: vscode.CancellationToken): void {
    this.#requests.set(request, token);
    const listener = token.onCancellationRequested(() => {
      listener.dispose();
      this.#requests.delete(request);
    });
  }

  dispose(): void {
    this.#requests.clear();
    this.#disposables.dispose();
  }

  #saved(document: vscode.TextDocument): void {
    const file = isTestFile(document) ? this.tree.file(document.uri) : undefined;
    if (!file) return;
    for (const [request, token] of this.#requests) {
      const include = chosenOf(file, request.include);
      const selection = { include, exclude: request.exclude, withoutTag: destructiveTag };
      const again = new vscode.TestRunRequest(include, request.exclude, request.profile, true, true);
      if (include.length > 0) void this.runner.run({ request: again, selection, mode: 'run', token });
    }
  }
}

/** What a continuous run covers of a file. */
function chosenOf(file: vscode.TestItem, include: readonly vscode.TestItem[] | undefined): readonly vscode.TestItem[] {
  if (!include) return [file];
  if (include.some((item) => item === file || (testData(item).kind === 'folder' && file.parent === item)))
    return [file];
  return include.filter((item) => testData(item).kind !== 'folder' && fileItemOf(item) === file);
}
