import { createServer } from 'node:net';
import { Machine } from './machine.ts';
import { ProtectionError } from './protection.ts';

/**
 * A name in the kernel's abstract socket space: one process at a time has it, and it is gone with that process, however it ends.
 * There is no file that could be left over.
 */
const nameOfLock = (address: string) => `doorbell-${address}`.padEnd(nameBytes, '.');

/** All there are, besides the zero in front: versions of Node.js differ in whether they add zeros to a shorter name. */
const nameBytes = 107;

export interface ControllerLock {
  release(): Promise<void>;
}

/** @throws ProtectionError `CONTROLLER_IN_USE` naming the process that has the controller */
export async function lockController(address: string): Promise<ControllerLock> {
  const server = createServer((socket) => socket.destroy());
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(`\0${nameOfLock(address)}`, resolve);
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const pid = await lockHolder(address);
    throw new ProtectionError(
      'CONTROLLER_IN_USE',
      `The controller ${address} is in use by ${pid ? `the driver host with pid ${pid}` : 'another driver host'}. Stop it first (NVMe: Stop Driver Host).`,
    );
  }
  // It is no reason for the process to live.
  server.unref();
  return { release: () => new Promise((resolve) => void server.close(() => resolve())) };
}

/** The process that has the lock; 0 when it is another user's, undefined when nobody has it. */
export async function lockHolder(address: string): Promise<number | undefined> {
  const machine = new Machine('/');
  const sockets = (await machine.text('/proc/net/unix')) ?? '';
  const line = sockets.split('\n').find((each) => each.endsWith(` @${nameOfLock(address)}`));
  if (line === undefined) return undefined;
  const socket = `socket:[${line.trim().split(/\s+/)[6]}]`;
  for (const pid of await machine.names('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const descriptor of await machine.names(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await machine.link(`/proc/${pid}/fd/${descriptor}`).catch(() => undefined);
      if (target === socket) return Number(pid);
    }
  }
  return 0;
}
