import { type ChildProcess, fork } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { HostEnv } from '../protocol.ts';
import type { HostOptions } from './hostOptions.ts';

const drainMs = 500;

/** Stdin, stdout, stderr, IPC, and as descriptor 4 the telemetry channel. */
export function forkHost(options: HostOptions, evidenceFile: string): ChildProcess {
  const env = {
    ...process.env,
    ...options.env,
    ELECTRON_RUN_AS_NODE: '1',
    [HostEnv.evidence]: evidenceFile,
    [HostEnv.logs]: options.logFolder,
    ...(options.addonPath && { [HostEnv.addon]: options.addonPath }),
  };
  return fork(options.hostPath, [], {
    serialization: 'advanced',
    stdio: ['pipe', 'pipe', 'pipe', 'ipc', 'pipe'],
    // Whoever may attach a debugger gets its secret address from `openInspector`, not from a port anybody here can ask.
    execArgv: ['--inspect-publish-uid=stderr', ...(options.execArgv ?? [])],
    env,
    ...(options.cwd && { cwd: options.cwd }),
    ...(options.execPath && { execPath: options.execPath }),
  });
}

/** What the host wrote before its end is still on the way; a grandchild that holds a pipe open is not waited for. */
export async function drained(child: ChildProcess): Promise<void> {
  const open = child.stdio.filter((stream) => stream !== null && stream !== undefined && !stream.closed);
  const ends = open.map((stream) => happened(stream, 'close'));
  // A disconnect of ours has no event of the other side; one of the host's follows its last message.
  if (child.connected) ends.push(happened(child, 'disconnect'));
  await Promise.race([Promise.all(ends), delay(drainMs, undefined, { ref: false })]);
}

/** Unlike `events.once` it does not mind errors: a broken pipe is closed as well. */
function happened(emitter: EventEmitter | null | undefined, event: string): Promise<void> {
  return new Promise((resolve) => {
    if (emitter) emitter.once(event, () => resolve());
    else resolve();
  });
}
