// `npm run demo [-- options of doorbell run]`: builds, and runs the sample tests here; not the ones that fail on purpose.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { buildAll } from './build.mjs';
import { ensureNodePackages, ensureTools, root } from './setup.mjs';

ensureNodePackages();
ensureTools(['cmake', 'g++', 'ninja']);
console.log('Building ...');
await buildAll();
const doorbell = path.join(root, 'testkit/cli/doorbell.mjs');
const { status } = spawnSync(
  process.execPath,
  [doorbell, 'run', '--no-tag', 'demo-failure', ...process.argv.slice(2)],
  { cwd: path.join(root, 'testkit/sample'), stdio: 'inherit' },
);
process.exitCode = status ?? 1;
