// `npm run package`: a .vsix for linux-x64 in the repository's root. Staged in out/, so that dist/ stays the development build.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildAddon, buildJs, quietly } from './build.mjs';
import { ensureNodePackages, ensureTools, root } from './setup.mjs';

const target = 'linux-x64';
const shipped = [
  '.vscodeignore',
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'media',
  'package.json',
  'package.nls.json',
  'testkit/cli/doorbell.mjs',
  'testkit/sample',
];

/** @returns {Promise<string>} the path of the .vsix */
export async function packageVsix() {
  const stage = path.join(root, 'out/package');
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  await Promise.all([buildJs('--release', path.join(stage, 'dist')), buildAddon()]);
  for (const file of shipped.filter((name) => existsSync(path.join(root, name)))) {
    // Declarations that an editor on the sample has put there are not the sample.
    const filter = (source) => path.basename(source) !== '.doorbell';
    cpSync(path.join(root, file), path.join(stage, file), { recursive: true, filter });
  }
  const addon = path.join(stage, `dist/native/${target}/doorbell.node`);
  mkdirSync(path.dirname(addon), { recursive: true });
  await quietly('strip', ['--strip-unneeded', '-o', addon, path.join(root, 'native/build/Release/doorbell.node')]);
  const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const vsix = path.join(root, `${name}-${target}-${version}.vsix`);
  const options = [
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--target',
    target,
    '--out',
    vsix,
  ];
  await quietly(path.join(root, 'node_modules/.bin/vsce'), ['package', ...options], { cwd: stage });
  return vsix;
}

let packaged;
/** The same, made once a process: every suite that installs it may ask. $DOORBELL_VSIX names one that is there already. */
export async function packagedVsix() {
  packaged ??= process.env.DOORBELL_VSIX ?? packageVsix();
  return packaged;
}

async function main() {
  ensureNodePackages();
  ensureTools(['cmake', 'g++', 'ninja', 'strip']);
  const vsix = await packageVsix();
  console.log(`${path.relative(root, vsix)}  ${(statSync(vsix).size / 1e6).toFixed(2)} MB`);
}

// No top-level await: tests require() this.
if (import.meta.url === pathToFileURL(process.argv[1]).href) void main();
