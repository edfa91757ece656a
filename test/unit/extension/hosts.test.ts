import assert from 'node:assert/strict';
import { HostPaths } from '../../../extension/host/hostPaths.ts';
import { HostCommands } from '../../../extension/status/hostCommands.ts';
import { StatusItem } from '../../../extension/status/statusItem.ts';
import { commands } from '../../fakes/vscode/ui.ts';
import { changeSetting } from '../../fakes/vscode/workspace.ts';
import { fake } from '../../fakes/vscode.ts';
import { FakeWorkspace, fakeHosts, fakeLog, root, until } from './support.ts';

interface Item {
  text: string;
  tooltip: { value: string; isTrusted: unknown };
  backgroundColor?: { id: string };
  alignment: number;
  command: string;
}

function setUp() {
  const workspace = new FakeWorkspace();
  const hosts = fakeHosts();
  const host = hosts.manager.of(workspace.folder);
  return { ...hosts, host, workspace };
}

describe('the host of a folder', () => {
  it('is forked once, on first need, however many need it at once', async () => {
    const { host, links } = setUp();
    assert.equal(links.length, 0);
    await Promise.all([host.acquire(), host.acquire(), host.acquire()]);
    assert.equal(links.length, 1);
    assert.equal(host.state.kind, 'ready');
  });

  it('is replaced after a crash at the next need, and remembers why it died until then', async () => {
    const { host, links } = setUp();
    await host.acquire();
    links[0]!.die();
    await until(() => host.state.kind === 'crashed', 'the crash');
    assert.equal(host.session?.exit?.signal, 'SIGSEGV');
    await host.acquire();
    assert.equal(links.length, 2);
    assert.equal(host.state.kind, 'ready');
  });

  it('tries again after it could not start', async () => {
    const { folder } = new FakeWorkspace();
    const hosts = fakeHosts();
    const host = hosts.manager.of(folder);
    hosts.failNext = new Error('built for another architecture');
    await assert.rejects(host.acquire(), /another architecture/);
    assert.deepEqual(host.state, { kind: 'cannot-start', reason: 'built for another architecture' });
    await host.acquire();
    assert.equal(host.state.kind, 'ready');
  });

  it('says why the addon could not be loaded, ends the useless host, and tries again at the next need', async () => {
    const { folder } = new FakeWorkspace();
    const hosts = fakeHosts();
    const host = hosts.manager.of(folder);
    const reason = 'The native driver was built for another architecture. Run: npm run build:native.';
    hosts.onStart = (link) => {
      link.info = { ...link.info, addonVersion: '' };
      link.tell.log?.({ level: 'error', message: reason });
    };
    await assert.rejects(host.acquire(), { name: 'HumanError', message: reason });
    assert.deepEqual(hosts.links[0]?.said, ['stop']);
    assert.deepEqual(host.state, { kind: 'cannot-start', reason });
    delete hosts.onStart;
    await host.acquire();
    assert.equal(host.state.kind, 'ready');
  });

  it('is replaced for a run that wants a fresh SSD, unless nothing ran on it yet', async () => {
    const { host, links } = setUp();
    await host.acquire();
    await host.acquire({ fresh: true });
    assert.equal(links.length, 1);
    host.running().dispose();
    await host.acquire();
    assert.equal(links.length, 1);
    await host.acquire({ fresh: true });
    assert.equal(links.length, 2);
    assert.deepEqual(links[0]?.said, ['stop']);
  });

  it('is stopped with its folder, also when it was just starting', async () => {
    const { host, links } = setUp();
    const starting = host.acquire();
    host.dispose();
    await starting;
    await until(() => links[0]?.said.includes('stop') === true, 'the stop');
    await assert.rejects(host.acquire(), /closed/);
  });

  it('says on other platforms that it needs Linux, and names what is missing', async () => {
    const { workspace } = setUp();
    await assert.rejects(new HostPaths(root, '/tmp/none', 'win32').options(workspace.folder), /on Linux only.*win32/);
    await assert.rejects(
      new HostPaths('/nowhere', '/tmp/none', 'linux').options(workspace.folder),
      /\/nowhere\/dist\/host\.cjs.*npm run build/,
    );
    changeSetting('doorbell.addonPath', '/nowhere/doorbell.node');
    const here = new HostPaths(root, '/tmp/none', 'linux');
    await assert.rejects(here.options(workspace.folder), /doorbell\.addonPath does not exist|dist\/host\.cjs/);
  });
});

describe('the status item', () => {
  it('says what the host does, and its tooltip is the control panel', async () => {
    const { manager, host, links } = setUp();
    const status = new StatusItem(manager);
    const item = fake.providers.get('status doorbell.host') as Item;
    assert.equal(item.alignment, 1);
    assert.equal(item.text, '$(circle-outline) NVMe: stopped');
    assert.equal(item.command, 'doorbell.pickController');
    changeSetting('doorbell.controller', ['0000:3d:00.0', 'emulated']);
    assert.equal(item.text, '$(circle-outline) NVMe: stopped · 0000:3d:00.0 · emulated');
    changeSetting('doorbell.controller', 'emulated');
    const states: string[] = [];
    manager.onDidChange(() => void states.push(item.text));
    await host.acquire();
    const running = host.running();
    links[0]!.tell.progress?.({ runId: 1, id: 'x', label: 'fill', done: 1, total: 4 });
    running.dispose();
    links[0]!.die();
    await until(() => host.state.kind === 'crashed', 'the crash');
    assert.deepEqual(states, [
      '$(loading~spin) NVMe: starting',
      '$(pass) NVMe: ready',
      '$(sync~spin) NVMe: running',
      '$(sync~spin) NVMe: fill 25 %',
      '$(pass) NVMe: ready',
      '$(error) NVMe: crashed',
    ]);
    assert.equal(item.backgroundColor?.id, 'statusBarItem.errorBackground');
    assert.equal(item.command, 'doorbell.showLog');
    assert.match(
      item.tooltip.value.replaceAll('\\', ''),
      /ended by SIGSEGV[\s\S]*command:doorbell\.restartHost[\s\S]*command:doorbell\.showLog/,
    );
    assert.deepEqual(item.tooltip.isTrusted, {
      enabledCommands: [
        'doorbell.restartHost',
        'doorbell.showLog',
        'doorbell.stopHost',
        'doorbell.pickController',
        'doorbell.doctor',
      ],
    });
    status.dispose();
  });

  it('restarts and stops the host, and copies diagnostics without a serial number', async () => {
    const { manager, host, links } = setUp();
    const all = new HostCommands(manager, fakeLog(), '0.1.0');
    await host.acquire();
    await commands.executeCommand('doorbell.restartHost');
    assert.equal(links.length, 2);
    assert.deepEqual(links[0]?.said, ['stop']);
    changeSetting('doorbell.controller', '0000:3d:00.0');
    await commands.executeCommand('doorbell.copyDiagnostics');
    assert.match(fake.clipboard, /^Doorbell 0\.1\.0\nVS Code [\s\S]*Driver host 1: ready\n {2}controller: PCIe/);
    assert.doesNotMatch(fake.clipboard, /3d:00/);
    await commands.executeCommand('doorbell.stopHost');
    assert.equal(host.alive, undefined);
    assert.equal(host.state.kind, 'stopped');
    all.dispose();
  });
});
