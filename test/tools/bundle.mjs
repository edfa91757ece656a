// Bundles TypeScript of test/, with what it imports of the rooms, into a temporary folder below out/.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { root } from './setup.mjs';

// These find files of their own at run time, or must be the one copy that runs the tests.
const external = ['*.node', 'mocha', 'esbuild', 'playwright-core', '@babel/*', '@biomejs/*', '@vscode/*', 'typescript'];

/** Our own scripts stay outside the bundles: they find the repository by where they are. */
const scriptsOutside = {
  name: 'scripts-outside',
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: /^\..*\.mjs$/ }, ({ path: target, resolveDir }) => ({
      path: path.resolve(resolveDir, target),
      external: true,
    }));
  },
};

/** @returns a folder that is gone when this process is */
export function temporaryFolder() {
  mkdirSync(path.join(root, 'out'), { recursive: true });
  const folder = mkdtempSync(path.join(root, 'out/bundles-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  return folder;
}

/**
 * @param {string[]} files relative to the repository
 * @param {{ outdir: string, realVscode?: boolean }} options `vscode` is test/fakes/vscode.ts unless `realVscode`
 * @returns {Promise<string[]>} the bundles, in the order of the files
 */
export async function bundle(files, { outdir, realVscode = false }) {
  const fake = path.join(root, 'test/fakes/vscode.ts');
  const faked = !realVscode && existsSync(fake);
  await build({
    absWorkingDir: root,
    entryPoints: files,
    outdir,
    outbase: root,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    plugins: [scriptsOutside],
    external: faked ? external : [...external, 'vscode'],
    alias: { '@doorbell/testkit': path.join(root, 'testkit/index.ts'), ...(faked && { vscode: fake }) },
    logLevel: 'error',
  });
  return files.map((file) => path.join(outdir, path.relative(root, path.resolve(root, file)).replace(/\.ts$/, '.js')));
}
