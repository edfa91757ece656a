/** Between an address and the device there: what belongs to somebody else, or was not allowed, is not touched. */
import { type ControllerAddress, checkPlatform, isDrive, parseAddress } from '../machine/address.ts';
import { type ControllerLock, lockController } from '../machine/controllerLock.ts';
import { type DriveIdentity, DriveNotAllowedError } from '../machine/drive.ts';
import { Machine } from '../machine/machine.ts';
import { nvmeController } from '../machine/nvmeControllers.ts';
import { checkReleased } from '../machine/protection.ts';
import type { NativeAddon, NativeController } from '../nativeSurface.ts';
import type { IdentifyController } from './identify.ts';

/** Serial numbers; in the environment, so that the threads of a host have them too. */
const variable = 'DOORBELL_ALLOWED_DRIVES';

/** A device that passed the gate. */
export interface Admitted {
  readonly native: NativeController;
  /** Nobody may use it before {@link checkAllowed}. */
  readonly isDrive: boolean;
  readonly lock: ControllerLock | undefined;
}

interface Asked {
  readonly address: string;
  readonly identifyData: Pick<IdentifyController, 'model' | 'serial' | 'firmware' | 'tnvmcap'>;
  readonly namespaces: readonly { readonly nsze: bigint; readonly lbaBytes: number }[];
}

/** Opens what an address names. @throws AddressError, ProtectionError, and what the driver throws */
export async function admit(address: string, addon: NativeAddon): Promise<Admitted> {
  const where = parseAddress(address);
  checkPlatform(where, addon.platforms);
  const lock = await takeFromOthers(where);
  try {
    return { native: await addon.openController(where.text), isDrive: isDrive(where), lock };
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

/** A PCIe controller for this process alone, out of the kernel's hands. */
async function takeFromOthers(where: ControllerAddress): Promise<ControllerLock | undefined> {
  if (where.kind !== 'pcie') return undefined;
  const machine = new Machine();
  if (!machine.isReal) throw new Error(`${where.bdf} is of the machine in ${machine.root}: there is no drive to open.`);
  await checkReleased(machine, await nvmeController(machine, where.bdf));
  return lockController(where.bdf);
}

/** What an initialised controller says of itself. */
export function identityOf({ address, identifyData, namespaces }: Asked): DriveIdentity {
  const { model, serial, firmware, tnvmcap } = identifyData;
  const used = namespaces.reduce((sum, { nsze, lbaBytes }) => sum + nsze * BigInt(lbaBytes), 0n);
  return { address, model, serial, firmware, bytes: tnvmcap > 0n ? tnvmcap : used };
}

/** @throws DriveNotAllowedError for a drive that was not allowed by its serial number */
export function checkAllowed(drive: DriveIdentity): void {
  if (!allowedDrives().includes(drive.serial)) throw new DriveNotAllowedError(drive);
}

/** For the driver host: the drives the user has allowed tests on. */
export function allowDrives(serials: readonly string[]): void {
  process.env[variable] = JSON.stringify(serials);
}

function allowedDrives(): readonly string[] {
  const value: unknown = JSON.parse(process.env[variable] ?? '[]');
  return Array.isArray(value) ? value : [];
}
