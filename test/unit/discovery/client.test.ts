import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import { DiscoveryClient } from '../../../testkit/discovery/client.ts';

describe('DiscoveryClient', () => {
  let folder: string;
  let worker: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doorbell-discovery-'));
    worker = join(folder, 'discovery.cjs');
    const entryPoints = ['testkit/discovery/worker.ts'];
    await build({ entryPoints, outfile: worker, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
    await mkdir(join(folder, 'ws'));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  const root = () => join(folder, 'ws');
  const source = `import { test } from '@doorbell/testkit';\ntest('a', () => {});\n`;

  it('scans files in parts and parses unsaved text', async () => {
    const paths = Array.from({ length: 250 }, (_, index) => join(root(), `${index}.nvme.ts`));
    await Promise.all(paths.map((path) => writeFile(path, source)));
    const client = new DiscoveryClient({ worker });
    const parts: number[] = [];
    const files = await client.scan(root(), paths, (part) => parts.push(part.length));
    assert.deepEqual(parts, [100, 100, 50]);
    assert.ok(files.every((file) => file.tests.length === 1));
    const unsaved = await client.parse(root(), join(root(), '0.nvme.ts'), `${source}test('b', () => {});`);
    assert.equal(unsaved.tests.length, 2);
    client.dispose();
  });

  it('stops between parts when asked to', async () => {
    const paths = Array.from({ length: 250 }, (_, index) => join(root(), `${index}.nvme.ts`));
    const client = new DiscoveryClient({ worker });
    const stop = new AbortController();
    const files = await client.scan(root(), paths, () => stop.abort(), stop.signal);
    assert.equal(files.length, 100);
    client.dispose();
  });

  it('ends its worker after idling, and starts one anew when needed', async () => {
    const client = new DiscoveryClient({ worker, idleMs: 50 });
    await client.parse(root(), join(root(), 'x.nvme.ts'), source);
    assert.ok(client.running);
    for (let waited = 0; client.running && waited < 100; waited += 1) await delay(50);
    assert.ok(!client.running);
    assert.equal((await client.parse(root(), join(root(), 'x.nvme.ts'), source)).tests.length, 1);
    client.dispose();
    assert.ok(!client.running);
  });

  it('rejects what is pending when the worker hangs, dies or is disposed of', async () => {
    const hanging = join(folder, 'hanging.cjs');
    await writeFile(hanging, `require('node:worker_threads').parentPort.on('message', () => { for (;;); });`);
    const slow = new DiscoveryClient({ worker: hanging, timeoutMs: 200 });
    await assert.rejects(slow.parse(root(), 'x', ''), /no answer within 200 ms/);
    assert.ok(!slow.running);

    const dying = join(folder, 'dying.cjs');
    await writeFile(dying, `require('node:worker_threads').parentPort.on('message', () => process.exit(3));`);
    await assert.rejects(new DiscoveryClient({ worker: dying }).parse(root(), 'x', ''), /code 3/);

    const disposed = new DiscoveryClient({ worker: hanging });
    const pending = disposed.parse(root(), 'x', '');
    disposed.dispose();
    await assert.rejects(pending, /disposed/);
    await assert.rejects(disposed.parse(root(), 'x', ''), /disposed/);
  });

  it('says which worker is missing', async () => {
    const client = new DiscoveryClient({ worker: join(folder, 'missing.cjs') });
    await assert.rejects(client.parse(root(), 'x', ''), /missing\.cjs/);
  });
});
