// Bundles *.test.ts files and runs mocha on them: `node test/tools/mocha.mjs [--json FILE] [--grep TEXT] test/unit/a.test.ts ...`
// `vscode` becomes test/fakes/vscode.ts, `@doorbell/testkit` the testkit's sources. The working folder is the repository.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import Mocha from 'mocha';

const root = path.resolve(import.meta.dirname, '../..');
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

async function bundle(files, outdir) {
  const fake = path.join(root, 'test/fakes/vscode.ts');
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: files,
    outdir,
    outbase: root,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    plugins: [scriptsOutside],
    external: existsSync(fake) ? external : [...external, 'vscode'],
    alias: { '@doorbell/testkit': path.join(root, 'testkit/index.ts'), ...(existsSync(fake) && { vscode: fake }) },
    logLevel: 'error',
    write: false,
  });
  for (const { path: file, contents } of outputFiles) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
  return outputFiles.map((file) => file.path);
}

function run(bundles, grep) {
  process.setSourceMapsEnabled(true);
  const mocha = new Mocha({ ui: 'bdd', reporter: 'spec', timeout: 10_000, ...(grep && { grep }) });
  for (const file of bundles) mocha.addFile(file);
  return new Promise((resolve) => {
    const runner = mocha.run(() => {
      const { passes, failures, pending } = runner.stats;
      resolve({ passed: passes, failed: failures, skipped: pending });
    });
  });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, grep: { type: 'string' } },
});
const files = positionals.map((file) => path.resolve(file));
const json = values.json && path.resolve(values.json);
process.chdir(root);
mkdirSync('out', { recursive: true });
const outdir = mkdtempSync(path.join(root, 'out/mocha-'));
process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

const counts = await run(await bundle(files, outdir), values.grep);
if (json) writeFileSync(json, JSON.stringify(counts));
// Not exitCode: a handle a test leaked must not keep the run alive; leaks have tests of their own.
process.exit(counts.failed > 0 || counts.passed + counts.skipped === 0 ? 1 : 0);
