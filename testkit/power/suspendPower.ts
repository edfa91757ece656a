import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { bystanders } from './powerBystanders.ts';
import { type PowerController, PowerError, type PowerFacts, type PowerState } from './powerController.ts';

const run = promisify(execFile);

/** Firmware needs some seconds to sleep at all: a clock set to less may ring before it does. */
const leastSeconds = 5;
const wakeSlackMs = 120_000;

export interface SuspendParts {
  /** Another folder in tests. */
  readonly sysfs?: string;
  /** Runs `rtcwake`; another one in tests. */
  readonly rtcwake?: (args: readonly string[], timeoutMs: number) => Promise<string>;
}

/**
 * Suspend to RAM (S3) with a wake-up by the real-time clock: the only loss of main power every machine can make. The whole machine
 * sleeps, and user space is frozen before the drives lose their supply.
 */
export class SuspendPower implements PowerController {
  readonly #sysfs: string;
  readonly #rtcwake: NonNullable<SuspendParts['rtcwake']>;

  /** @throws PowerError when the machine cannot suspend to RAM */
  constructor({ sysfs = '/sys', rtcwake = runRtcwake }: SuspendParts = {}) {
    this.#sysfs = sysfs;
    this.#rtcwake = rtcwake;
    this.#check();
  }

  describe(): PowerFacts {
    return {
      kind: 's3',
      name: 'suspend to RAM of the whole machine',
      midIo: false,
      why: 'user space is frozen before the drives lose power; off and on cannot be had apart',
    };
  }

  async state(): Promise<PowerState> {
    return 'on';
  }

  async off(): Promise<void> {
    throw new PowerError(
      'NOT_SUPPORTED',
      's3 cannot switch off alone, the machine that would switch on sleeps: use subsystem.powerCycle({ offMs })',
    );
  }

  async on(): Promise<void> {
    // It is: who runs this is awake.
  }

  async cycle(offMs: number): Promise<void> {
    this.#check();
    const seconds = Math.max(leastSeconds, Math.ceil(offMs / 1000));
    const before = this.#suspends();
    // The alarm first and alone, so that it can be looked at: without one the machine would sleep for ever.
    await this.#rtcwake(['--mode', 'no', '--seconds', String(seconds)], wakeSlackMs);
    this.#checkAlarm();
    await this.#warn(seconds);
    await this.#rtcwake(['--mode', 'mem', '--seconds', String(seconds)], seconds * 1000 + wakeSlackMs);
    if (this.#suspends() === before) throw new PowerError('FAILED', 'the machine did not suspend, see its kernel log');
  }

  /** In the test's output: who wonders where the machine was finds it there. */
  async #warn(seconds: number): Promise<void> {
    const others = await bystanders({ sysfs: this.#sysfs });
    process.stderr.write(
      `${[`s3: the whole machine sleeps for ${seconds} s, and with it:`, ...others].join('\n  ')}\n`,
    );
  }

  #check(): void {
    const states = this.#read('power/state')?.split(/\s+/) ?? [];
    if (!states.includes('mem')) throw new PowerError('NOT_SUPPORTED', 'this machine cannot suspend to RAM');
    const sleeps = this.#read('power/mem_sleep') ?? '';
    if (sleeps.includes('[deep]')) return;
    const way = sleeps.includes('deep')
      ? 'write "deep" to /sys/power/mem_sleep first: as it is set, the drives keep their power'
      : 'its firmware has no "deep" sleep, only one in which the drives keep their power';
    throw new PowerError('REFUSED', `suspend to RAM would not cut the power: ${way}`);
  }

  #checkAlarm(): void {
    const alarm = Number(this.#read('class/rtc/rtc0/wakealarm') ?? '');
    const now = Number(this.#read('class/rtc/rtc0/since_epoch') ?? '');
    if (alarm > 0 && (now === 0 || alarm > now)) return;
    throw new PowerError('REFUSED', 'the wake-up alarm of the real-time clock is not set: the machine would not wake');
  }

  #suspends(): string | undefined {
    return this.#read('power/suspend_stats/success');
  }

  #read(file: string): string | undefined {
    try {
      return readFileSync(path.join(this.#sysfs, file), 'utf8').trim();
    } catch {
      return undefined;
    }
  }
}

async function runRtcwake(args: readonly string[], timeout: number): Promise<string> {
  try {
    return (await run('rtcwake', [...args], { timeout })).stdout;
  } catch (cause) {
    const { code, stderr } = cause as { code?: unknown; stderr?: string };
    const way = code === 'ENOENT' ? 'it is not installed (util-linux)' : (stderr ?? '').trim() || String(code);
    throw new PowerError('FAILED', `rtcwake: ${way}`, { cause });
  }
}
