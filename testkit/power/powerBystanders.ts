import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const whoMs = 3000;

export interface BystanderSources {
  /** Another folder in tests. */
  readonly sysfs?: string;
  /** Prints who is logged in, a line a session. */
  readonly who?: () => Promise<string>;
}

/** What sleeps too when the whole machine does: NVMe controllers the kernel has, and sessions of people, for a warning. */
export async function bystanders({ sysfs = '/sys', who = sessions }: BystanderSources = {}): Promise<string[]> {
  const lines = (await who()).split('\n').map((line) => line.trim().replaceAll(/\s+/g, ' '));
  return [...controllers(path.join(sysfs, 'class/nvme')), ...lines.filter((line) => line !== '')];
}

function controllers(folder: string): string[] {
  const read = (file: string) => {
    try {
      return readFileSync(path.join(folder, file), 'utf8').trim();
    } catch {
      return '';
    }
  };
  return names(folder).map((name) => [name, read(`${name}/model`), read(`${name}/serial`)].filter(Boolean).join(' '));
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    // The kernel has no NVMe driver loaded.
    return [];
  }
}

async function sessions(): Promise<string> {
  try {
    return (await run('who', [], { timeout: whoMs })).stdout;
  } catch {
    // A warning without the list is still one.
    return '';
  }
}
