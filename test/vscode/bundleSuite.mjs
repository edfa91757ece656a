// Bundles test/integration for the extension host and returns the path of its entry, which loads the *.test.js beside it.
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { bundle } from '../tools/bundle.mjs';
import { root } from '../tools/setup.mjs';

export async function bundleSuite() {
  const outdir = path.join(root, 'out/integration');
  rmSync(outdir, { recursive: true, force: true });
  const tests = readdirSync(path.join(root, 'test/integration')).filter((name) => name.endsWith('.test.ts'));
  const files = ['suite.ts', ...tests].map((name) => `test/integration/${name}`);
  const [entry] = await bundle(files, { outdir, realVscode: true });
  return entry;
}
