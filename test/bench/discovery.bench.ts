import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DiscoveryClient } from '../../testkit/discovery/client.ts';
import { ms, type Row, timed } from './row.ts';

const files = 1000;
const testsPerFile = 10;

function writeFiles(folder: string): string[] {
  const tests = Array.from(
    { length: testsPerFile },
    (_, index) =>
      `test('reads block ${index}', async ({ nvme0n1, qpair, buf }) => {\n  await nvme0n1.read(qpair, buf, { slba: ${index} });\n});\n`,
  );
  const text = `import { test } from '@doorbell/testkit';\n\n${tests.join('\n')}`;
  return Array.from({ length: files }, (_, index) => {
    const file = path.join(folder, `group${index % 20}`, `file${index}.nvme.ts`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${text}// ${index}\n`);
    return file;
  });
}

export async function bench(): Promise<Row[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'doorbell-discovery-'));
  const client = new DiscoveryClient({ worker: path.resolve('dist/discovery.cjs') });
  try {
    const paths = writeFiles(folder);
    let found = 0;
    const first = await timed(async () => {
      found = (await client.scan(folder, paths)).length;
    });
    const again = await timed(() => client.scan(folder, paths));
    if (found !== files) throw new Error(`${found} of ${files} files were found`);
    return [
      { what: `discovery, ${files} files, ${files * testsPerFile} tests`, value: ms(first), goal: '2000 ms' },
      { what: 'the same again, nothing changed', value: ms(again) },
    ];
  } finally {
    client.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}
