import type { NativePiece } from '../../nativeQpair.ts';
import { thousands, wrongType } from '../checks.ts';
import { DmaBuffer } from '../dmaBuffer.ts';
import type { IdentifyNamespace } from '../identify.ts';
import type { CommandData } from '../qpairOptions.ts';
import { pieceOf, piecesOf, pointersOf, sglOf } from '../transfer.ts';
import type { IoBuffer, IoOptions } from './ioOptions.ts';

/** How the blocks of a namespace are formatted. */
export interface BlockLayout {
  /** Bytes of the data of a block. */
  readonly lbaBytes: number;
  /** Bytes of its metadata; 0 = none. */
  readonly metadataBytes: number;
  /** Metadata follows the data of its block in the same buffer; else it is in a buffer of its own. */
  readonly extended: boolean;
  /** 0 none, 1, 2 or 3. */
  readonly protectionType: number;
  /** Protection information is the first 8 bytes of the metadata instead of the last. */
  readonly protectionFirst: boolean;
}

/** FLBAS bit 4, DPS bits 2:0 and 3 (NVM Command Set 1.0, Identify Namespace data structure). @internal */
export function blockLayout(identify: IdentifyNamespace): BlockLayout {
  const { lbaBytes, metadataBytes } = identify.lbaFormat;
  return {
    lbaBytes,
    metadataBytes,
    extended: metadataBytes > 0 && (identify.flbas & 0x10) !== 0,
    protectionType: identify.dps & 7,
    protectionFirst: (identify.dps & 8) !== 0,
  };
}

const pract = 8;
const protectionBytes = 8;

/**
 * Bytes of metadata a block takes in memory. With PRACT set and metadata that is protection information only, the controller strips
 * or inserts it (NVM Command Set 1.0, "Protection Information and Write Commands").
 */
function metadataInMemory(layout: BlockLayout, prinfo: number): number {
  const isInserted = layout.protectionType !== 0 && layout.metadataBytes === protectionBytes && (prinfo & pract) !== 0;
  return isInserted ? 0 : layout.metadataBytes;
}

/** What an I/O command moves. @throws TypeError, RangeError when a buffer is none or too small @internal */
export function transferOf(buffer: IoBuffer, options: IoOptions, layout: BlockLayout): CommandData {
  const blocks = options.blockCount ?? 1;
  const isPlain = layout.metadataBytes === 0 && options.metadata === undefined && options.pointers === undefined;
  if (isPlain && buffer instanceof DmaBuffer && options.sgl === undefined) {
    return dataOf(buffer, blocks * layout.lbaBytes, () => blocksOf(blocks, layout.lbaBytes));
  }
  const metadata = metadataInMemory(layout, options.prinfo ?? 0);
  const bytes = layout.lbaBytes + (layout.extended ? metadata : 0);
  const separate = layout.extended ? 0 : metadata;
  const pieces = Array.isArray(buffer)
    ? { data: piecesOf(buffer, blocks * bytes), pointers: 'sgl' as const }
    : { data: [onePiece(buffer as DmaBuffer, blocks, bytes)] };
  const transfer = {
    ...pieces,
    ...(options.pointers !== undefined && { pointers: pointersOf(options.pointers) }),
    ...sglOf(options.sgl),
    ...metadataOf(options.metadata, blocks * separate),
  };
  return { buffer: undefined, length: blocks * bytes, transfer };
}

function onePiece(buffer: DmaBuffer, blocks: number, bytes: number): NativePiece {
  const data = dataOf(buffer, blocks * bytes, () => blocksOf(blocks, bytes));
  return pieceOf(buffer, data.length);
}

const blocksOf = (blocks: number, bytes: number): string => `${thousands(blocks)} blocks of ${thousands(bytes)} bytes`;

/** A namespace without separate metadata ignores MPTR: any buffer may be given. */
function metadataOf(metadata: unknown, needed: number): { readonly metadata?: NativePiece } {
  if (metadata === undefined) {
    if (needed === 0) return {};
    throw new TypeError('the namespace has its metadata in a buffer of its own: give one as metadata');
  }
  if (!(metadata instanceof DmaBuffer)) throw wrongType('metadata', 'a DmaBuffer', metadata);
  dataOf(metadata, needed, () => 'the metadata of the blocks');
  return { metadata: pieceOf(metadata, needed === 0 ? metadata.size : needed) };
}

/** @throws TypeError, RangeError @internal */
export function dataOf(buffer: DmaBuffer, needed: number, what: () => string): CommandData {
  if (!(buffer instanceof DmaBuffer)) throw new TypeError('buffer must be a DmaBuffer');
  if (buffer.size >= needed) return { buffer, length: needed };
  throw new RangeError(
    `buffer too small: ${what()} need ${thousands(needed)} bytes, ${buffer.name} has ${thousands(buffer.size)}`,
  );
}
