import type { HolderKind } from './holders.ts';
import type { Machine } from './machine.ts';
import { type Opener, openersOf } from './openers.ts';

interface Mount {
  /** `259:2` */
  readonly number: string;
  readonly at: string;
  readonly source: string;
}

/** What the kernel tells of the use of block devices, read once. */
export interface BlockFacts {
  mountsOf(device: string): Promise<string[]>;
  isSwap(device: string): boolean;
  /** `part of the mounted btrfs "data"` */
  btrfsOf(device: string): string | undefined;
  zfsOf(device: string): Promise<string | undefined>;
  /** Devices made of it: `dm-0`, `md127`. */
  uppersOf(device: string): Promise<string[]>;
  describeUpper(device: string): Promise<{ readonly kind: HolderKind; readonly name: string }>;
  openers(devices: readonly string[]): Promise<Opener[]>;
}

const block = (device: string) => `/sys/class/block/${device}`;

export async function readBlockFacts(machine: Machine): Promise<BlockFacts> {
  const mounts = await readMounts(machine);
  const swaps = swapsOf((await machine.text('/proc/swaps')) ?? '');
  const btrfs = await readBtrfs(machine);
  return {
    mountsOf: async (device) => {
      const number = await machine.text(`${block(device)}/dev`);
      const own = mounts.filter((mount) => mount.number === number || mount.source === `/dev/${device}`);
      return [...new Set(own.map(({ at }) => at))];
    },
    isSwap: (device) => swaps.includes(device),
    btrfsOf: (device) => btrfs.get(device),
    zfsOf: async (device) => zfsOf(machine, device),
    uppersOf: (device) => machine.names(`${block(device)}/holders`),
    describeUpper: (device) => describeUpper(machine, device),
    openers: (devices) => openersOf(machine, devices),
  };
}

/** Of this process and of the first one: a container sees other mounts than its machine. */
async function readMounts(machine: Machine): Promise<Mount[]> {
  const own = (await machine.text('/proc/self/mountinfo')) ?? '';
  const first = await machine.text('/proc/1/mountinfo').catch(() => '');
  return [...mountsIn(own), ...mountsIn(first ?? '')];
}

function mountsIn(text: string): Mount[] {
  // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , number, , at] = before.split(' ');
    const [, source] = after.split(' ');
    return number && at && source ? [{ number, at: unescaped(at), source: unescaped(source) }] : [];
  });
}

function swapsOf(text: string): string[] {
  const lines = text.split('\n').slice(1);
  return lines.flatMap((line) => /^\/dev\/(\S+)/.exec(unescaped(line))?.[1] ?? []);
}

/** Blanks and the like stand in octal there. */
function unescaped(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** A file system over several devices is mounted by the name of one: the others are held all the same. */
async function readBtrfs(machine: Machine): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const uuid of await machine.names('/sys/fs/btrfs')) {
    const label = (await machine.text(`/sys/fs/btrfs/${uuid}/label`).catch(() => '')) || uuid;
    for (const device of await machine.names(`/sys/fs/btrfs/${uuid}/devices`)) {
      found.set(device, `part of the mounted btrfs "${label}"`);
    }
  }
  return found;
}

/** ZFS leaves no trace in sysfs: udev knows the label, and ZFS its imported pools. */
async function zfsOf(machine: Machine, device: string): Promise<string | undefined> {
  const properties = await udevProperties(machine, device);
  if (properties.get('ID_FS_TYPE') !== 'zfs_member') return undefined;
  const pool = properties.get('ID_FS_LABEL');
  const isImported = pool === undefined ? 'spl/kstat/zfs/arcstats' : `spl/kstat/zfs/${pool}`;
  if (!(await machine.has(`/proc/${isImported}`))) return undefined;
  return pool === undefined ? 'part of a ZFS pool' : `part of the ZFS pool "${pool}"`;
}

async function udevProperties(machine: Machine, device: string): Promise<Map<string, string>> {
  const number = await machine.text(`${block(device)}/dev`);
  const text = number === undefined ? '' : ((await machine.text(`/run/udev/data/b${number}`)) ?? '');
  return new Map([...text.matchAll(/^E:([^=]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
}

async function describeUpper(machine: Machine, device: string): Promise<{ kind: HolderKind; name: string }> {
  const mapped = await machine.text(`${block(device)}/dm/name`);
  if (mapped !== undefined) {
    const uuid = (await machine.text(`${block(device)}/dm/uuid`)) ?? '';
    if (uuid.startsWith('LVM-')) return { kind: 'LVM', name: `the LVM volume ${mapped}` };
    const what = uuid.startsWith('CRYPT-') ? 'the encrypted volume' : 'the device-mapper volume';
    return { kind: 'dm', name: `${what} ${mapped}` };
  }
  if (await machine.has(`${block(device)}/md`)) return { kind: 'md', name: `the RAID array ${device}` };
  return { kind: 'other', name: `the device ${device}` };
}

const contentNames: Readonly<Record<string, string>> = {
  LVM2_member: 'an LVM physical volume',
  linux_raid_member: 'a member of a RAID array',
  zfs_member: 'a member of a ZFS pool',
  crypto_LUKS: 'an encrypted volume',
};

/** What stands on a device that nobody holds: `ext4 "home"`; undefined when udev knows of nothing. */
export async function contentOf(machine: Machine, device: string): Promise<string | undefined> {
  const properties = await udevProperties(machine, device);
  const type = properties.get('ID_FS_TYPE');
  const label = properties.get('ID_FS_LABEL');
  if (type !== undefined) return `${contentNames[type] ?? type}${label ? ` "${label}"` : ''}`;
  return undefined;
}
