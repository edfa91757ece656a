// Bundles test/integration for the extension host and returns the path of its entry, which loads the *.test.js beside it.
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { root } from '../tools/setup.mjs';

export async function bundleSuite() {
  const folder = path.join(root, 'test/integration');
  const outdir = path.join(root, 'out/integration');
  rmSync(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: readdirSync(folder)
      .filter((name) => name === 'suite.ts' || name.endsWith('.test.ts'))
      .map((name) => path.join(folder, name)),
    outdir,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', 'mocha', '*.node'],
    logLevel: 'error',
  });
  return path.join(outdir, 'suite.js');
}
