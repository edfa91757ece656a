import { type BlockFacts, readBlockFacts } from './blockFacts.ts';
import type { Machine } from './machine.ts';
import type { NvmeController } from './nvmeControllers.ts';

export type HolderKind = 'mounted' | 'swap' | 'LVM' | 'md' | 'dm' | 'ZFS' | 'btrfs' | 'open' | 'other';

/** Who has something of a drive, and as what. */
export interface Holder {
  /** `nvme0n1p2`, or the character device `nvme0`. */
  readonly device: string;
  readonly kind: HolderKind;
  /** `mounted at /home`; follows the device's name in a sentence. */
  readonly by: string;
}

/** Everything that holds a namespace or a partition of a controller. */
export async function holdersOf(machine: Machine, controller: NvmeController): Promise<Holder[]> {
  if (controller.namespaces.length === 0 && controller.name === undefined) return [];
  const facts = await readBlockFacts(machine);
  const devices = controller.namespaces.flatMap(({ name, partitions }) => [name, ...partitions]);
  const held: Holder[] = [];
  for (const device of devices) held.push(...(await holdersOfDevice(device, facts)));
  const characters = controller.namespaces.map(({ name }) => name.replace('nvme', 'ng'));
  const opened = await facts.openers([...devices, ...characters, ...(controller.name ? [controller.name] : [])]);
  // A file system that is mounted, an array that runs: told already, and no process has the device open for them.
  return [...held, ...opened.map(({ device, by }) => ({ device, kind: 'open' as const, by }))];
}

async function holdersOfDevice(device: string, facts: BlockFacts): Promise<Holder[]> {
  const direct: Holder[] = [];
  const add = (kind: HolderKind, by: string | undefined) => by !== undefined && direct.push({ device, kind, by });
  const mounts = await facts.mountsOf(device);
  add('mounted', mounts.length > 0 ? `mounted at ${mounts.join(', ')}` : undefined);
  add('swap', facts.isSwap(device) ? 'in use as swap' : undefined);
  add('btrfs', facts.btrfsOf(device));
  add('ZFS', await facts.zfsOf(device));
  for (const upper of await facts.uppersOf(device)) {
    const { kind, name } = await facts.describeUpper(upper);
    const uses = await holdersOfDevice(upper, facts);
    const use = uses.map(({ by }) => by).join('; ');
    direct.push({ device, kind, by: `part of ${name}${use && `, ${use}`}` });
  }
  return direct;
}
