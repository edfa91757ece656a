// Makes a bare clone ready with nothing but Node.js: npm packages when they are missing or stale, Debian packages when missing.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

const readPackages = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;

/** npm writes node_modules/.package-lock.json last, so it also tells of an installation that was interrupted. */
function packagesMatchLock() {
  if (!existsSync(path.join(root, 'node_modules/.package-lock.json'))) return false;
  const installed = readPackages('node_modules/.package-lock.json');
  return Object.entries(readPackages('package-lock.json'))
    .filter(([place, { optional }]) => place !== '' && !optional)
    .every(([place, { version }]) => installed[place]?.version === version);
}

export function ensureNodePackages() {
  if (packagesMatchLock()) return;
  console.error('Installing npm packages ...');
  // No script of a package is needed: what is native among them comes prebuilt.
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** What a machine needs beside Node.js: a file that shows it is there, and the Debian package that brings it. */
const tools = {
  cmake: ['cmake', 'cmake'],
  'g++': ['g++', 'g++'],
  ninja: ['ninja', 'ninja-build'],
  make: ['make', 'make'],
  python3: ['python3', 'python3'],
  git: ['git', 'git'],
  readelf: ['readelf', 'binutils'],
  strip: ['strip', 'binutils'],
  doctest: ['/usr/include/doctest/doctest.h', 'doctest-dev'],
  'clang-format': ['clang-format', 'clang-format'],
  chromium: ['chromium', 'chromium'],
  qemu: ['qemu-system-x86_64', 'qemu-system-x86'],
  busybox: ['/usr/bin/busybox', 'busybox-static'],
  cpio: ['cpio', 'cpio'],
  kmod: ['/usr/sbin/modprobe', 'kmod'],
};

const onPath = (name) => process.env.PATH.split(':').some((folder) => existsSync(path.join(folder, name)));
const present = (file) => (path.isAbsolute(file) ? existsSync(file) : onPath(file));

const missingPackages = (wanted) =>
  wanted
    .map((name) => tools[name])
    .filter(([file]) => !present(file))
    .map(([, debian]) => debian);

const canInstall = () => process.getuid() === 0 && onPath('apt-get');

/** Installs what it can, and says what is missing still: for tests that a machine may go without. */
export function tryTools(wanted) {
  if (canInstall()) ensureTools(wanted);
  return missingPackages(wanted);
}

/** @param {(keyof typeof tools)[]} wanted */
export function ensureTools(wanted) {
  const packages = missingPackages(wanted);
  if (packages.length === 0) return;
  if (!canInstall()) {
    throw new Error(
      `Missing on this machine: ${packages.join(', ')}. On Debian or Ubuntu: sudo apt install ${packages.join(' ')}`,
    );
  }
  console.error(`Installing Debian packages: ${packages.join(' ')} ...`);
  const apt = (...args) =>
    execFileSync('apt-get', ['-qq', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  apt('update');
  apt('install', '-y', '--no-install-recommends', ...packages);
}
