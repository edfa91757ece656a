import { sizeText } from './nvmeControllers.ts';
import { shellWord } from './shell.ts';

/** Which drive it is, as it says itself. */
export interface DriveIdentity {
  /** Address of its controller. */
  readonly address: string;
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
  /** Total NVM capacity, else the sum of the namespaces. */
  readonly bytes: bigint;
}

/** `0000:3d:00.0, Samsung SSD 980 PRO, serial S5GX, 1.0 TB` */
export function driveText({ address, model, serial, bytes }: DriveIdentity): string {
  return [address, model, `serial ${serial}`, sizeText(bytes)].filter(Boolean).join(', ');
}

/** Tests may write to it only after somebody said so; the message is for the user. */
export class DriveNotAllowedError extends Error {
  override readonly name = 'DriveNotAllowedError';
  readonly code = 'DRIVE_NOT_ALLOWED';

  constructor(readonly drive: DriveIdentity) {
    super(
      `Nobody has allowed tests on this drive yet: ${driveText(drive)}. Tests write to it. If its data may be lost, run with ` +
        `--allow-drive ${shellWord(drive.serial)}, or answer the question VS Code asks before the first run.`,
    );
  }
}
