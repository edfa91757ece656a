import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { DoorbellApi } from '../../extension/api.ts';
import { descendants, doorbell, eventually, fileUri, testItem } from './support.ts';

describe('discovery', () => {
  let api: DoorbellApi;
  before(async () => {
    api = await doorbell();
    await api.testing.loader.discoverAll();
  });

  it('finds the tests of the sample without starting a driver host', async () => {
    await api.hosts.stopAll();
    await api.testing.loader.discoverAll();
    const titles = [...descendants(api.testing.tree.file(fileUri('hello.nvme.ts')))].map(({ label }) => label);
    assert.ok(titles.includes('hello world'), titles.join());
    assert.deepEqual(
      api.hosts.hosts.map(({ state }) => state.kind).filter((kind) => kind !== 'stopped'),
      [],
    );
  });

  it('shows a syntax error on its file and leaves the others alone', () => {
    const broken = api.testing.tree.file(fileUri('faults/syntax.nvme.ts'));
    const { error } = broken ?? {};
    assert.match(typeof error === 'string' ? error : (error?.value ?? ''), /syntax\.nvme\.ts|Unexpected token|4:/);
    assert.equal(api.testing.tree.file(fileUri('hello.nvme.ts'))?.error, undefined);
  });

  it('puts Run Test and Debug Test over each test', async () => {
    const uri = fileUri('hello.nvme.ts');
    const item = await testItem(api, 'hello.nvme.ts', 'hello world');
    await vscode.window.showTextDocument(uri);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 100);
    const here = lenses.filter(({ range }) => range.start.line === item.range?.start.line);
    assert.deepEqual(here.map(({ command }) => command?.title).sort(), ['Debug Test', 'Run Test']);
  });

  it('follows an edit before it is saved, and keeps the items of the other tests', async () => {
    const uri = fileUri('hello.nvme.ts');
    const kept = await testItem(api, 'hello.nvme.ts', 'hello world');
    const editor = await vscode.window.showTextDocument(uri);
    const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
    await editor.edit((edit) => edit.insert(end, "\ntest('typed just now', async () => {});\n"));
    const file = api.testing.tree.file(uri);
    await eventually('the new test', () => [...descendants(file)].some(({ label }) => label === 'typed just now'));
    assert.equal(
      [...descendants(file)].find(({ id }) => id === kept.id),
      kept,
    );
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await eventually('the test to go', () => ![...descendants(file)].some(({ label }) => label === 'typed just now'));
  });
});
