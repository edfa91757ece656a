import { isDrive, parseAddress } from '../machine/address.ts';
import { DriveNotAllowedError } from '../machine/drive.ts';
import { Controller } from '../objects/controller.ts';
import { identityOf } from '../objects/driveGate.ts';
import type { FoundDrive } from '../protocol.ts';

/** Asks each drive which one it is. Reads only: a drive that is not allowed is closed again at once. */
export async function findDrives(addresses: readonly string[]): Promise<FoundDrive[]> {
  const found: FoundDrive[] = [];
  for (const address of addresses) if (isDrive(parseAddress(address))) found.push(await findDrive(address));
  return found;
}

async function findDrive(address: string): Promise<FoundDrive> {
  try {
    await using controller = await Controller.open(address);
    return { ...identityOf(controller), allowed: true };
  } catch (error) {
    if (error instanceof DriveNotAllowedError) return { ...error.drive, allowed: false };
    throw error;
  }
}
