import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { HostGoneError, HostStartError } from '../../testkit/parent/hostOptions.ts';
import { HostProcess } from '../../testkit/parent/hostProcess.ts';
import { PROTOCOL_VERSION } from '../../testkit/protocol.ts';
import { disposeHosts, HostFixture, hostPath, isAlive, until } from './support/hosts.ts';
import { Workspace } from './support/workspace.ts';

describe('the parent of a driver host', () => {
  afterEach(disposeHosts);

  it('shakes hands', async () => {
    const { host } = await HostFixture.start({});
    assert.equal(host.info.protocol, PROTOCOL_VERSION);
    assert.equal(host.info.pid, host.pid);
    assert.equal(host.info.node, process.version);
    assert.match(host.info.version, /^\d+\.\d+\.\d+$/);
  });

  it('answers both channels', async () => {
    const { host } = await HostFixture.start({});
    assert.deepEqual((await host.telemetry.topology()).controllers, []);
    assert.deepEqual(await host.telemetry.counters(), []);
    await assert.rejects(host.telemetry.cmdlog({ segment: 7, max: 10 }), /There is no queue with segment 7/);
  });

  it('refuses a second run while one is on, and takes it afterwards', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts':
        "test('takes a while', async () => { await new Promise((resolve) => setTimeout(resolve, 200)); });\n",
    });
    const first = fixture.run(['a.nvme.ts']);
    await assert.rejects(fixture.run(['a.nvme.ts']), { code: 'BUSY', message: 'Run 1 is not over yet.' });
    assert.equal((await first).passed, 1);
    assert.equal((await fixture.run(['a.nvme.ts'])).passed, 1);
  });

  it('keeps evidence in a folder of its user alone, and leaves nothing behind', async () => {
    const fixture = await HostFixture.start({});
    const folder = path.dirname(fixture.host.evidenceFile);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    const exit = await fixture.dispose();
    assert.deepEqual([exit.expected, exit.reason], [true, 'The driver host was stopped.']);
    assert.equal(existsSync(folder), false);
    assert.equal(isAlive(fixture.host.pid), false);
  });

  it('removes evidence of parents that are dead, and only that', async () => {
    const probe = await HostFixture.start({});
    const folder = path.dirname(probe.host.evidenceFile);
    const dead = folder.replace(`-${process.pid}-`, '-4194399-');
    mkdirSync(dead);
    await HostFixture.start({});
    assert.equal(existsSync(dead), false);
    assert.equal(existsSync(folder), true);
  });

  it('says when a host speaks another protocol', async () => {
    const workspace = new Workspace({
      'host.cjs': `process.on('message', (m) => process.send({ t: 's', i: m.i, r: { protocol: 99 } }));`,
    });
    await assert.rejects(
      start(workspace),
      (error) => error instanceof HostStartError && /protocol 99/.test(error.message),
    );
    workspace.dispose();
  });

  it('gives up a host that does not answer, and kills it', async () => {
    const workspace = new Workspace({
      'host.cjs': `require('fs').writeFileSync(__dirname + '/pid', String(process.pid)); for (;;);`,
    });
    await assert.rejects(start(workspace, 500), /did not answer within 500 ms/);
    const pid = Number(readFileSync(workspace.path('pid'), 'utf8'));
    assert.equal(isAlive(pid), false);
    workspace.dispose();
  });

  it('tells the last words of a host that dies at once', async () => {
    const workspace = new Workspace({ 'host.cjs': "console.error('no such library'); process.exit(7);" });
    await assert.rejects(start(workspace), (error) => {
      assert.ok(error instanceof HostGoneError);
      assert.equal(error.exit.code, 7);
      assert.match(error.message, /exited with code 7\. Its last words:\nno such library/);
      return true;
    });
    workspace.dispose();
  });

  it('says that a host could not be started', async () => {
    const workspace = new Workspace();
    const options = { hostPath, logFolder: workspace.path('logs'), execPath: '/nowhere/node' };
    await assert.rejects(
      HostProcess.start(options),
      /could not be started\. Its last words:\nspawn \/nowhere\/node ENOENT/,
    );
    workspace.dispose();
  });

  it('stops a host whose thread is busy', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
import { writeFileSync } from 'node:fs';
test('busy', { timeoutMs: 60000 }, async () => { writeFileSync('busy', ''); for (;;); });
`,
    });
    const run = fixture.run(['a.nvme.ts']);
    run.catch(() => undefined);
    await until(async () => existsSync(fixture.workspace.path('busy')), 'the test is busy');
    const exit = await fixture.host.stop();
    assert.equal(exit.expected, true);
    await assert.rejects(run, HostGoneError);
    assert.match(fixture.failure('busy').message, /was stopped/);
  });

  it('opens the inspector in the running host, on the loopback interface, and closes it', async () => {
    const { host } = await HostFixture.start({});
    const { url } = await host.calls.openInspector();
    assert.match(url, /^ws:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]{36}$/);
    assert.equal((await host.calls.openInspector()).url, url);
    const targets = await fetch(`${url.replace('ws:', 'http:').replace(/\/[^/]*$/, '')}/json/list`);
    assert.equal(targets.status, 404, 'its address is a secret: nobody can ask for it');
    await host.calls.closeInspector();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.notEqual((await host.calls.openInspector()).url, url);
  });
});

function start(workspace: Workspace, startTimeoutMs = 5000): Promise<HostProcess> {
  return HostProcess.start({ hostPath: workspace.path('host.cjs'), logFolder: workspace.path('logs'), startTimeoutMs });
}

describe('the driver host alone', () => {
  it('says what it is for', () => {
    const { status, stderr } = spawnSync(process.execPath, [hostPath], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /is forked by the extension/);
  });
});
