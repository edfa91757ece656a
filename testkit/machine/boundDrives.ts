import type { Machine } from './machine.ts';
import type { NvmeController } from './nvmeControllers.ts';

/**
 * What the kernel knew of a controller before it was bound to vfio-pci, so that a person still sees which drive it is. Bindings do not
 * outlive a start of the machine, and neither does `/run`. Words for people only: who may be written to, the drive itself is asked.
 */
const fileOf = (address: string) => `/run/doorbell/${address}.json`;

interface Known {
  readonly ids: string;
  readonly model: string;
  readonly serial: string;
  readonly bytes: string;
}

export async function rememberDrive(machine: Machine, controller: NvmeController, bytes: bigint): Promise<void> {
  const { address, ids, model, serial } = controller;
  if (model === undefined || serial === undefined) return;
  const known: Known = { ids, model, serial, bytes: String(bytes) };
  // Without it the drive is bound all the same.
  await machine.save(fileOf(address), JSON.stringify(known)).catch(() => undefined);
}

export async function forgetDrive(machine: Machine, { address }: NvmeController): Promise<void> {
  await machine.erase(fileOf(address)).catch(() => undefined);
}

/** Undefined also when another device is in that slot now. */
export async function recallDrive(
  machine: Machine,
  controller: Pick<NvmeController, 'address' | 'ids'>,
): Promise<{ model: string; serial: string; bytes: bigint } | undefined> {
  try {
    const { ids, model, serial, bytes } = JSON.parse((await machine.text(fileOf(controller.address))) ?? '{}') as Known;
    return ids === controller.ids ? { model, serial, bytes: BigInt(bytes) } : undefined;
  } catch {
    // Somebody else's words: then the drive goes by its PCI ids.
    return undefined;
  }
}
