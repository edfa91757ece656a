/** The container: a signature, then chunks of type, length, payload and CRC-32, like PNG's. */
import type { FileHandle } from 'node:fs/promises';
import zlib from 'node:zlib';
import { TraceDamage } from './traceDamage.ts';

/** Not ASCII, both line ends, Ctrl-Z: a transfer that changes text is noticed in the first 8 bytes. */
export const signature = Uint8Array.from([0x89, 0x4e, 0x56, 0x54, 0x0d, 0x0a, 0x1a, 0x0a]);

export type ChunkType = 'HEAD' | 'BLCK' | 'TAIL' | 'INDX';
const chunkTypes: readonly string[] = ['HEAD', 'BLCK', 'TAIL', 'INDX'];

export const frameBytes = 12;
/** Longer ones are not read: nothing a file says may ask for more memory. */
const longest: Record<ChunkType, number> = { HEAD: 1 << 20, TAIL: 1 << 20, BLCK: 8 << 20, INDX: 256 << 20 };

/** Type, length, payload, CRC-32 of all three. */
export function chunkParts(type: ChunkType, payload: Uint8Array): [Buffer, Uint8Array, Buffer] {
  const head = Buffer.alloc(8);
  head.write(type, 0, 'ascii');
  head.writeUInt32LE(payload.length, 4);
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(checksum(head, payload));
  return [head, payload, crc];
}

/** Node's crc32 forgets the value so far when the data is empty. */
const checksum = (head: Buffer, payload: Uint8Array): number =>
  payload.length === 0 ? zlib.crc32(head) : zlib.crc32(payload, zlib.crc32(head));

export interface Chunk {
  readonly type: ChunkType;
  readonly payload: Buffer;
  /** Where the next chunk starts. */
  readonly end: number;
}

/** @throws TraceDamage */
export async function readChunk(file: FileHandle, offset: number): Promise<Chunk> {
  const head = await readExactly(file, offset, 8);
  const type = head.toString('ascii', 0, 4) as ChunkType;
  if (!chunkTypes.includes(type)) throw new TraceDamage('something that is no chunk of a trace');
  const length = head.readUInt32LE(4);
  if (length > longest[type]) throw new TraceDamage(`a ${type} chunk claims ${length} bytes`);
  const rest = await readExactly(file, offset + 8, length + 4);
  const payload = rest.subarray(0, length);
  if (rest.readUInt32LE(length) !== checksum(head, payload)) {
    throw new TraceDamage(`the checksum of a ${type} chunk is wrong`);
  }
  return { type, payload, end: offset + frameBytes + length };
}

/** @throws TraceDamage where the file ends before. */
export async function readExactly(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) throw new TraceDamage('the file ends here');
    done += bytesRead;
  }
  return buffer;
}
