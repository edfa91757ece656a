import { recallDrive } from './boundDrives.ts';
import type { Machine } from './machine.ts';

/** Another PCI function that VFIO takes together with a controller. */
export interface GroupMember {
  readonly address: string;
  readonly driver: string | undefined;
  /** Its class code, e.g. `0x060400` of a bridge. */
  readonly classCode: string;
}

/** A namespace as the kernel shows it. */
export interface KernelNamespace {
  /** `nvme0n1` */
  readonly name: string;
  readonly bytes: bigint;
  /** `nvme0n1p1`, ... */
  readonly partitions: readonly string[];
}

/** An NVMe controller on the PCI bus, as sysfs has it. */
export interface NvmeController {
  /** `0000:3d:00.0` */
  readonly address: string;
  /** Driver it is bound to: `nvme`, `vfio-pci`, ... */
  readonly driver: string | undefined;
  readonly iommuGroup: string | undefined;
  /** The other functions of its IOMMU group. */
  readonly group: readonly GroupMember[];
  /** `nvme0`, while the kernel drives it. */
  readonly name: string | undefined;
  readonly model: string | undefined;
  readonly serial: string | undefined;
  readonly firmware: string | undefined;
  /** `144d:a80a` */
  readonly ids: string;
  readonly namespaces: readonly KernelNamespace[];
  /** Of its namespaces, before it was bound. */
  readonly bytesBefore: bigint | undefined;
}

const devices = '/sys/bus/pci/devices';
/** Class codes of mass storage, Non-Volatile Memory (PCI Code and ID Assignment Specification). */
const nvmeClass = /^0x0108/;
const sectorBytes = 512n;

export const pciFolder = (address: string) => `${devices}/${address}`;

/** Every NVMe controller of the machine, by address. */
export async function nvmeControllers(machine: Machine): Promise<NvmeController[]> {
  const found: NvmeController[] = [];
  for (const address of await machine.names(devices)) {
    if (nvmeClass.test((await machine.text(`${pciFolder(address)}/class`)) ?? '')) {
      found.push(await readController(machine, address));
    }
  }
  return found;
}

/** @throws Error `NO_CONTROLLER` when nothing is there, or something else than an NVMe controller */
export async function nvmeController(machine: Machine, address: string): Promise<NvmeController> {
  const code = await machine.text(`${pciFolder(address)}/class`);
  if (code !== undefined && nvmeClass.test(code)) return readController(machine, address);
  const fact = code === undefined ? 'There is no PCI function' : 'There is no NVMe controller but another device at';
  const present = (await nvmeControllers(machine)).map((one) => one.address).join(', ') || 'none';
  const about = code === undefined ? '' : ` (class ${code})`;
  throw Object.assign(new Error(`${fact} ${address}${about}. NVMe controllers of this machine: ${present}.`), {
    code: 'NO_CONTROLLER',
  });
}

async function readController(machine: Machine, address: string): Promise<NvmeController> {
  const folder = pciFolder(address);
  const id = async (file: string) => (await machine.text(`${folder}/${file}`))?.replace(/^0x/, '') ?? '????';
  const name = (await machine.names(`${folder}/nvme`)).find((each) => /^nvme\d+$/.test(each));
  const fact = async (file: string) => (name ? machine.text(`${folder}/nvme/${name}/${file}`) : undefined);
  const iommuGroup = await machine.linkName(`${folder}/iommu_group`);
  const ids = `${await id('vendor')}:${await id('device')}`;
  // Bound to vfio-pci nobody tells them: then as they were.
  const before = name === undefined ? await recallDrive(machine, { address, ids }) : undefined;
  return {
    address,
    driver: await machine.linkName(`${folder}/driver`),
    iommuGroup,
    group: iommuGroup === undefined ? [] : await groupMembers(machine, iommuGroup, address),
    name,
    model: (await fact('model')) ?? before?.model,
    serial: (await fact('serial')) ?? before?.serial,
    firmware: await fact('firmware_rev'),
    ids,
    bytesBefore: before?.bytes,
    namespaces: name ? await namespaces(machine, `${folder}/nvme/${name}`) : [],
  };
}

async function groupMembers(machine: Machine, group: string, but: string): Promise<GroupMember[]> {
  const members = await machine.names(`/sys/kernel/iommu_groups/${group}/devices`);
  return Promise.all(
    members
      .filter((address) => address !== but)
      .map(async (address) => ({
        address,
        driver: await machine.linkName(`${pciFolder(address)}/driver`),
        classCode: (await machine.text(`${pciFolder(address)}/class`)) ?? '',
      })),
  );
}

async function namespaces(machine: Machine, folder: string): Promise<KernelNamespace[]> {
  // With native multipath the controller has a hidden path, nvme0c1n1; the block device that is mounted is nvme0n1.
  const names = (await machine.names(folder))
    .filter((name) => /^nvme\d+(c\d+)?n\d+$/.test(name))
    .map((name) => name.replace(/c\d+n/, 'n'));
  return Promise.all(
    [...new Set(names)].map(async (name) => ({
      name,
      bytes: BigInt((await machine.text(`/sys/class/block/${name}/size`)) ?? 0) * sectorBytes,
      partitions: (await machine.names(`/sys/class/block/${name}`)).filter((child) =>
        new RegExp(`^${name}p\\d+$`).test(child),
      ),
    })),
  );
}

/** `1.9 TB`, as drives are sold. */
export function sizeText(bytes: bigint): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = Number(bytes);
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Bytes of all its namespaces. */
export function capacityOf({ namespaces: all, bytesBefore = 0n }: NvmeController): bigint {
  return all.reduce((sum, { bytes }) => sum + bytes, 0n) || bytesBefore;
}
