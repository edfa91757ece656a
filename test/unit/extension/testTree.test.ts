import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { CodeLenses } from '../../../extension/testing/codeLenses.ts';
import { FakeDocument } from '../../fakes/vscode/editing.ts';
import { changeSetting, workspace as fakeVscodeWorkspace, workspaceEvents } from '../../fakes/vscode/workspace.ts';
import { fake } from '../../fakes/vscode.ts';
import { FakeWorkspace, makeTree, renderTree, trim, until } from './support.ts';

const hello = `import { test } from '@doorbell/testkit';
test('hello world', async () => {});
test.describe('limits', () => {
  test('past the end', { tags: ['destructive'] }, async () => {});
});
`;

describe('the tree of tests', () => {
  let workspace: FakeWorkspace;
  beforeEach(() => {
    workspace = new FakeWorkspace();
  });
  afterEach(() => {
    fakeVscodeWorkspace.textDocuments = [];
    for (const emitter of Object.values(workspaceEvents)) if ('listeners' in emitter) emitter.listeners.clear();
    workspaceEvents.watchers.length = 0;
  });

  it('shows files, suites and tests at their lines without running anything', async () => {
    workspace.write('hello.nvme.ts', hello);
    workspace.write('io/more.nvme.ts', `import { test } from '@doorbell/testkit';\ntest('more', async () => {});\n`);
    const { controller, loader } = makeTree(workspace);
    await loader.discoverAll();
    assert.equal(
      renderTree(controller),
      trim(`
        - hello.nvme.ts
          - hello world [1]
          - limits [2]
            - past the end [3]
        - io/more.nvme.ts
          - more [1]
      `),
    );
    const tagged = controller.items.get('hello.nvme.ts')?.children.get('hello.nvme.ts > limits')?.children;
    const [[, item]] = [...tagged!] as [[string, vscode.TestItem]];
    assert.deepEqual(
      item.tags.map(({ id }) => id),
      ['destructive'],
    );
    assert.equal(item.description, undefined, 'a screen reader would read it in place of the title');
    loader.dispose();
  });

  it('updates items in place: an edit adds and removes only what it adds and removes', async () => {
    const uri = workspace.write('hello.nvme.ts', hello);
    const { controller, tree, loader } = makeTree(workspace);
    await loader.discoverAll();
    const before = tree.find(workspace.folder, 'hello.nvme.ts > hello world');
    fake.tests.mutations = [];
    const document = new FakeDocument(uri as never, `\n${hello}test('new', async () => {});\n`, 'typescript');
    document.isDirty = true;
    fakeVscodeWorkspace.textDocuments = [document];
    workspaceEvents.changed.fire({ document, contentChanges: [{}] });
    await until(() => fake.tests.mutations.length > 0, 'the edit in the tree');
    assert.deepEqual(fake.tests.mutations, ['add hello.nvme.ts > new']);
    assert.equal(tree.find(workspace.folder, 'hello.nvme.ts > hello world'), before);
    assert.match(renderTree(controller), /- hello world \[2\]/);
    loader.dispose();
  });

  it('keeps the tests of a file under an error while the file cannot be parsed, and leaves other files alone', async () => {
    workspace.write('a.nvme.ts', hello);
    workspace.write('b.nvme.ts', hello);
    const { controller, loader } = makeTree(workspace);
    await loader.discoverAll();
    workspace.write('a.nvme.ts', `${hello}test('broken', async () => {`);
    await loader.discoverAll();
    const [first, second] = renderTree(controller)
      .split('\n')
      .filter((line) => line.startsWith('-'));
    assert.equal(first, '- a.nvme.ts !');
    assert.equal(second, '- b.nvme.ts');
    assert.match(renderTree(controller), /a\.nvme\.ts !\n {2}- hello world/);
    const error = controller.items.get('a.nvme.ts')?.error as vscode.MarkdownString;
    assert.match(error.value, /^Line 6: .*\[Show Log\]\(command:doorbell\.showLog\)$/s);
    assert.deepEqual(error.isTrusted, { enabledCommands: ['doorbell.showLog'] });
    workspace.write('a.nvme.ts', hello);
    await loader.discoverAll();
    assert.equal(controller.items.get('a.nvme.ts')?.error, undefined);
    loader.dispose();
  });

  it('follows files that appear, change and go on disk', async () => {
    const { controller, loader } = makeTree(workspace);
    await loader.discoverAll();
    const uri = workspace.write('new.nvme.ts', hello);
    const [watcher] = workspaceEvents.watchers;
    watcher?.created.fire(uri as never);
    await until(() => renderTree(controller).includes('hello world'), 'the new file');
    watcher?.deleted.fire(uri as never);
    assert.equal(renderTree(controller), '');
    loader.dispose();
  });

  it('drops the files of a folder that is deleted', async () => {
    const { controller, loader } = makeTree(workspace);
    workspace.write('io/a.nvme.ts', hello);
    workspace.write('io2/b.nvme.ts', hello);
    await loader.discoverAll();
    const [, folders] = workspaceEvents.watchers;
    folders?.deleted.fire(workspace.uri('io') as never);
    assert.equal(renderTree(controller).split('\n')[0], '- io2/b.nvme.ts');
    loader.dispose();
  });

  it('drops the row of a folder that left the workspace', async () => {
    workspace.write('a.nvme.ts', hello);
    const { controller, loader } = makeTree(workspace);
    const other = (name: string, index: number) => ({ uri: vscode.Uri.file(`/${name}`) as never, name, index });
    fake.folders = [...fake.folders, other('b', 1), other('c', 2)];
    await loader.discoverAll();
    fake.folders = fake.folders.slice(1);
    await loader.discoverAll();
    assert.doesNotMatch(renderTree(controller), /^- ws$/m);
    loader.dispose();
  });

  it('shows the reason on the file when discovery itself fails, and is not busy for ever', async () => {
    workspace.write('a.nvme.ts', hello);
    const { controller, loader } = makeTree({
      ...workspace,
      discovery: {
        scan: async () => {
          throw new Error('the worker ended');
        },
        parse: async () => {
          throw new Error('the worker ended');
        },
      },
    } as never);
    await loader.discoverAll();
    const item = controller.items.get('a.nvme.ts');
    assert.match((item!.error as vscode.MarkdownString).value, /the worker ended/);
    assert.equal(item!.busy, false);
    loader.dispose();
  });

  it('has a row for each folder where there are several, and none where there is one', async () => {
    workspace.write('a.nvme.ts', hello);
    const { controller, loader } = makeTree(workspace);
    await loader.discoverAll();
    fake.folders = [...fake.folders, { uri: vscode.Uri.file('/other') as never, name: 'other', index: 1 }];
    await loader.discoverAll();
    assert.deepEqual(renderTree(controller).split('\n').slice(0, 2), ['- ws', '  - a.nvme.ts']);
    fake.folders = fake.folders.slice(0, 1);
    await loader.discoverAll();
    assert.equal(renderTree(controller).split('\n')[0], '- a.nvme.ts');
    loader.dispose();
  });

  it('puts one pair of lenses over each test, one for all cases of a test.each, none when switched off', async () => {
    const uri = workspace.write('hello.nvme.ts', `${hello}test.each([1, 2])('case %d', async () => {});\n`);
    const { tree, loader } = makeTree(workspace);
    await loader.discoverAll();
    const lenses = new CodeLenses(tree);
    const titles = () =>
      lenses
        .provideCodeLenses({ uri } as vscode.TextDocument)
        .map(({ range, command }) => `${range.start.line} ${command?.title}`);
    assert.deepEqual(titles(), [
      '1 Run Test',
      '1 Debug Test',
      '3 Run Test',
      '3 Debug Test',
      '5 Run 2 Tests',
      '5 Debug 2 Tests',
    ]);
    changeSetting('doorbell.codeLens', false);
    assert.deepEqual(titles(), []);
    lenses.dispose();
    loader.dispose();
  });
});
