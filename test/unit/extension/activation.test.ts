import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../../extension/commands.ts';
import { activate, deactivate } from '../../../extension/extension.ts';
import { fake } from '../../fakes/vscode.ts';
import { FakeWorkspace, fakeMemory, root, until } from './support.ts';

async function context() {
  const storage = await mkdtemp(path.join(os.tmpdir(), 'doorbell-activation-'));
  const subscriptions: vscode.Disposable[] = [];
  const terminal = {
    description: '',
    prepended: [] as string[],
    prepend: (...words: string[]) => terminal.prepended.push(words.join('=')),
  };
  const made = {
    subscriptions,
    extension: { packageJSON: { version: '0.1.0' } },
    globalState: fakeMemory(),
    extensionPath: root,
    extensionUri: vscode.Uri.file(root),
    storageUri: vscode.Uri.file(path.join(storage, 'workspace')),
    globalStorageUri: vscode.Uri.file(storage),
    asAbsolutePath: (file: string) => path.join(root, file),
    environmentVariableCollection: terminal,
  };
  return { context: made as unknown as vscode.ExtensionContext, subscriptions, storage, terminal };
}

describe('activation', () => {
  it('registers every command, starts nothing, and leaves nothing behind when it ends', async () => {
    new FakeWorkspace();
    const { context: made, subscriptions, storage, terminal } = await context();
    const api = activate(made);
    assert.deepEqual([...fake.commands.keys()].sort(), Object.values(Command).sort());
    assert.equal(api.hosts.hosts.length, 0);
    assert.equal(fake.context.get('doorbell.active'), true);
    assert.ok(api.activationMs < 50, `${api.activationMs} ms`);
    assert.deepEqual(fake.shown, [], 'no message on activation');
    await until(() => terminal.prepended.length > 0, 'the terminal path');
    for (const part of subscriptions.toReversed()) part.dispose();
    await deactivate();
    assert.deepEqual(fake.alive(), []);
    assert.equal(fake.tests.controllers[0]?.disposed, true);
    await rm(storage, { recursive: true });
  });

  it('puts the doorbell command on the PATH of terminals, running on the same Node', async () => {
    new FakeWorkspace();
    const { context: made, subscriptions, storage, terminal } = await context();
    activate(made);
    await until(() => terminal.prepended.length > 0, 'the terminal path');
    assert.deepEqual(terminal.prepended, [`PATH=${storage}/bin:`]);
    const wrapper = path.join(storage, 'bin/doorbell');
    assert.equal((await stat(wrapper)).mode & 0o777, 0o755);
    assert.match(
      await readFile(wrapper, 'utf8'),
      /^#!\/bin\/sh\nELECTRON_RUN_AS_NODE=1 DOORBELL_COMMAND=\S+\/bin\/doorbell exec \S+ \S+\/dist\/cli\.cjs "\$@"\n$/,
    );
    for (const part of subscriptions.toReversed()) part.dispose();
    await rm(storage, { recursive: true });
  });
});
