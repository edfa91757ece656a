import type { CommandOptions } from '../command.ts';
import type { DmaBuffer } from '../dmaBuffer.ts';

/** Fields of the Identify command (NVMe Base 2.0, "Identify command"). What is left out is 0. */
export interface IdentifyOptions extends CommandOptions {
  /** Controller or Namespace Structure, 0..255. */
  readonly cns: number;
  /** Namespace Identifier. */
  readonly nsid?: number;
  /** Controller Identifier, 0..65,535. */
  readonly cntid?: number;
  /** CNS Specific Identifier, 0..65,535. */
  readonly cnsSpecific?: number;
  /** Command Set Identifier, 0..255. */
  readonly csi?: number;
  /** UUID Index, 0..127. */
  readonly uuidIndex?: number;
}

/** Fields of the Get Features command (NVMe Base 2.0, "Get Features command"). */
export interface GetFeaturesOptions extends CommandOptions {
  /** Which value. Default `current`. */
  readonly select?: 'current' | 'default' | 'saved' | 'supported';
  /** Feature specific. */
  readonly cdw11?: number;
  /** Namespace Identifier, for features of a namespace. Default 0. */
  readonly nsid?: number;
  /** UUID Index, 0..127. */
  readonly uuidIndex?: number;
  /** For features with a data structure. */
  readonly buffer?: DmaBuffer;
}

/** Fields of the Set Features command (NVMe Base 2.0, "Set Features command"). */
export interface SetFeaturesOptions extends CommandOptions {
  /** Keep the value over power cycles and resets. */
  readonly save?: boolean;
  /** Namespace Identifier, for features of a namespace. Default 0. */
  readonly nsid?: number;
  /** Feature specific. */
  readonly cdw12?: number;
  /** Feature specific. */
  readonly cdw13?: number;
  /** The whole dword, in the place of `uuidIndex`. */
  readonly cdw14?: number;
  /** Feature specific. */
  readonly cdw15?: number;
  /** UUID Index, 0..127. */
  readonly uuidIndex?: number;
  /** For features with a data structure. */
  readonly buffer?: DmaBuffer;
}

/** Fields of the Get Log Page command (NVMe Base 2.0, "Get Log Page command"). */
export interface LogPageOptions extends CommandOptions {
  /** Bytes to transfer, a multiple of 4. Default: the buffer. */
  readonly length?: number;
  /** Byte of the log page to start at, a multiple of 4; with `offsetIsIndex` an entry's index. */
  readonly offset?: number | bigint;
  /** Offset Type: `offset` is the index of an entry of the page. */
  readonly offsetIsIndex?: boolean;
  /** Log Specific Field, 0..127. */
  readonly lsp?: number;
  /** Log Specific Identifier, 0..65,535. */
  readonly lsi?: number;
  /** Retain Asynchronous Event: leave the event of this log page pending. */
  readonly rae?: boolean;
  /** Default FFFFFFFFh: the controller's. */
  readonly nsid?: number;
  /** UUID Index, 0..127. */
  readonly uuidIndex?: number;
  /** Command Set Identifier, 0..255. */
  readonly csi?: number;
}
