import * as vscode from 'vscode';
import { Command, type CommandId } from '../commands.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import { onSettingChange, setting } from '../settings.ts';
import { isRunnable, walk } from './testData.ts';
import type { TestTree } from './testTree.ts';

/** **Run Test | Debug Test** over every test of a test file. */
export class CodeLenses implements vscode.CodeLensProvider, Disposable {
  readonly #disposables = new Disposables();
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(private readonly tree: TestTree) {
    this.#disposables.add(vscode.languages.registerCodeLensProvider({ scheme: 'file' }, this));
    this.#disposables.add(tree.onDidChange(() => this.#changed.fire()));
    this.#disposables.add(onSettingChange('codeLens', () => this.#changed.fire()));
  }

  provideCodeLenses({ uri }: vscode.TextDocument): vscode.CodeLens[] {
    const file = setting('codeLens', uri) ? this.tree.file(uri) : undefined;
    return file ? testsByPlace(file).flatMap(lensesOf) : [];
  }

  dispose(): void {
    this.#disposables.dispose();
  }
}

/** Tests that stand at the same place (the cases of a `test.each`) share their lenses. */
function testsByPlace(file: vscode.TestItem): vscode.TestItem[][] {
  const places = new Map<string, vscode.TestItem[]>();
  for (const item of walk(file)) {
    if (!item.range || !isRunnable(item) || (item.parent && isRunnable(item.parent))) continue;
    const key = `${item.range.start.line}:${item.range.start.character}`;
    places.set(key, [...(places.get(key) ?? []), item]);
  }
  return [...places.values()];
}

function lensesOf(items: readonly vscode.TestItem[]): vscode.CodeLens[] {
  const [first] = items;
  if (!first?.uri || !first.range) return [];
  const range = new vscode.Range(first.range.start, first.range.start);
  const args = [first.uri.toString(), items.map(({ id }) => id)];
  const lens = (title: string, command: CommandId) => new vscode.CodeLens(range, { title, command, arguments: args });
  const run = items.length === 1 ? vscode.l10n.t('Run Test') : vscode.l10n.t('Run {0} Tests', items.length);
  const debug = items.length === 1 ? vscode.l10n.t('Debug Test') : vscode.l10n.t('Debug {0} Tests', items.length);
  return [lens(run, Command.runTest), lens(debug, Command.debugTest)];
}
