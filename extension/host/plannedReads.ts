import { type FileHandle, open } from 'node:fs/promises';
import type { ReadBytes } from '../../testkit/nvme/bytes.ts';

const maxPasses = 16;

interface Range {
  readonly offset: number;
  readonly length: number;
}

/**
 * Runs a synchronous decoder over a file without synchronous disk access and without reading the whole (mostly empty) file: each
 * pass notes what the decoder asked for and did not have, reads that, and starts over.
 */
export async function withPlannedReads<T>(file: string, decode: (read: ReadBytes) => T): Promise<T> {
  const handle = await open(file, 'r');
  try {
    const known = new Map<string, Uint8Array>();
    for (let pass = 0; pass < maxPasses; pass += 1) {
      const wanted = new Map<string, Range>();
      const result = decode((offset, length) => {
        const key = `${offset}+${length}`;
        const bytes = known.get(key);
        if (!bytes) wanted.set(key, { offset, length });
        return bytes ?? new Uint8Array(0);
      });
      if (wanted.size === 0) return result;
      for (const [key, range] of wanted) known.set(key, await readRange(handle, range));
    }
    throw new Error(`${file} could not be read in ${maxPasses} passes.`);
  } finally {
    await handle.close();
  }
}

async function readRange(handle: FileHandle, { offset, length }: Range): Promise<Uint8Array> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}
