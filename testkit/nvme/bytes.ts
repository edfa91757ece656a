/** Reads `length` bytes at `offset` of a file; fewer (also none) where the file ends. Must not throw for a short file. */
export type ReadBytes = (offset: number, length: number) => Uint8Array;

/** A {@link ReadBytes} of bytes already in memory. */
export function readerOf(bytes: Uint8Array): ReadBytes {
  return (offset, length) => bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + length, bytes.length));
}

/** Little-endian fields of a structure. Offsets must lie inside: callers check the length once. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export const u32 = (view: DataView, offset: number): number => view.getUint32(offset, true);
export const u64 = (view: DataView, offset: number): bigint => view.getBigUint64(offset, true);

const utf8 = new TextDecoder('utf-8');

/** NUL- or space-padded text. */
export function text(bytes: Uint8Array, offset: number, length: number): string {
  const field = bytes.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return utf8.decode(end < 0 ? field : field.subarray(0, end)).trimEnd();
}
