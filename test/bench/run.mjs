// `npm run bench [-- NAME ...]`: every benchmark, as one table beside the speed each issue asks for. Nothing is asserted.
// A *.bench.ts exports `bench(): Promise<Row[]>`; the native ones (native/bench) print tables of their own.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { buildAll, quietly } from '../tools/build.mjs';
import { ensureNodePackages, ensureTools, root } from '../tools/setup.mjs';

async function native() {
  const folder = path.join(root, 'out/native/bench');
  await quietly('cmake', [
    '-G',
    'Ninja',
    '-S',
    'native',
    '-B',
    folder,
    '-DDOORBELL_BENCH=ON',
    '-DCMAKE_BUILD_TYPE=Release',
  ]);
  await quietly('cmake', ['--build', folder]);
  for (const name of readdirSync(path.join(folder, 'bench')).filter((file) => file.endsWith('_bench'))) {
    console.log(`\n${name}`);
    spawnSync(path.join(folder, 'bench', name), { stdio: 'inherit' });
  }
}

async function typescript(names) {
  const { bundle, temporaryFolder } = await import('../tools/bundle.mjs');
  const files = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.bench.ts') && names.some((name) => file.startsWith(name)))
    .map((file) => path.join('test/bench', file));
  const modules = await bundle(files, { outdir: temporaryFolder() });
  console.log(`\n${'benchmark'.padEnd(52)} ${'measured'.padStart(14)} ${'to reach'.padStart(14)}`);
  for (const file of modules) {
    const { bench } = await import(file);
    for (const { what, value, goal = '' } of await bench()) {
      console.log(`${what.padEnd(52)} ${value.padStart(14)} ${goal.padStart(14)}`);
    }
  }
}

ensureNodePackages();
ensureTools(['cmake', 'g++', 'ninja']);
const names = process.argv.slice(2);
await buildAll();
if (names.length === 0 || names.includes('native')) await native();
await typescript(names.length === 0 ? [''] : names);
process.exit(0);
