// `npm start [-- --serve] [-- --port N]`: builds, then opens the sample workspace with Doorbell in it: in the desktop's VS Code
// where there is one, else in a real VS Code served on 127.0.0.1 with a throw-away profile.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildAll } from '../tools/build.mjs';
import { ensureNodePackages, ensureTools, root } from '../tools/setup.mjs';

const { values } = parseArgs({ options: { serve: { type: 'boolean' }, port: { type: 'string' } } });
const sample = path.join(root, 'testkit/sample');

/** In a terminal of VS Code Remote, `code` opens windows elsewhere and knows no development extensions. */
const hasDesktop = () => !process.env.VSCODE_IPC_HOOK_CLI && spawnSync('code', ['--version']).status === 0;

async function openDesktop() {
  await buildAll();
  // Nothing is installed into the user's own profile: the extension lives as long as this window.
  const { status } = spawnSync('code', ['--new-window', `--extensionDevelopmentPath=${root}`, sample], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`code ended with ${status}; try: npm start -- --serve`);
  console.log('Opened the sample workspace in VS Code.');
}

async function serve() {
  ensureTools(['python3', 'make', 'strip']);
  // Only now: they need what ensureNodePackages() may just have installed.
  const { packageVsix } = await import('../tools/package.mjs');
  const { startServer } = await import('./server.mjs');
  const server = await startServer({ vsix: await packageVsix(), port: values.port && Number(values.port) });
  const stop = async () => {
    await server.stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
  console.log(
    `\nDoorbell's sample workspace, in VS Code (throw-away profile ${server.profile}):\n\n  ${server.address(sample)}\n\nCtrl-C ends it.`,
  );
}

// The extension fills it: declarations, so that the editor knows @doorbell/testkit.
mkdirSync(path.join(sample, '.doorbell/types'), { recursive: true });
ensureNodePackages();
ensureTools(['cmake', 'g++', 'ninja']);
console.log('Building ...');
if (!values.serve && hasDesktop()) await openDesktop();
else await serve();
