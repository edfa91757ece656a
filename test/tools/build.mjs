// `npm run build`: everything under dist/, and the addon.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureNodePackages, ensureTools, root } from './setup.mjs';

/** Runs a program to its end; what it prints shows only if it fails. */
export function quietly(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(text);
      else reject(new Error(`${[command, ...args].join(' ')} failed (${code})\n${text}`));
    });
  });
}

export const buildJs = (...args) => quietly(process.execPath, ['esbuild.mjs', ...args]);
// Not `compile`, which deletes the last good addon when a build fails.
export const buildAddon = () => quietly(path.join(root, 'node_modules/.bin/cmake-js'), ['build', '-d', 'native']);

/** The ctest executables. Not below native/build/, which cmake-js empties when a build of the addon fails. */
export async function buildNativeTests(name, ...definitions) {
  const folder = path.join(root, 'out/native', name);
  await quietly('cmake', ['-G', 'Ninja', '-S', 'native', '-B', folder, '-DDOORBELL_TESTS=ON', ...definitions]);
  await quietly('cmake', ['--build', folder]);
  return folder;
}

export const buildAll = () => Promise.all([buildJs(), buildAddon()]);

async function main() {
  ensureNodePackages();
  ensureTools(['cmake', 'g++', 'ninja']);
  const [sizes] = await buildAll();
  console.log(sizes.trimEnd());
}

// No top-level await: tests require() this.
if (import.meta.url === pathToFileURL(process.argv[1]).href) void main();
