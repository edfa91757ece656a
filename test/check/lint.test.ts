import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Lints a copy: in the repository the fixture is left out, or `npm run check` could never pass. */
function lintFixture(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'doorbell-lint-'));
  try {
    const { vcs, files, ...config } = JSON.parse(readFileSync('biome.json', 'utf8')) as Record<string, unknown>;
    writeFileSync(path.join(folder, 'biome.json'), JSON.stringify({ ...config, $schema: undefined }));
    cpSync('test/data/lint', folder, { recursive: true });
    const biome = path.resolve('node_modules/.bin/biome');
    return spawnSync(biome, ['lint', '--reporter=github', '.'], { cwd: folder, encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('the linter', () => {
  it('refuses promises nobody waits for, also across files and through interfaces', () => {
    const report = lintFixture();
    const found = [...report.matchAll(/noFloatingPromises.*?line=(\d+)/g)].map(([, line]) => Number(line));
    const text = readFileSync('test/data/lint/floating.ts', 'utf8').split('\n');
    const marked = text.flatMap((line, index) => (line.endsWith('// floats') ? [index + 1] : []));
    assert.deepEqual([...new Set(found)], marked, report);
  });
});
