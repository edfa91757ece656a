import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readlink, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HostStartError } from './hostOptions.ts';

/** The evidence file's name inside its folder and the start of its copies' names. */
const fileName = 'evidence.bin';
const copyPattern = /^evidence-\d+-.*\.bin$/;
const keptCopies = 5;
const chunkBytes = 64 * 1024;

/** A 0700 folder on tmpfs that belongs to one driver host; its name says which parent made it. */
export class EvidenceFolder {
  private constructor(private readonly path: string) {}

  /** Makes the folder, after removing those of parents that are dead. */
  static async create(): Promise<EvidenceFolder> {
    const base = await tmpfs();
    const prefix = await namePrefix();
    const path = join(base, `${prefix}${process.pid}-${randomBytes(6).toString('hex')}`);
    try {
      await removeStale(base, prefix);
      await mkdir(path, { mode: 0o700 });
    } catch (error) {
      throw new HostStartError(
        `The folder for command logs and counters cannot be made in ${base}: ${(error as Error).message}. ` +
          'Set XDG_RUNTIME_DIR to a folder of yours, best on tmpfs.',
      );
    }
    return new EvidenceFolder(path);
  }

  /** Path of the evidence file, which the driver host creates. */
  get file(): string {
    return join(this.path, fileName);
  }

  /** Copies the evidence to `folder` (undefined when there is none), then removes this folder. The newest copies are kept. */
  async rescue(folder: string, pid: number): Promise<string | undefined> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const copy = join(folder, `evidence-${Date.now()}-${pid}.bin`);
      const copied = await copySparse(this.file, copy);
      await prune(folder);
      return copied ? copy : undefined;
    } finally {
      await this.remove();
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

async function tmpfs(): Promise<string> {
  const runtime = process.env.XDG_RUNTIME_DIR;
  const owned = runtime ? await stat(runtime).catch(() => undefined) : undefined;
  return runtime && owned?.isDirectory() && owned.uid === process.getuid?.() ? runtime : '/dev/shm';
}

/** Names the pid namespace: a folder shared between containers must not lose the evidence of living neighbours. */
async function namePrefix(): Promise<string> {
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return `doorbell-${/\d+/.exec(namespace)?.[0] ?? '0'}-`;
}

async function removeStale(base: string, prefix: string): Promise<void> {
  const names = (await readdir(base)).filter((name) => name.startsWith(prefix));
  for (const name of names) {
    const pid = Number(name.slice(prefix.length).split('-')[0]);
    const path = join(base, name);
    const info = await stat(path).catch(() => undefined);
    if (info?.uid === process.getuid?.() && pid > 0 && !isAlive(pid)) await rm(path, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Copies without writing the holes: the file is mostly command rings that were never filled. */
async function copySparse(from: string, to: string): Promise<boolean> {
  const source = await open(from, 'r').catch(() => undefined);
  if (!source) return false;
  try {
    const target = await open(to, 'wx', 0o600);
    try {
      await copyChunks(source, target);
    } finally {
      await target.close();
    }
    return true;
  } finally {
    await source.close();
  }
}

async function copyChunks(source: FileHandle, target: FileHandle): Promise<void> {
  const chunk = Buffer.alloc(chunkBytes);
  const zeros = Buffer.alloc(chunkBytes);
  const { size } = await source.stat();
  for (let at = 0; at < size; ) {
    const { bytesRead } = await source.read(chunk, 0, chunkBytes, at);
    if (bytesRead === 0) break;
    const part = chunk.subarray(0, bytesRead);
    if (!part.equals(zeros.subarray(0, bytesRead))) await target.write(part, 0, bytesRead, at);
    at += bytesRead;
  }
  await target.truncate(size);
}

async function prune(folder: string): Promise<void> {
  const copies = (await readdir(folder)).filter((name) => copyPattern.test(name)).sort();
  for (const name of copies.slice(0, -keptCopies)) await rm(join(folder, name), { force: true });
}
