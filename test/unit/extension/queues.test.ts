import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { type QueueNode, QueueTree } from '../../../extension/queues/queueTree.ts';
import { type Row, topologyRows } from '../../../extension/queues/topologyRows.ts';
import { TopologyWatcher } from '../../../extension/queues/topologyWatcher.ts';
import type { ControllerSnapshot, QueueSnapshot, TopologySnapshot } from '../../../testkit/protocol.ts';
import type { FakeTreeView } from '../../fakes/vscode/ui.ts';
import { fake } from '../../fakes/vscode.ts';
import { FakeWorkspace, fakeHosts, trim, until } from './support.ts';

function queue(qid: number, segment: number, more: Partial<QueueSnapshot> = {}): QueueSnapshot {
  const counts = { submitted: 10n, completed: 7n, errors: 0n, bytesRead: 0n, bytesWritten: 0n };
  return { segment, qid, depth: 16, owner: qid === 0 ? 'admin' : 'script', live: true, ...counts, ...more };
}

function controller(queues: readonly QueueSnapshot[], more: Partial<ControllerSnapshot> = {}): ControllerSnapshot {
  const names = { address: 'emulated', model: 'Doorbell Emulated SSD', serial: 'S1', firmware: '1' };
  return { segment: 0, ...names, state: 'ready', queues, ...more };
}

const topology = (...controllers: ControllerSnapshot[]): TopologySnapshot => ({ atNs: 1n, controllers });

function render(rows: readonly Row[], indent = ''): string {
  return rows
    .map((row) => `${indent}${row.label}  ${row.description}\n${render(row.children, `${indent}  `)}`)
    .join('');
}

const rows = (snapshot: TopologySnapshot, ended = false) => render(topologyRows(snapshot, { pid: 1, ended })).trimEnd();

describe('rows of QPairs', () => {
  it('are controllers and under each its queue pairs with depth, outstanding and completed counts', () => {
    const queues = [queue(0, 1), queue(1, 2, { submitted: 1_234_570n, completed: 1_234_567n, owner: 'ioworker' })];
    assert.equal(
      rows(topology(controller(queues))),
      trim(`
        emulated  ready · Doorbell Emulated SSD
          Q00 (admin)  3 outstanding · 7 done · depth 16
          Q01  3 outstanding · 1,234,567 done · depth 16 · ioworker
      `),
    );
  });

  it('say that a queue pair or a whole run has ended', () => {
    const queues = [queue(0, 1), queue(1, 2, { live: false, completed: 10n, errors: 2n })];
    assert.match(
      rows(topology(controller(queues))),
      /Q01 {2}ended · 0 outstanding · 10 done · depth 16 · 2 with error status/,
    );
    assert.match(
      rows(topology(controller(queues)), true),
      /^emulated {2}ended · Doorbell Emulated SSD\n {2}Q00 \(admin\) {2}ended · /,
    );
  });

  it('show the newest of each number, and keep those before it together', () => {
    const queues = [queue(1, 5, { live: false }), queue(1, 9), queue(1, 7, { live: false })];
    assert.equal(
      rows(topology(controller(queues))),
      trim(`
        emulated  ready · Doorbell Emulated SSD
          Q01  3 outstanding · 7 done · depth 16
          Earlier Queues  2
            Q01  ended · 3 outstanding · 7 done · depth 16
            Q01  ended · 3 outstanding · 7 done · depth 16
      `),
    );
  });

  it('name the state of power, on which the menus depend', () => {
    const [row] = topologyRows(topology(controller([], { state: 'powered-off' })), { pid: 1, ended: false });
    assert.equal(row?.contextValue, 'controller.off');
    assert.match(row?.description ?? '', /powered off/);
  });

  it('have labels for a screen reader', () => {
    const [row] = topologyRows(topology(controller([queue(1, 2)])), { pid: 1, ended: false });
    assert.equal(row?.spoken, 'Controller emulated, ready · Doorbell Emulated SSD');
    assert.match(row?.children[0]?.spoken ?? '', /^Queue pair 1 of emulated, 3 outstanding/);
  });
});

describe('the QPairs view', () => {
  function setUp() {
    const workspace = new FakeWorkspace();
    const hosts = fakeHosts();
    const evidence = { topology: async () => topology(controller([queue(0, 1)])), cmdlog: async () => undefined };
    const watcher = new TopologyWatcher(hosts.manager, evidence as never);
    const tree = new QueueTree(watcher);
    const view = fake.providers.get('view doorbell.qpairs') as FakeTreeView;
    const changes: (QueueNode | undefined)[] = [];
    tree.onDidChangeTreeData((node) => void changes.push(node));
    const host = hosts.manager.of(workspace.folder);
    const dispose = () => {
      tree.dispose();
      watcher.dispose();
      hosts.manager.dispose();
    };
    return { ...hosts, host, tree, view, changes, dispose, watcher };
  }

  it('reads the host only while it is visible and a run is on', async () => {
    const { host, links, view, tree, dispose } = setUp();
    await host.acquire();
    let reads = 0;
    const [link] = links;
    link!.telemetry.topology = async () => {
      reads += 1;
      return topology(controller([queue(0, 1)]));
    };
    const running = host.running();
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal(reads, 0, 'nobody looks');
    view.setVisible(true);
    await until(() => reads >= 3, 'three readings');
    running.dispose();
    await until(() => /ended/.test(tree.roots[0]?.row.description ?? ''), 'the mark of the end');
    const last = reads;
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(reads, last, 'no run is on');
    dispose();
  });

  it('redraws only the row that changed', async () => {
    const { host, links, tree, watcher, changes, dispose } = setUp();
    await host.acquire();
    const [link] = links;
    link!.topology = topology(controller([queue(0, 1), queue(1, 2)]));
    await watcher.read(host);
    assert.deepEqual(changes.splice(0), [undefined]);
    changes.splice(0);
    await watcher.read(host);
    assert.equal(changes.length, 0);
    link!.topology = topology(controller([queue(0, 1), queue(1, 2, { completed: 9n })]));
    await watcher.read(host);
    assert.deepEqual(
      changes.map((node) => node?.row.label),
      ['Q01'],
    );
    changes.splice(0);
    link!.topology = topology(controller([queue(0, 1), queue(1, 2, { completed: 9n }), queue(2, 3)]));
    await watcher.read(host);
    assert.deepEqual(
      changes.map((node) => node?.row.label),
      ['emulated'],
    );
    assert.equal(tree.getChildren(tree.roots[0] as QueueNode).length, 3);
    dispose();
  });

  it('shows what a dead host left, marked as ended', async () => {
    const { host, links, tree, view, dispose } = setUp();
    view.setVisible(true);
    await host.acquire();
    links[0]!.die();
    await until(() => tree.roots.length === 1, 'the controller of the evidence');
    assert.match(tree.roots[0]!.row.description, /ended/);
    dispose();
  });

  it('opens the command log by a click, and makes its tooltip when asked', async () => {
    const { host, links, tree, watcher, dispose } = setUp();
    await host.acquire();
    links[0]!.topology = topology(controller([queue(1, 2)]));
    await watcher.read(host);
    const [node] = tree.getChildren(tree.roots[0] as QueueNode);
    const item = tree.getTreeItem(node!);
    assert.equal(item.tooltip, undefined);
    assert.deepEqual(item.command?.arguments, [{ pid: 1000, controller: 'emulated', qid: 1, segment: 2 }]);
    assert.equal(item.command?.command, 'doorbell.openCmdlog');
    const resolved = tree.resolveTreeItem(item, node!);
    assert.match((resolved.tooltip as vscode.MarkdownString).value, /Submitted \| 10/);
    dispose();
  });
});
