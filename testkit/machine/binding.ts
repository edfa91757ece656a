import { chown } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { forgetDrive, rememberDrive } from './boundDrives.ts';
import { lockHolder } from './controllerLock.ts';
import type { Machine } from './machine.ts';
import { capacityOf, type NvmeController, nvmeController, pciFolder } from './nvmeControllers.ts';
import { openersOf } from './openers.ts';
import { checkFree, checkGroup, claimAll, nameOf, overrideFile, ProtectionError } from './protection.ts';

export interface BindOptions {
  /** Who may open the controller afterwards. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Told of each step. */
  readonly tell: (step: string) => void;
  /** Milliseconds the kernel gets for a step; default 10,000. */
  readonly timeoutMs?: number;
}

const vfio = 'vfio-pci';
const stepMs = 10_000;
const pollMs = 20;

/**
 * Takes controllers from the kernel and gives them to vfio-pci, for one user. Everything is checked of all of them before anything is
 * touched. Ended at any point, a controller can be bound again, and given back.
 * @throws ProtectionError; Error when the kernel refuses, after giving back what was taken
 */
export async function bindToVfio(machine: Machine, addresses: readonly string[], options: BindOptions): Promise<void> {
  const controllers = await Promise.all(addresses.map((address) => nvmeController(machine, address)));
  for (const controller of controllers) {
    checkGroup(controller, addresses);
    if (controller.driver !== vfio) await checkFree(machine, controller);
  }
  if (!(await machine.has(`/sys/bus/pci/drivers/${vfio}`))) {
    throw new Error('The kernel module vfio-pci is not loaded. Load it first: sudo modprobe vfio-pci');
  }
  for (const controller of controllers) await bindOne(machine, controller, options);
  for (const { iommuGroup = '' } of controllers) await giveGroup(machine, iommuGroup, options);
}

async function bindOne(machine: Machine, controller: NvmeController, options: BindOptions): Promise<void> {
  const { address, driver } = controller;
  if (driver === vfio) return options.tell(`${nameOf(controller)} is bound to ${vfio} already.`);
  const claims = await claimAll(machine, controller);
  try {
    await changeDriver(machine, controller, { override: vfio, wanted: vfio, ...limit(options) });
    await rememberDrive(machine, controller, capacityOf(controller));
    options.tell(`${nameOf(controller)} is bound to ${vfio} now, taken from ${driver ?? 'no driver'}.`);
  } catch (error) {
    await claims.close();
    await giveBackOne(machine, await nvmeController(machine, address), options).catch(() => undefined);
    throw error;
  } finally {
    await claims.close();
  }
}

/** Gives controllers back to the kernel's nvme driver. @throws ProtectionError naming the process that still has one open */
export async function giveToKernel(
  machine: Machine,
  addresses: readonly string[],
  options: Omit<BindOptions, 'owner'>,
): Promise<void> {
  const controllers = await Promise.all(addresses.map((address) => nvmeController(machine, address)));
  for (const controller of controllers) await checkUnused(machine, controller);
  for (const controller of controllers) await giveBackOne(machine, controller, options);
}

async function giveBackOne(machine: Machine, controller: NvmeController, options: Omit<BindOptions, 'owner'>) {
  if (controller.driver === 'nvme') {
    await clearOverride(machine, controller);
    return options.tell(`${nameOf(controller)} is with the kernel already.`);
  }
  await changeDriver(machine, controller, { override: '\n', wanted: 'nvme', ...limit(options) });
  await forgetDrive(machine, controller);
  const { name } = await nvmeController(machine, controller.address);
  options.tell(`${controller.address} is with the kernel's nvme driver again${name ? `, as ${name}` : ''}.`);
}

/** Left by a binding that ended before it took the controller: the next probe would. */
async function clearOverride(machine: Machine, { address }: NvmeController): Promise<void> {
  if ((await machine.text(overrideFile(address))) === vfio) await machine.write(overrideFile(address), '\n');
}

/** Unbinding waits for whoever has it open: nobody may. */
async function checkUnused(machine: Machine, controller: NvmeController): Promise<void> {
  const pid = machine.isReal ? await lockHolder(controller.address) : undefined;
  const group = controller.iommuGroup === undefined ? [] : [`vfio/${controller.iommuGroup}`];
  const [opener] = pid === undefined ? await openersOf(machine, group) : [];
  const holder =
    pid === undefined ? opener?.by : `used by the driver host ${pid === 0 ? '' : `with pid ${pid}`}`.trim();
  if (holder === undefined) return;
  throw new ProtectionError(
    'CONTROLLER_IN_USE',
    `${nameOf(controller)} is ${holder}. End that first, then give the controller back.`,
  );
}

interface Change {
  readonly override: string;
  readonly wanted: string;
  readonly timeoutMs: number;
}

/** The order that is safe to stop anywhere: with its override set, whoever probes next gets the device. */
async function changeDriver(machine: Machine, { address, driver }: NvmeController, change: Change): Promise<void> {
  const { override, wanted, timeoutMs } = change;
  const step = async (file: string, word: string) => {
    const written = machine.write(file, word).then(() => true);
    if (await Promise.race([written, delay(timeoutMs, false, { ref: false })])) return;
    throw new Error(
      `The kernel did not take "${word.trim()}" in ${file} within ${timeoutMs} ms: something still uses the device.`,
    );
  };
  await step(overrideFile(address), override);
  if (driver !== undefined) await step(`${pciFolder(address)}/driver/unbind`, address);
  await step('/sys/bus/pci/drivers_probe', address);
  const isBound = () => machine.linkName(`${pciFolder(address)}/driver`).then((now) => now === wanted);
  if (await happens(isBound, timeoutMs)) return;
  throw new Error(
    `The kernel did not bind ${address} to ${wanted}. Its reason is in the kernel log: sudo dmesg | grep ${address}` +
      (wanted === 'nvme' ? '. If its driver is a module: sudo modprobe nvme' : ''),
  );
}

/** The group's file appears a moment after the driver took the device. */
async function giveGroup(machine: Machine, group: string, options: BindOptions): Promise<void> {
  const { owner } = options;
  const file = `/dev/vfio/${group}`;
  if (!(await happens(() => machine.has(file), limit(options).timeoutMs))) throw new Error(`There is no ${file}.`);
  await chown(machine.path(file), owner.uid, owner.gid);
  options.tell(`${file} belongs to user ${owner.uid} now.`);
}

async function happens(what: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!(await what())) {
    if (performance.now() > deadline) return false;
    await delay(pollMs);
  }
  return true;
}

function limit({ timeoutMs = stepMs }: Pick<BindOptions, 'timeoutMs'>) {
  return { timeoutMs };
}
