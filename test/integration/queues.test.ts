import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { DoorbellApi } from '../../extension/api.ts';
import type { QueueNode } from '../../extension/queues/queueTree.ts';
import { doorbell, eventually, isAlive, runFromLens, testItem } from './support.ts';

const entry =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \[cmd\d{3,}: .+\]\n(0x[0-9a-f]{8}, ){3}0x[0-9a-f]{8}\n([\s\S]{46}\n){3}\d{4}-.+: \[cpl: .+\]\n(0x[0-9a-f]{8}, ){3}0x[0-9a-f]{8}\n\n/;

describe('queue pairs and their command logs', () => {
  let api: DoorbellApi;
  before(async () => {
    api = await doorbell();
    await vscode.commands.executeCommand('doorbell.qpairs.focus');
  });

  const controllerNode = (): Promise<QueueNode> => eventually('a controller', () => api.queues.roots[0]);
  const labels = (node: QueueNode) => node.children.map(({ row }) => row.label);

  it('stay in the tree after the run, marked as ended', async () => {
    await runFromLens(await testItem(api, 'hello.nvme.ts', 'hello world'));
    await eventually('the queues', () => api.queues.roots[0]?.children.some(({ row }) => row.label === 'Q01'));
    const node = await controllerNode();
    assert.equal(node.row.label, 'emulated');
    assert.equal(labels(node)[0], 'Q00 (admin)');
    const queue = await eventually('the ended queue', () => {
      const found = api.queues.roots[0]?.children.find(({ row }) => row.label === 'Q01');
      return found?.row.description.includes('ended') ? found : undefined;
    });
    assert.match(queue.row.description, /0 outstanding · 2 done · depth 16/);
  });

  it('open as text in the known form, newest first', async () => {
    const queue = (await controllerNode()).children.find(({ row }) => row.label === 'Q01');
    await vscode.commands.executeCommand('doorbell.openCmdlog', queue);
    const { document } = vscode.window.activeTextEditor ?? {};
    assert.ok(document);
    assert.match(document.uri.path, /CMDLOG emulated Q01$/);
    assert.equal(document.languageId, 'doorbell-cmdlog');
    assert.match(document.getText(), entry);
    const titles = [...document.getText().matchAll(/\[cmd\d+: (.+)\]/g)].map(([, title]) => title);
    assert.deepEqual(titles, ['Read', 'Write']);
  });

  it('open side by side', async () => {
    const [admin] = (await controllerNode()).children;
    await vscode.commands.executeCommand('doorbell.openCmdlog', admin);
    const open = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
    assert.ok(open.some((label) => label.includes('Q00')) && open.some((label) => label.includes('Q01')), open.join());
  });

  it('are readable after the driver host was killed, also those never opened', async () => {
    await runFromLens(await testItem(api, 'faults/dies.nvme.ts', 'dies with commands in its logs'));
    const host = api.hosts.hosts[0];
    assert.equal(host?.state.kind, 'crashed');
    const pid = host?.session?.pid ?? 0;
    await eventually('the process to be gone', () => !isAlive(pid));
    const queue = await eventually('its queue', () => {
      const root = api.queues.roots.find((each) => each.pid === pid);
      return root?.children.find(({ row }) => /depth 8\b/.test(row.description));
    });
    await vscode.commands.executeCommand('doorbell.openCmdlog', queue);
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    assert.deepEqual(
      [...text.matchAll(/\[cmd\d+: (.+)\]/g)].map(([, title]) => title),
      ['Read', 'Read', 'Read'],
    );
  });

  it('come from a new driver host at the next click', async () => {
    await runFromLens(await testItem(api, 'hello.nvme.ts', 'hello world'));
    assert.equal(api.hosts.hosts[0]?.state.kind, 'ready');
  });
});
