import type { CommandOptions } from '../command.ts';
import type { WaitOptions } from '../progress.ts';

/** Fields of the Format NVM command (NVMe Base 2.0, "Format NVM command"). */
export interface FormatOptions extends CommandOptions, WaitOptions {
  /** Namespace Identifier; FFFFFFFFh = all. Default 1. */
  readonly nsid?: number;
  /** Index of the LBA format, 0..63. Default 0. */
  readonly lbaf?: number;
  /** Metadata Settings: metadata is transferred at the end of each block (`extended`) or from a buffer of its own. Default `separate`. */
  readonly metadata?: 'separate' | 'extended';
  /** Protection Information: 0 none, 1, 2 or 3 its type; any value of 0..7 reaches the device. Default 0. */
  readonly pi?: number;
  /** Protection Information Location: the first bytes of the metadata instead of the last ones. */
  readonly piFirst?: boolean;
  /** Secure Erase Settings. Default `none`. Other values by number, 0..7. */
  readonly secureErase?: 'none' | 'user-data' | 'crypto' | number;
}

/** What a sanitize operation does. */
export type SanitizeAction = 'exit-failure-mode' | 'block-erase' | 'overwrite' | 'crypto-erase';

/** Fields of the Sanitize command (NVMe Base 2.0, "Sanitize command"). */
export interface SanitizeOptions extends CommandOptions, WaitOptions {
  /** Sanitize Action; other values by number, 0..7. */
  readonly action: SanitizeAction | number;
  /** Allow Unrestricted Sanitize Exit. */
  readonly allowUnrestrictedExit?: boolean;
  /** Overwrite Pass Count, 1..16. Default 1. */
  readonly passes?: number;
  /** Overwrite Invert Pattern Between Passes. */
  readonly invertPattern?: boolean;
  /** No-Deallocate After Sanitize. */
  readonly noDeallocate?: boolean;
  /** Overwrite Pattern, a dword. Default 0. */
  readonly pattern?: number;
  /** False returns when the command completed, while the operation goes on. Default true. */
  readonly wait?: boolean;
}

/** Fields of the Device Self-test command (NVMe Base 2.0, "Device Self-test command"). */
export interface SelfTestOptions extends CommandOptions, WaitOptions {
  /** Namespaces to include: FFFFFFFFh all (the default), 0 none. */
  readonly nsid?: number;
  /** False returns when the command completed, while the operation goes on. Default true. */
  readonly wait?: boolean;
}

/** Fields of the Firmware Commit command (NVMe Base 2.0, "Firmware Commit command"). */
export interface FirmwareCommitOptions extends CommandOptions {
  /**
   * Commit Action: 0 replace the image, 1 replace it and activate at the next Controller Level Reset, 2 activate the existing image
   * then, 3 activate immediately, 6 replace a boot partition, 7 mark it active.
   */
  readonly action: number;
  /** Firmware Slot, 0..7; 0 = the controller chooses. Default 0. */
  readonly slot?: number;
  /** Boot Partition ID, 0 or 1. */
  readonly bootPartition?: number;
}

/** How `downloadFirmware` sends an image. */
export interface DownloadOptions extends CommandOptions {
  /** Bytes a command, a multiple of 4. Default: as many as MDTS and FWUG allow, at most 32,768. */
  readonly chunkBytes?: number;
  /** Called after every command. */
  readonly onProgress?: (percent: number) => void;
}
