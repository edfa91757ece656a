import type { NativeProtectedBlocks } from '../../nativeSurface.ts';
import { integer, record, wrongType } from '../checks.ts';
import { DmaBuffer } from '../dmaBuffer.ts';
import { type BlockLayout, dataOf } from './blockData.ts';

/** Blocks in memory whose protection information is computed or checked by the driver. */
export interface ProtectedBlocks {
  /** Blocks in the buffer. Default 1. */
  readonly blockCount?: number;
  /** Logical Block Application Tag, 0..65,535. Default 0. */
  readonly appTag?: number;
  /** Reference tag of the first block, 0..2^32-1. Default 0. */
  readonly refTag?: number;
  /** The metadata, where it is in a buffer of its own. */
  readonly metadata?: DmaBuffer;
}

/** What is checked. */
export interface ProtectionCheck extends ProtectedBlocks {
  /** Which: guard (4), application tag (2), reference tag (1). Default 7. */
  readonly checks?: number;
  /** Bits of the application tag that count, 0..65,535. Default FFFFh. */
  readonly appTagMask?: number;
}

/** Guard, application tag and reference tag of a block. */
export interface ProtectionTuple {
  /** CRC-16 (T10) of the block's data, and of metadata before it. */
  readonly guard: number;
  /** Logical Block Application Tag. */
  readonly appTag: number;
  /** Logical Block Reference Tag. */
  readonly refTag: number;
}

/** The first block whose protection information is wrong. */
export interface ProtectionMismatch {
  /** Its index in the buffer. */
  readonly block: number;
  /** What is wrong. */
  readonly fault: 'guard' | 'app-tag' | 'ref-tag';
  /** What the metadata says. */
  readonly found: ProtectionTuple;
  /** What it should say. */
  readonly expected: ProtectionTuple;
}

/** Computes protection information into the metadata of blocks. @throws TypeError, RangeError @internal */
export function fillProtection(buffer: DmaBuffer, options: ProtectedBlocks, layout: BlockLayout): void {
  const { appTag = 0, refTag = 0 } = record(options);
  const blocks = blocksOf(buffer, options, layout);
  buffer.native.fillProtection({
    ...blocks,
    appTag: integer('appTag', appTag, 0, 0xffff),
    refTag: integer('refTag', refTag, 0, 0xffff_ffff),
  });
}

/** @throws TypeError, RangeError @internal */
export function checkProtection(
  buffer: DmaBuffer,
  options: ProtectionCheck,
  layout: BlockLayout,
): ProtectionMismatch | undefined {
  const { appTag = 0, refTag = 0, appTagMask = 0xffff, checks = 7 } = record(options);
  const blocks = blocksOf(buffer, options, layout);
  return buffer.native.checkProtection({
    ...blocks,
    checks: integer('checks', checks, 0, 7),
    appTag: integer('appTag', appTag, 0, 0xffff),
    appTagMask: integer('appTagMask', appTagMask, 0, 0xffff),
    refTag: integer('refTag', refTag, 0, 0xffff_ffff),
  });
}

function blocksOf(buffer: DmaBuffer, options: ProtectedBlocks, layout: BlockLayout): NativeProtectedBlocks {
  const { blockCount = 1, metadata } = options;
  const { lbaBytes, metadataBytes, extended, protectionType, protectionFirst } = layout;
  if (protectionType === 0) throw new TypeError('the namespace is formatted without protection information');
  const blocks = integer('blockCount', blockCount, 1, 65_536);
  dataOf(buffer, blocks * (lbaBytes + (extended ? metadataBytes : 0)), () => `${blocks} blocks`);
  const common = {
    offset: buffer.offset,
    lbaBytes,
    blocks,
    type: protectionType,
    first: protectionFirst,
    metadataBytes,
  };
  if (extended) return common;
  if (!(metadata instanceof DmaBuffer)) throw wrongType('metadata', 'a DmaBuffer', metadata);
  dataOf(metadata, blocks * metadataBytes, () => 'the metadata of the blocks');
  return { ...common, metadata: metadata.native, metadataOffset: metadata.offset };
}
