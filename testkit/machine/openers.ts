import type { Machine } from './machine.ts';

/** A process that has a device open. */
export interface Opener {
  readonly device: string;
  readonly pid: number;
  /** `open in smartd (pid 612)`; follows the device's name in a sentence. */
  readonly by: string;
}

/** Processes that have one of these files of `/dev` open, as far as this user may see. */
export async function openersOf(machine: Machine, devices: readonly string[]): Promise<Opener[]> {
  const files = new Map(devices.map((device) => [`/dev/${device}`, device]));
  const pids = (await machine.names('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(pids.map((pid) => openedBy(machine, pid, files)));
  return found.flat();
}

async function openedBy(machine: Machine, pid: string, files: ReadonlyMap<string, string>): Promise<Opener[]> {
  const opened = new Set<string>();
  // Another user's process does not show its files; what it holds for itself alone, the exclusive claim tells.
  for (const descriptor of await machine.names(`/proc/${pid}/fd`).catch(() => [])) {
    const target = await machine.link(`/proc/${pid}/fd/${descriptor}`).catch(() => undefined);
    const device = target === undefined ? undefined : files.get(target);
    if (device !== undefined) opened.add(device);
  }
  if (opened.size === 0) return [];
  const command = (await machine.text(`/proc/${pid}/comm`)) ?? 'a process';
  return [...opened].map((device) => ({ device, pid: Number(pid), by: `open in ${command} (pid ${pid})` }));
}
