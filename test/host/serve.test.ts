import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { imports, Workspace } from './support/workspace.ts';

const command = path.resolve('testkit/cli/doorbell.mjs');

const files = {
  'a.nvme.ts': `${imports}
test('writes', async ({ nvme0n1, qpair, buf }) => {
  buf.write('served', 0);
  await nvme0n1.write(qpair, buf, { slba: 7 });
});
test('switches power', async ({ subsystem }) => { await subsystem.powerCycle(); });
test('makes a fault', async ({ nvme0 }) => { nvme0.faults.fail('Internal Error'); });
test('resets the link', async ({ pcie }) => { await pcie.hotReset(); });
`,
  'b.nvme.ts': `${imports}
test('reads', async ({ nvme0n1, qpair, buf }) => {
  await nvme0n1.read(qpair, buf, { slba: 7 });
  expect(buf.toString('ascii', 0, 6)).toBe('served');
});
`,
};

describe('doorbell serve', () => {
  let workspace: Workspace;
  const servers: ChildProcess[] = [];

  beforeEach(() => {
    workspace = new Workspace(files);
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      if (server.exitCode !== null || server.signalCode !== null) continue;
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
    workspace.dispose();
  });

  function doorbell(...args: string[]) {
    const env = { ...process.env, XDG_STATE_HOME: workspace.path('state'), NO_COLOR: '1' };
    const child = spawn(process.execPath, [command, ...args], { cwd: workspace.root, env });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const closed = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
    return { child, closed };
  }

  async function serve(...args: string[]) {
    const server = doorbell('serve', ...args);
    servers.push(server.child);
    await Promise.race([once(server.child.stdout, 'data'), server.closed]);
    return server;
  }

  it('gives the SSD to one run after the other, and what was written stays', async () => {
    const socket = workspace.path('run/ssd');
    const server = await serve('--socket', socket);
    assert.equal(statSync(socket).mode & 0o777, 0o600);
    const first = await doorbell('run', 'a.nvme.ts', '--controller', `vfio-user:${socket}`).closed;
    assert.equal(first.code, 0, first.output);
    assert.match(first.output, /1 passed, 3 skipped/);
    assert.match(first.output, /switches power \(skipped: nothing is chosen that switches the power/);
    assert.match(first.output, /makes a fault \(skipped: nothing can inject faults/);
    assert.match(first.output, /resets the link \(skipped: .*vfio-user has no hot reset/);
    const second = await doorbell('run', 'b.nvme.ts', '--controller', `vfio-user:${socket}`).closed;
    assert.equal(second.code, 0, second.output);
    server.child.kill('SIGINT');
    assert.equal((await server.closed).code, 0);
    assert.ok(!existsSync(socket));
  });

  it('replaces the socket of a server that was killed, and refuses a second one', async () => {
    const socket = workspace.path('run/ssd');
    const killed = await serve('--socket', socket);
    killed.child.kill('SIGKILL');
    await killed.closed;
    assert.ok(existsSync(socket));
    const server = await serve('--socket', socket, '--media', workspace.path('media'), '--profile', 'tlc');
    const second = await doorbell('serve', '--socket', socket).closed;
    assert.equal(second.code, 2);
    assert.match(second.output, new RegExp(`served already, by process ${server.child.pid}`));
  });

  it('refuses folders that others can enter, and addresses of other controllers', async () => {
    mkdirSync(workspace.path('open'), { mode: 0o755 });
    const open = await doorbell('serve', '--socket', workspace.path('open/ssd')).closed;
    assert.equal(open.code, 2);
    assert.match(open.output, /mode 0700/);
    const other = await doorbell('serve', '--socket', workspace.path('run/ssd'), '--controller', '0000:3d:00.0').closed;
    assert.equal(other.code, 2);
    assert.match(other.output, /not the address of an emulated SSD/);
    assert.equal((await doorbell('serve').closed).code, 2);
  });
});
