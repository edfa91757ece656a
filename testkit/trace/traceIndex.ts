/** The index at the end of a trace: where its blocks are and what is in them. */
import { type BlockSummary, readSummary, safe, summaryBytes, writeSummary } from './blockSummary.ts';
import { TraceDamage } from './traceDamage.ts';

export interface IndexedBlock {
  /** Of the block's chunk in the file. */
  readonly offset: number;
  readonly summary: BlockSummary;
}

const entryBytes = 8 + summaryBytes;

export function encodeIndex(blocks: readonly IndexedBlock[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(blocks.length * entryBytes));
  for (const [index, { offset, summary }] of blocks.entries()) {
    view.setBigUint64(index * entryBytes, BigInt(offset), true);
    writeSummary(view, index * entryBytes + 8, summary);
  }
  return new Uint8Array(view.buffer);
}

/** @throws TraceDamage */
export function decodeIndex(payload: Buffer): IndexedBlock[] {
  if (payload.length % entryBytes !== 0) throw new TraceDamage('the index is not a list of blocks');
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return Array.from({ length: payload.length / entryBytes }, (_, index) => ({
    offset: safe(view.getBigUint64(index * entryBytes, true)),
    summary: readSummary(view, index * entryBytes + 8),
  }));
}

/** The last 16 bytes of a whole file: where the index chunk starts, and these 8. */
export const indexMark = Uint8Array.from([0x49, 0x4e, 0x44, 0x58, 0x0d, 0x0a, 0x1a, 0x89]);
export const footerBytes = 16;

export function encodeFooter(indexOffset: number): Buffer {
  const footer = Buffer.alloc(footerBytes);
  footer.writeBigUInt64LE(BigInt(indexOffset));
  footer.set(indexMark, 8);
  return footer;
}

/** Undefined where the file does not end with a footer: it was cut short, or is still being written. */
export function decodeFooter(footer: Buffer): number | undefined {
  const whole = footer.length === footerBytes && footer.subarray(8).equals(indexMark);
  return whole ? Number(footer.readBigUInt64LE()) : undefined;
}
