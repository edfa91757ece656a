/** Live NVMe tracepoints of this machine: switched on while a recording runs, and back afterwards. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { readPipe } from './pipe.ts';

/** The block event supplies what `nvme_setup_cmd` leaves out: the ranges of Dataset Management. */
const events = ['nvme/nvme_setup_cmd', 'nvme/nvme_complete_rq', 'block/block_rq_issue'];

/** What is missing, and how to get it. */
export class TracefsError extends Error {
  override readonly name = 'TracefsError';
}

export class Tracefs {
  #stopped = false;

  private constructor(
    readonly stream: Readable,
    private readonly before: readonly (readonly [file: string, value: string])[],
  ) {}

  /** @throws TracefsError */
  static start(folder: string): Tracefs {
    if (!existsSync(join(folder, 'trace_pipe'))) {
      throw new TracefsError(`${folder} is no tracefs. Mount it: mount -t tracefs nodev /sys/kernel/tracing`);
    }
    const before: [string, string][] = [];
    try {
      for (const event of events) before.push(enable(join(folder, 'events', event, 'enable')));
      before.push(enable(join(folder, 'tracing_on')));
    } catch (error) {
      restore(before);
      throw error;
    }
    return new Tracefs(readPipe(join(folder, 'trace_pipe')), before);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.stream.destroy();
    restore(this.before);
  }
}

function enable(file: string): [string, string] {
  if (!existsSync(file)) throw new TracefsError(`${file} does not exist. Load the NVMe driver: modprobe nvme`);
  try {
    const value = readFileSync(file, 'utf8').trim();
    writeFileSync(file, '1');
    return [file, value];
  } catch (error) {
    throw new TracefsError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code}). Record as root.`);
  }
}

function restore(before: readonly (readonly [string, string])[]): void {
  for (const [file, value] of [...before].reverse()) writeFileSync(file, value);
}
