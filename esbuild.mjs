// Builds dist/: `node esbuild.mjs [--watch]`. `--release FOLDER` builds there instead, minified, without source maps. Prints sizes.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build, context } from 'esbuild';

const root = import.meta.dirname;
const { values: options } = parseArgs({ options: { release: { type: 'string' }, watch: { type: 'boolean' } } });
const release = options.release !== undefined;
const dist = path.resolve(root, options.release ?? 'dist');

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: release,
  sourcemap: !release,
  metafile: true,
  logLevel: 'warning',
};
const node = {
  ...common,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // User tests import the testkit out of the host's bundle: its names must survive in messages and stacks.
  keepNames: true,
  external: ['vscode', '*.node'],
  // Mocha's parallel mode, which we never use.
  logOverride: { 'require-resolve-not-external': 'silent' },
};
const browser = { ...common, platform: 'browser', format: 'iife', target: 'es2022' };

const bundles = [
  { ...node, entryPoints: ['extension/extension.ts'], outfile: path.join(dist, 'extension.cjs') },
  { ...node, entryPoints: ['testkit/host/main.ts'], outfile: path.join(dist, 'host.cjs') },
  { ...node, entryPoints: ['testkit/host/telemetryWorker.ts'], outfile: path.join(dist, 'telemetry.cjs') },
  { ...node, entryPoints: ['testkit/discovery/worker.ts'], outfile: path.join(dist, 'discovery.cjs') },
  { ...node, entryPoints: ['testkit/trace/worker.ts'], outfile: path.join(dist, 'trace.cjs') },
  { ...node, entryPoints: ['testkit/cli/main.ts'], outfile: path.join(dist, 'cli.cjs') },
  { ...browser, entryPoints: ['webviews/gauge/gauge.ts'], outfile: path.join(dist, 'webviews/gauge.js') },
  { ...browser, entryPoints: ['webviews/charts/charts.ts'], outfile: path.join(dist, 'webviews/charts.js') },
  { ...browser, entryPoints: ['webviews/charts/charts.css'], outfile: path.join(dist, 'webviews/charts.css') },
  { ...browser, entryPoints: ['webviews/gauge/gauge.css'], outfile: path.join(dist, 'webviews/gauge.css') },
  { ...browser, entryPoints: ['webviews/trace/trace.ts'], outfile: path.join(dist, 'webviews/trace.js') },
  { ...browser, entryPoints: ['webviews/trace/trace.css'], outfile: path.join(dist, 'webviews/trace.css') },
];

/** Lets the watch task of .vscode/tasks.json know when a build starts and ends. */
const announce = {
  name: 'announce',
  setup(pluginBuild) {
    pluginBuild.onStart(() => console.log('[watch] build started'));
    pluginBuild.onEnd(({ errors }) => console.log(`[watch] build finished with ${errors.length} errors`));
  },
};

const filesUnder = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

/** Declarations of the testkit for test authors, who have neither its sources nor an npm install. */
function emitTestkitTypes() {
  const folder = path.join(dist, 'testkit-types');
  rmSync(folder, { recursive: true, force: true });
  const { status } = spawnSync(
    path.join(root, 'node_modules/.bin/tsc'),
    ['-p', 'testkit/tsconfig.types.json', '--outDir', folder],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  if (status !== 0) process.exitCode = 1;
  for (const file of filesUnder(folder)) {
    // An author's tsconfig may not allow `.ts` in imports; `.js` finds a `.d.ts` under every module resolution.
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/(["']\.{1,2}\/[^"']*)\.ts(["'])/g, '$1.js$2'));
  }
}

/** Node's declarations, for the same authors. `undici-types` is what `@types/node` imports. */
function copyNodeTypes() {
  const folder = path.join(dist, 'node-types');
  rmSync(folder, { recursive: true, force: true });
  for (const [from, to] of [
    ['@types/node', 'node'],
    ['undici-types', 'undici-types'],
  ]) {
    const source = path.join(root, 'node_modules', from);
    for (const file of filesUnder(source)) {
      const name = path.relative(source, file);
      if (!/\.d\.[cm]?ts$|^package\.json$|^LICENSE$/.test(name) || name.startsWith('ts5.')) continue;
      cpSync(file, path.join(folder, to, name));
    }
  }
}

const kib = (bytes) => `${(bytes / 1024).toFixed(1).padStart(8)} KiB`;

function printSizes(results) {
  for (const { metafile } of results) {
    for (const [file, { bytes }] of Object.entries(metafile.outputs))
      if (!file.endsWith('.map')) console.log(`${kib(bytes)}  ${file}`);
  }
  for (const folder of ['testkit-types', 'node-types']) {
    console.log(
      `${kib(filesUnder(path.join(dist, folder)).reduce((sum, file) => sum + statSync(file).size, 0))}  ${path.join(path.relative(root, dist), folder)}/`,
    );
  }
}

mkdirSync(dist, { recursive: true });
if (options.watch) {
  for (const options of bundles) await (await context({ ...options, plugins: [announce] })).watch();
} else {
  // Each to its end, so that one room's error does not keep the others from being built.
  const results = await Promise.allSettled(bundles.map((options) => build(options)));
  emitTestkitTypes();
  copyNodeTypes();
  printSizes(results.flatMap(({ value }) => value ?? []));
  // What failed, esbuild has said.
  if (results.some(({ status }) => status === 'rejected')) process.exitCode = 1;
}
