import { execFile } from 'node:child_process';
import { type PowerController, PowerError, type PowerFacts, type PowerState } from './powerController.ts';
import type { CommandSpec } from './powerSpec.ts';

/** A relay, a smart plug, a script of the lab: everything a shell can reach. */
const commandTimeoutMs = 60_000;

/** Switches by two shell commands of the user's. */
export class CommandPower implements PowerController {
  constructor(
    private readonly commands: Omit<CommandSpec, 'kind'>,
    private readonly timeoutMs = commandTimeoutMs,
  ) {}

  describe(): PowerFacts {
    return { kind: 'command', name: `"${this.commands.off}" and "${this.commands.on}"`, midIo: true };
  }

  async state(): Promise<PowerState> {
    if (this.commands.state === undefined) return 'unknown';
    const said = (await this.#run(this.commands.state)).trim();
    if (said === 'on' || said === 'off') return said;
    throw new PowerError('FAILED', `${this.commands.state} must print "on" or "off", not "${said}"`);
  }

  async off(): Promise<void> {
    await this.#run(this.commands.off);
  }

  async on(): Promise<void> {
    await this.#run(this.commands.on);
  }

  #run(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      execFile('/bin/sh', ['-c', command], { timeout: this.timeoutMs }, (error, stdout, stderr) => {
        if (error) reject(this.#failure(command, error, stderr));
        else resolve(stdout);
      });
    });
  }

  #failure(command: string, error: Error & { code?: unknown; killed?: boolean }, stderr: string): PowerError {
    const cause = { cause: error };
    if (error.killed) return new PowerError('TIMEOUT', `${command} did not end in ${this.timeoutMs / 1000} s`, cause);
    const words = stderr.trim();
    return new PowerError('FAILED', `${command} ended with ${String(error.code)}${words && `: ${words}`}`, cause);
  }
}
