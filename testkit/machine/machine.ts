import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** For tests of the extension and the CLI on a tree that stands in for a machine. A driver host opens no drive then. */
export const machineRootVariable = 'DOORBELL_MACHINE_ROOT';

/** A device that another owner has for itself (EBUSY), or that cannot be asked. */
export type Exclusive = { readonly close: () => Promise<void> } | { readonly refused: string };

const gone = new Set(['ENOENT', 'ENOTDIR', 'ENXIO', 'ENODEV', 'ESRCH']);

/**
 * The files of a Linux machine that tell of its hardware: `/sys`, `/proc`, `/dev`, `/run`. What is not there is undefined or empty;
 * what is there and cannot be read throws, because nobody may take it for absent.
 */
export class Machine {
  constructor(readonly root = process.env[machineRootVariable] ?? '/') {}

  /** Whether it is this machine, and no tree that stands in for one. */
  get isReal(): boolean {
    return path.resolve(this.root) === '/';
  }

  path(file: string): string {
    return path.join(this.root, file);
  }

  /** The text of a file, without white space around it. */
  async text(file: string): Promise<string | undefined> {
    return absent(async () => (await readFile(this.path(file), 'utf8')).trim());
  }

  /** The last part of what a link points at: `nvme` for a device's `driver`. */
  async linkName(file: string): Promise<string | undefined> {
    const target = await this.link(file);
    return target === undefined ? undefined : path.basename(target);
  }

  async link(file: string): Promise<string | undefined> {
    return absent(() => readlink(this.path(file)));
  }

  /** Sorted names in a folder. */
  async names(folder: string): Promise<string[]> {
    return ((await absent(() => readdir(this.path(folder)))) ?? []).sort();
  }

  async has(file: string): Promise<boolean> {
    return (await absent(() => stat(this.path(file)))) !== undefined;
  }

  /** Owner and permissions of a file. */
  async owner(file: string): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
    return absent(() => stat(this.path(file)));
  }

  /** Writes a word to a control file of the kernel. */
  async write(file: string, word: string): Promise<void> {
    // Most of them may not be read, by root neither, and none is made by us.
    await writeFile(this.path(file), word, { flag: constants.O_WRONLY | constants.O_TRUNC });
  }

  /** Writes a file of ours, with its folder. */
  async save(file: string, text: string): Promise<void> {
    await mkdir(path.dirname(this.path(file)), { recursive: true });
    await writeFile(this.path(file), text);
  }

  async erase(file: string): Promise<void> {
    await rm(this.path(file), { force: true });
  }

  /** Claims a block device alone, as a mount does; whoever has it keeps it, and nobody gets it until `close`. */
  async claim(device: string): Promise<Exclusive> {
    let file: FileHandle;
    try {
      // Without O_CREAT, O_EXCL of a block device asks the kernel for sole ownership.
      file = await open(this.path(`/dev/${device}`), constants.O_RDONLY | constants.O_EXCL | constants.O_NONBLOCK);
    } catch (error) {
      return { refused: (error as NodeJS.ErrnoException).code ?? String(error) };
    }
    return { close: () => file.close() };
  }
}

async function absent<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (gone.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
