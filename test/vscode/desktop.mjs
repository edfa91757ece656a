// `npm run test:desktop`: the same integration suite in a desktop VS Code (Electron), which @vscode/test-electron downloads;
// or the one named in $VSCODE_EXECUTABLE. On a headless machine: xvfb-run -a npm run test:desktop.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildAll } from '../tools/build.mjs';
import { ensureNodePackages, ensureTools, root } from '../tools/setup.mjs';
import { makeWorkspace } from './workspace.mjs';

ensureNodePackages();
ensureTools(['cmake', 'g++', 'ninja']);
await buildAll();
const { runTests } = await import('@vscode/test-electron');
const { bundleSuite } = await import('./bundleSuite.mjs');

const out = mkdtempSync(path.join(os.tmpdir(), 'doorbell-suite-'));
const workspace = makeWorkspace({ faults: true });
const executable = process.env.VSCODE_EXECUTABLE;
let failure;
try {
  await runTests({
    ...(executable && { vscodeExecutablePath: executable }),
    extensionDevelopmentPath: root,
    extensionTestsPath: await bundleSuite(),
    extensionTestsEnv: { DOORBELL_SUITE_OUT: out },
    launchArgs: [
      workspace.folder,
      '--user-data-dir',
      path.join(out, 'user'),
      '--extensions-dir',
      path.join(out, 'extensions'),
    ],
  });
} catch (error) {
  failure = error;
}
const log = path.join(out, 'log.txt');
const results = path.join(out, 'results.json');
if (existsSync(log)) process.stdout.write(readFileSync(log));
const counts = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')).counts : undefined;
workspace.remove();
rmSync(out, { recursive: true, force: true });
if (!counts) throw new Error('The suite did not finish.', { cause: failure });
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = failure || counts.failed > 0 ? 1 : 0;
