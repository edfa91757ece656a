/** Finds and loads `doorbell.node`: the only place that does. */
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { NativeAddon } from './nativeSurface.ts';
import { HostEnv } from './protocol.ts';

export type AddonErrorCode = 'ADDON_MISSING' | 'ADDON_ARCHITECTURE' | 'ADDON_VERSION' | 'ADDON_BROKEN';

/** Why the native driver cannot be used and what to do about it. The message is for the user, as is: there is no stack. */
export class AddonError extends Error {
  override readonly name = 'AddonError';
  readonly code: AddonErrorCode;

  constructor(code: AddonErrorCode, message: string) {
    super(message);
    this.code = code;
    this.stack = `${this.name}: ${message}`;
  }
}

export interface AddonPlace {
  /** Folder of the package: where its package.json is. */
  readonly root: string;
  /** Path of doorbell.node that overrides the search, as the parent of a driver host sets it. */
  readonly explicit?: string | undefined;
}

let loaded: NativeAddon | undefined;

/** The addon of this process, loaded at the first call. @throws AddonError */
export function nativeAddon(): NativeAddon {
  loaded ??= loadAddon({ root: packageRoot(), explicit: process.env[HostEnv.addon] });
  return loaded;
}

/** @throws AddonError when it is missing, built for another machine, of another version, or refuses to load. */
export function loadAddon(place: AddonPlace): NativeAddon {
  const file = findAddon(place);
  checkArchitecture(file);
  const addon = requireAddon(file);
  const wanted = packageVersion(place.root);
  if (addon.version !== wanted) {
    throw new AddonError(
      'ADDON_VERSION',
      `The native driver ${file} has version ${addon.version}, Doorbell has ${wanted}. ${remedy}`,
    );
  }
  return addon;
}

const remedy =
  'In a clone, run: npm run build:native. Installed from a .vsix, install the .vsix made for this machine (linux-x64) again.';

function findAddon({ root, explicit }: AddonPlace): string {
  const usual = [
    path.join(root, 'dist/native/linux-x64/doorbell.node'),
    path.join(root, 'native/build/Release/doorbell.node'),
  ];
  const places = explicit ? [path.resolve(explicit)] : usual;
  const found = places.find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new AddonError(
    'ADDON_MISSING',
    `The native driver (doorbell.node) was not found. Looked for: ${places.join(', ')}. ${remedy}`,
  );
}

const machines: Readonly<Record<number, string>> = {
  3: 'ia32',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
};

/** The loader's own words ("invalid ELF header") help nobody: the header says what the file is. */
function checkArchitecture(file: string): void {
  if (process.platform !== 'linux') {
    throw new AddonError(
      'ADDON_ARCHITECTURE',
      `Doorbell's native driver runs on Linux x64; this is ${process.platform}.`,
    );
  }
  const header = readHeader(file);
  if (header.length < 20 || header.readUInt32BE(0) !== 0x7f454c46) {
    throw new AddonError('ADDON_BROKEN', `The native driver ${file} is not a shared library, or is cut off. ${remedy}`);
  }
  const machine = header.readUInt16LE(18);
  const built = machines[machine] ?? `machine ${machine}`;
  if (built === process.arch) return;
  throw new AddonError(
    'ADDON_ARCHITECTURE',
    `The native driver ${file} was built for ${built}; this Node.js is ${process.arch}. ${remedy}`,
  );
}

function readHeader(file: string): Buffer {
  const header = Buffer.alloc(20);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    return header.subarray(0, readSync(descriptor, header, 0, header.length, 0));
  } catch (error) {
    throw new AddonError('ADDON_BROKEN', `The native driver ${file} cannot be read: ${reasonOf(error)}. ${remedy}`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function requireAddon(file: string): NativeAddon {
  try {
    return createRequire(file)(file) as NativeAddon;
  } catch (error) {
    throw new AddonError('ADDON_BROKEN', `The native driver ${file} cannot be loaded: ${reasonOf(error)}. ${remedy}`);
  }
}

/** First line: Node appends the whole require stack. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? text).trim().replace(/\.$/, '');
}

/** The nearest folder above this bundle (or source) that is the package. */
function packageRoot(): string {
  let folder = typeof __dirname === 'string' ? __dirname : process.cwd();
  while (packageName(folder) !== 'doorbell') {
    const parent = path.dirname(folder);
    if (parent === folder) {
      throw new AddonError(
        'ADDON_MISSING',
        "Doorbell's package.json was not found above its code: the installation is incomplete.",
      );
    }
    folder = parent;
  }
  return folder;
}

function packageName(folder: string): string | undefined {
  const file = path.join(folder, 'package.json');
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name;
}

function packageVersion(root: string): string {
  return (JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }).version;
}
