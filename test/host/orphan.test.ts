import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { build } from 'esbuild';
import { hostPath, isAlive, until } from './support/hosts.ts';
import { imports, Workspace } from './support/workspace.ts';

/** A parent of its own, to be killed: prints the host's pid when the test is on. */
const parentSource = `
import { HostProcess } from './testkit/parent/hostProcess.ts';
const [hostPath, root, file, debug] = process.argv.slice(2);
const host = await HostProcess.start(
  { hostPath, logFolder: root + '/logs' },
  { output: () => process.send({ pid: host.pid, url }) },
);
const url = debug === 'debug' ? (await host.calls.openInspector()).url : '';
const request = { runId: 1, root, files: [file], bail: false, repeat: 1, untilFailure: false, fresh: false };
await host.calls.run({ ...request, debug: debug === 'debug', timeoutMs: 600000 });
`;

interface Report {
  readonly pid: number;
  readonly url: string;
}

describe('a driver host whose parent is killed', () => {
  let workspace: Workspace;

  beforeEach(() => {
    workspace = new Workspace();
  });
  afterEach(() => workspace.dispose());

  it('is gone within 2 s, though a test loops for ever', async () => {
    const { parent, report } = await startParent("console.log('on'); for (;;);", 'run');
    assert.ok(isAlive(report.pid));
    await expectNoOrphan(parent, report.pid);
  });

  it('is gone within 2 s, though a debugger holds it at a breakpoint', async () => {
    const { parent, report } = await startParent(
      "console.log('on'); await new Promise((r) => setTimeout(r, 500)); debugger;",
      'debug',
    );
    const socket = await pausedDebugger(report.url);
    await expectNoOrphan(parent, report.pid);
    socket.destroy();
  });

  it('is gone within 2 s between tests', async () => {
    const { parent, report } = await startParent("console.log('on'); await new Promise(() => {});", 'run');
    await expectNoOrphan(parent, report.pid);
  });

  async function startParent(body: string, mode: string): Promise<{ parent: ReturnType<typeof fork>; report: Report }> {
    const bundle = workspace.path('parent.mjs');
    await build({
      stdin: { contents: parentSource, resolveDir: process.cwd(), loader: 'ts' },
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    const file = workspace.write('a.nvme.ts', `${imports}test('holds', async () => { ${body} });\n`);
    const parent = fork(bundle, [hostPath, workspace.root, file, mode], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const report = await new Promise<Report>((resolve, reject) => {
      parent.once('message', (message) => resolve(message as Report));
      parent.once('exit', () => reject(new Error('the parent ended by itself')));
    });
    return { parent, report };
  }
});

async function expectNoOrphan(parent: ReturnType<typeof fork>, pid: number): Promise<void> {
  const killed = performance.now();
  parent.kill('SIGKILL');
  await until(() => !isAlive(pid), 'the host is gone', 4000);
  const tookMs = performance.now() - killed;
  assert.ok(tookMs < 2500, `${path.basename(hostPath)} lived on for ${tookMs} ms`);
}

/** Attaches to the inspector and waits until the thread stands still. */
async function pausedDebugger(url: string): Promise<Duplex> {
  const socket = await webSocket(url);
  // Frames of a server are plain: the event's name can be seen in the bytes.
  const paused = new Promise<void>((resolve) => {
    let seen = '';
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1');
      if (seen.includes('"Debugger.paused"')) resolve();
    });
  });
  socket.write(textFrame(JSON.stringify({ id: 1, method: 'Debugger.enable' })));
  await paused;
  return socket;
}

function webSocket(url: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      'Sec-WebSocket-Version': '13',
    };
    get(url.replace('ws:', 'http:'), { headers })
      .on('upgrade', (_, socket) => resolve(socket))
      .on('error', reject);
  });
}

/** A client must mask what it sends; a mask of zeros changes nothing. */
function textFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}
