// Discovery of 1,000 files with 10,000 tests, through the real worker: `node test/bench/discovery.bench.mjs`. Target: 2 s cold.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const repository = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'doorbell-bench-'));
const fileCount = 1000;
const testsPerFile = 10;

/** A file as people write them: about 110 lines, suites, options, a row table. */
function sourceOf(index) {
  const test = (number) => `
  test('reads block ${index}-${number} and compares', { tags: ['slow'], timeoutMs: 30_000 }, async ({ nvme0, nvme0n1, qpair, buf }) => {
    const id = await nvme0.identify();
    buf.write('hello world', 10);
    await nvme0n1.write(qpair, buf, { slba: ${number} });
    const cqe = await nvme0n1.read(qpair, buf, { slba: ${number}, blockCount: 1 });
    expect(cqe.status.code).toBe(0);
    expect(buf.toString('ascii', 10, 21)).toBe('hello world');
  });`;
  const tests = Array.from({ length: testsPerFile - 4 }, (_, number) => test(number)).join('\n');
  return `import { DmaBuffer, expect, test } from './fixtures.ts';

test.describe('suite ${index}', () => {${tests}
  test.each([1, 2, 4, 8])('4 KiB random read, %d queues', async ({ nvme0n1 }, queues) => {
    await nvme0n1.ioworker({ qdepth: 32, queues }).run();
  });
});
`;
}

try {
  const worker = path.join(folder, 'discovery.cjs');
  const client = path.join(folder, 'client.mjs');
  const common = { absWorkingDir: repository, bundle: true, platform: 'node', logLevel: 'error' };
  await build({
    ...common,
    entryPoints: ['testkit/discovery/worker.ts'],
    outfile: worker,
    format: 'cjs',
    minify: true,
  });
  await build({ ...common, entryPoints: ['testkit/discovery/client.ts'], outfile: client, format: 'esm' });
  const { DiscoveryClient } = await import(pathToFileURL(client).href);

  writeFileSync(
    path.join(folder, 'fixtures.ts'),
    `import { test as base } from '@doorbell/testkit';\nexport { DmaBuffer, expect } from '@doorbell/testkit';\nexport const test = base.extend({});\n`,
  );
  const files = Array.from({ length: fileCount }, (_, index) => path.join(folder, `${index}.nvme.ts`));
  for (const [index, file] of files.entries()) writeFileSync(file, sourceOf(index));

  const count = (tests) => tests.reduce((sum, test) => sum + (test.kind === 'suite' ? count(test.children) : 1), 0);
  const discovery = new DiscoveryClient({ worker });
  const measure = async (name) => {
    const start = performance.now();
    let first;
    const found = await discovery.scan(folder, files, () => {
      first ??= performance.now() - start;
    });
    const tests = found.reduce((sum, file) => sum + count(file.tests), 0);
    return {
      run: name,
      files: found.length,
      tests,
      'first 100 ms': Math.round(first),
      'all ms': Math.round(performance.now() - start),
    };
  };
  const rows = [await measure('cold (worker start included)'), await measure('unchanged')];
  for (const [index, file] of files.entries()) writeFileSync(file, `${sourceOf(index)}\n`);
  rows.push(await measure('all changed, warm'));
  console.table(rows);
  discovery.dispose();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
