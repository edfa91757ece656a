import type { NativeBitBucket, NativePiece, NativeTransfer } from '../nativeQpair.ts';
import { integer, record, thousands, wrongType } from './checks.ts';
import { DmaBuffer } from './dmaBuffer.ts';
import type { BitBucket, CommandData, RawOptions, SglOptions } from './qpairOptions.ts';

const pointerKinds = ['prp', 'sgl', 'as-given'] as const;

/** What the driver is told of a buffer, or a part of one. @internal */
export function pieceOf(buffer: DmaBuffer, length: number): NativePiece {
  return { buffer: buffer.native, offset: buffer.offset, length };
}

/** Data of a raw command. @throws TypeError, RangeError @internal */
export function rawData(buffer: DmaBuffer | undefined, options: RawOptions): CommandData | undefined {
  const { metadata, pointers, sgl, cid, ring } = record(options);
  if (buffer !== undefined && !(buffer instanceof DmaBuffer)) throw wrongType('buffer', 'a DmaBuffer', buffer);
  const length = buffer === undefined ? 0 : lengthOf(buffer, options);
  const isPlain = metadata === undefined && pointers === undefined && sgl === undefined && cid === undefined;
  if (isPlain && ring !== false) return buffer && { buffer, length };
  const transfer = {
    ...(buffer !== undefined && { data: [pieceOf(buffer, length)] }),
    ...(metadata !== undefined && { metadata: metadataPiece(metadata) }),
    ...(pointers !== undefined && { pointers: pointersOf(pointers) }),
    ...sglOf(sgl),
    ...(cid !== undefined && { cid: integer('cid', cid, 0, 0xffff) }),
  };
  return { buffer, length, transfer, isHeld: ring === false };
}

/** Pieces of an SGL that together have `needed` bytes; the last is cut. @throws TypeError, RangeError @internal */
export function piecesOf(list: readonly (DmaBuffer | BitBucket)[], needed: number): (NativePiece | NativeBitBucket)[] {
  const pieces: (NativePiece | NativeBitBucket)[] = [];
  let left = needed;
  for (const each of list) {
    if (left === 0) break;
    const length = Math.min(left, sizeOf(each));
    pieces.push(each instanceof DmaBuffer ? pieceOf(each, length) : { length });
    left -= length;
  }
  if (left === 0) return pieces;
  throw new RangeError(
    `buffers too small: ${thousands(needed)} bytes are needed, they have ${thousands(needed - left)}`,
  );
}

function lengthOf({ size }: DmaBuffer, { length = size }: RawOptions): number {
  return integer('length', length, 1, size);
}

function sizeOf(piece: DmaBuffer | BitBucket): number {
  if (piece instanceof DmaBuffer) return piece.size;
  if (typeof piece !== 'object' || piece === null) throw wrongType('buffer', 'DmaBuffers and bit buckets', piece);
  return integer('bitBucket', piece.bitBucket, 1, 2 ** 32 - 1);
}

/** @internal */
export function sglOf(sgl: SglOptions | undefined): Pick<NativeTransfer, 'metadataSgl' | 'descriptorsPerSegment'> {
  if (sgl === undefined) return {};
  const { descriptorsPerSegment, metadata } = record(sgl, 'sgl');
  return {
    ...(metadata === true && { metadataSgl: true }),
    ...(descriptorsPerSegment !== undefined && {
      descriptorsPerSegment: integer('sgl.descriptorsPerSegment', descriptorsPerSegment, 2, 65_536),
    }),
  };
}

/** @internal */
export function pointersOf(pointers: unknown): 'prp' | 'sgl' | 'as-given' {
  const found = pointerKinds.find((kind) => kind === pointers);
  if (found !== undefined) return found;
  throw wrongType('pointers', "'prp', 'sgl' or 'as-given'", pointers);
}

function metadataPiece(metadata: unknown): NativePiece {
  if (metadata instanceof DmaBuffer) return pieceOf(metadata, metadata.size);
  throw wrongType('metadata', 'a DmaBuffer', metadata);
}

/** The same for the driver. @internal */
export function nativeTransfer(data: CommandData | undefined, timeoutMs: number): NativeTransfer {
  if (data === undefined) return { timeoutMs };
  if (data.transfer !== undefined) return { ...data.transfer, timeoutMs };
  return { timeoutMs, ...(data.buffer !== undefined && { data: [pieceOf(data.buffer, data.length)] }) };
}
