import type { CommandOptions } from '../command.ts';
import type { DmaBuffer } from '../dmaBuffer.ts';
import type { BitBucket, SglOptions } from '../qpairOptions.ts';

/** Consecutive blocks. */
export interface LbaRange {
  /** Starting LBA. Beyond NSZE is legal to send: the status tells. */
  readonly slba: number | bigint;
  /** Blocks, 1..65,536 (the specification's 0's based NLB + 1). Default 1. */
  readonly blockCount?: number;
}

/** End-to-end data protection (NVM Command Set 1.0, "End-to-end Data Protection"). What is left out is 0. */
export interface ProtectionOptions {
  /** Protection Information Field, 0..15: PRACT (8), check of the guard (4), application tag (2) and reference tag (1). */
  readonly prinfo?: number;
  /**
   * Initial or expected Logical Block Reference Tag, 0..2^32-1. Default: where `prinfo` is not 0 and the namespace has protection
   * information type 1 or 2, bits 31:0 of the starting LBA; else 0.
   */
  readonly refTag?: number;
  /** Logical Block Application Tag, 0..65,535. */
  readonly appTag?: number;
  /** Logical Block Application Tag Mask, 0..65,535: bits to check, or to write. */
  readonly appTagMask?: number;
  /** Storage Tag Check. */
  readonly storageTagCheck?: boolean;
}

/** Where the data of blocks is: one buffer, or several pieces that an SGL describes one after the other. */
export type IoBuffer = DmaBuffer | readonly (DmaBuffer | BitBucket)[];

/** Options of commands that transfer blocks. */
export interface IoOptions extends CommandOptions, LbaRange, ProtectionOptions {
  /** Force Unit Access. */
  readonly fua?: boolean;
  /** Limited Retry. */
  readonly limitedRetry?: boolean;
  /** Dataset Management field of cdw13, 0..255. */
  readonly dsm?: number;
  /** Metadata in a buffer of its own (MPTR), for namespaces that transfer it separately. */
  readonly metadata?: DmaBuffer;
  /** How the data is described to the controller. Default `prp`; with several buffers always `sgl`. */
  readonly pointers?: 'prp' | 'sgl';
  /** How the SGL is built. */
  readonly sgl?: SglOptions;
  /** Write only. Stream Identifier, 0..65,535: Directive Type 1 with it as Directive Specific. */
  readonly stream?: number;
}

/** Options of {@link Namespace.compareAndWrite}: of both commands, and of one of them. */
export interface FusedOptions extends IoOptions {
  /** Of Compare only. */
  readonly compare?: Partial<IoOptions>;
  /** Of Write only. */
  readonly write?: Partial<IoOptions>;
}

/** Options of {@link Namespace.verify}. */
export interface VerifyOptions extends CommandOptions, LbaRange, ProtectionOptions {
  /** Force Unit Access. */
  readonly fua?: boolean;
  /** Limited Retry. */
  readonly limitedRetry?: boolean;
}

/** Options of {@link Namespace.writeZeroes}. */
export interface WriteZeroesOptions extends CommandOptions, LbaRange, ProtectionOptions {
  /** Force Unit Access. */
  readonly fua?: boolean;
  /** Limited Retry. */
  readonly limitedRetry?: boolean;
  /** DEAC: the blocks may be deallocated. */
  readonly deallocate?: boolean;
}

/** Options of {@link Namespace.dsm}. */
export interface DsmOptions extends CommandOptions {
  /** Ranges in the buffer, 1..256. */
  readonly ranges: number;
  /** AD: the blocks may be deallocated. */
  readonly deallocate?: boolean;
  /** IDW: the ranges are written as a whole. */
  readonly integralWrite?: boolean;
  /** IDR: the ranges are read as a whole. */
  readonly integralRead?: boolean;
}

/** One source of {@link Namespace.copy}. */
export interface CopySource extends LbaRange {
  /**
   * Expected Initial Logical Block Reference Tag, 0..2^32-1; in format 1 with the storage tag above it, as large as both together have it,
   * up to 2^64-1. Default 0.
   */
  readonly refTag?: number | bigint;
  /** Expected Logical Block Application Tag, 0..65,535. */
  readonly appTag?: number;
  /** Expected Logical Block Application Tag Mask, 0..65,535. */
  readonly appTagMask?: number;
}

/** Options of {@link Namespace.copy}. */
export interface CopyOptions extends CommandOptions {
  /** Starting Destination LBA. */
  readonly slba: number | bigint;
  /** Force Unit Access. */
  readonly fua?: boolean;
  /** Limited Retry. */
  readonly limitedRetry?: boolean;
  /**
   * Descriptor Format, 0..15. Default 0: entries of 32 bytes, for 16-bit guards. 1: of 40 bytes, for 32-bit and 64-bit guards. The sources
   * are encoded as format 0 for any other.
   */
  readonly descriptorFormat?: number;
  /** Stream Identifier, 0..65,535: the Streams directive, which must be enabled. Default: none. */
  readonly stream?: number;
  /** Protection Information Field Read, 0..15. */
  readonly prinfoRead?: number;
  /** Protection Information Field Write, 0..15. */
  readonly prinfoWrite?: number;
  /** Initial Logical Block Reference Tag of the destination, 0..2^32-1. */
  readonly refTag?: number;
  /** Logical Block Application Tag of the destination, 0..65,535. */
  readonly appTag?: number;
  /** Its mask, 0..65,535. */
  readonly appTagMask?: number;
}
