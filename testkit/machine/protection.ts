import { type Holder, holdersOf } from './holders.ts';
import type { Exclusive, Machine } from './machine.ts';
import { type GroupMember, type NvmeController, pciFolder } from './nvmeControllers.ts';

export type ProtectionCode = 'DRIVE_HELD' | 'GROUP_HELD' | 'NO_IOMMU' | 'NOT_ROOT' | 'CONTROLLER_IN_USE' | 'NOT_BOUND';

/** A drive is left alone; the message is for the user and says who needs it, or what is missing. */
export class ProtectionError extends Error {
  override readonly name = 'ProtectionError';

  constructor(
    readonly code: ProtectionCode,
    message: string,
  ) {
    super(message);
  }
}

/** `0000:3d:00.0 (Samsung SSD 980 PRO, serial S5GX)` */
export function nameOf({ address, model, serial }: NvmeController): string {
  const known = [model, serial && `serial ${serial}`].filter(Boolean).join(', ');
  return known ? `${address} (${known})` : address;
}

export function holdersText(holders: readonly Holder[]): string {
  return holders.map(({ device, by }) => `${device} is ${by}`).join('; ');
}

/** @throws ProtectionError when something of it is in use: mounted, swap, part of a volume, open */
export async function checkFree(machine: Machine, controller: NvmeController): Promise<void> {
  const holders = await holdersOf(machine, controller);
  if (holders.length > 0) throw held(controller, holdersText(holders));
}

function held(controller: NvmeController, fact: string): ProtectionError {
  return new ProtectionError(
    'DRIVE_HELD',
    `${nameOf(controller)} is in use: ${fact}. Doorbell leaves it alone. If its data may go, unmount or detach all of that first.`,
  );
}

/**
 * Claims every namespace for ourselves, so that nothing can be mounted while the kernel loses the controller. A claim that is refused
 * tells of holders that sysfs does not show, ZFS among them.
 * @throws ProtectionError naming the device
 */
export async function claimAll(machine: Machine, controller: NvmeController): Promise<{ close: () => Promise<void> }> {
  const claims: Extract<Exclusive, { close: unknown }>[] = [];
  const close = async () => {
    for (const claim of claims.splice(0)) await claim.close();
  };
  try {
    for (const { name, partitions } of controller.namespaces) {
      // The partitions first, one by one: the namespace as a whole could not say which of them is taken.
      for (const partition of partitions) await (await claimOne(machine, controller, partition)).close();
      claims.push(await claimOne(machine, controller, name));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

async function claimOne(machine: Machine, controller: NvmeController, device: string) {
  const claim = await machine.claim(device);
  if ('close' in claim) return claim;
  if (claim.refused === 'EBUSY') {
    throw held(controller, `the kernel has ${device} in exclusive use (a file system, a volume or a pool)`);
  }
  if (claim.refused === 'EACCES' || claim.refused === 'EPERM') {
    throw new ProtectionError('NOT_ROOT', `Only root may ask whether ${device} of ${nameOf(controller)} is in use.`);
  }
  throw held(controller, `whether ${device} is free could not be found out (${claim.refused} from /dev/${device})`);
}

/** Drivers that VFIO tolerates in a group: its own, and those of bridges and stubs, which do no DMA for anybody. */
const harmless = new Set(['vfio-pci', 'pcieport', 'pci-stub']);
const bridgeClass = /^0x0604/;

/** Functions of the IOMMU group that somebody else drives: VFIO takes a group as a whole or not at all. */
export function groupHolders(controller: NvmeController, also: readonly string[] = []): GroupMember[] {
  return controller.group.filter(
    ({ address, driver, classCode }) =>
      driver !== undefined && !harmless.has(driver) && !bridgeClass.test(classCode) && !also.includes(address),
  );
}

/** @throws ProtectionError listing the others: none of them is ever unbound by us */
export function checkGroup(controller: NvmeController, also: readonly string[]): void {
  if (controller.iommuGroup === undefined) {
    throw new ProtectionError(
      'NO_IOMMU',
      `${nameOf(controller)} is behind no IOMMU, without which nothing keeps its DMA to the memory of a test. ` +
        'Switch it on in the firmware set-up (VT-d, AMD-Vi) and on the kernel command line; `doorbell doctor` says how.',
    );
  }
  const others = groupHolders(controller, also);
  if (others.length === 0) return;
  const list = others.map(({ address, driver }) => `${address} (driver ${driver})`).join(', ');
  throw new ProtectionError(
    'GROUP_HELD',
    `${nameOf(controller)} shares IOMMU group ${controller.iommuGroup} with ${list}, and VFIO takes a group as a whole. Doorbell never ` +
      'takes another device from its driver unasked: name NVMe controllers among them in the same command, unbind the others yourself, ' +
      'or use a slot with a group of its own.',
  );
}

/**
 * Whether a driver host may open a PCIe controller: it must be out of the kernel's hands.
 * @throws ProtectionError naming who has it
 */
export async function checkReleased(machine: Machine, controller: NvmeController): Promise<void> {
  if (controller.driver !== undefined && controller.driver !== 'nvme') return;
  await checkFree(machine, controller);
  const fact =
    controller.driver === undefined ? 'is bound to no driver' : "is in the hands of the kernel's nvme driver";
  throw new ProtectionError(
    'NOT_BOUND',
    `${nameOf(controller)} ${fact}. Bind it to vfio-pci: NVMe: Bind Controller to VFIO in VS Code, or \`doorbell bind ${controller.address}\`.`,
  );
}

export const overrideFile = (address: string) => `${pciFolder(address)}/driver_override`;
