// A Debian kernel for guests, out of its package: nothing is installed. Kept in the user's cache folder, the marker written last.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'doorbell', 'guest');

const said = (command, ...args) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** The newest kernel that apt knows, e.g. linux-image-6.1.0-56-amd64; undefined when it knows none. */
function newestPackage() {
  if (!existsSync('/usr/bin/apt-cache')) return undefined;
  const [name] = /linux-image-\d[\w.+-]*-amd64/.exec(said('apt-cache', 'depends', 'linux-image-amd64')) ?? [];
  return name;
}

function fetchKernel(name, folder) {
  const making = `${folder}.${process.pid}`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  console.error(`Fetching the Debian package ${name} for the guest ...`);
  execFileSync('apt-get', ['-qq', '-o', 'APT::Sandbox::User=root', 'download', name], {
    cwd: making,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const file = readdirSync(making).find((entry) => entry.endsWith('.deb'));
  said('dpkg-deb', '-x', path.join(making, file), making);
  rmSync(path.join(making, file));
  said('/usr/sbin/depmod', '-b', making, name.replace('linux-image-', ''));
  writeFileSync(path.join(making, 'complete'), '');
  rmSync(folder, { recursive: true, force: true });
  renameSync(making, folder);
}

/** @returns {{ folder: string, version: string, image: string } | undefined} undefined when apt knows of none */
export function guestKernel() {
  const name = newestPackage();
  if (name === undefined) return undefined;
  const folder = path.join(cache, name);
  if (!existsSync(path.join(folder, 'complete'))) fetchKernel(name, folder);
  const version = name.replace('linux-image-', '');
  return { folder, version, image: path.join(folder, 'boot', `vmlinuz-${version}`) };
}
