import { execFile } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import { promisify } from 'node:util';
import { PowerError } from '../powerController.ts';
import { answerTimeoutMs, type ModuleLink, noAnswer, unreachable } from './moduleLink.ts';

const run = promisify(execFile);

/** A module's serial port: 19200 baud, 8N1. It echoes the line, answers, and ends with a prompt. */
export class SerialLink implements ModuleLink {
  constructor(private readonly device: string) {}

  async ask(command: string): Promise<string> {
    await this.#setUp();
    const input = new ReadStream(this.#open());
    const output = new WriteStream(this.#open());
    const timer = setTimeout(() => input.destroy(noAnswer(this.device, command)), answerTimeoutMs);
    try {
      output.write(`${command}\r\n`);
      return await this.#answer(input, command);
    } finally {
      clearTimeout(timer);
      input.destroy();
      output.destroy();
    }
  }

  /** stty knows every machine's way to set a line's speed. */
  async #setUp(): Promise<void> {
    const line = ['19200', 'cs8', '-cstopb', '-parenb', 'raw', '-echo', 'clocal'];
    try {
      await run('stty', ['-F', this.device, ...line], { timeout: answerTimeoutMs });
    } catch (cause) {
      const words = (cause as { stderr?: string }).stderr?.trim();
      throw new PowerError('FAILED', words || `${this.device} cannot be set up`, { cause });
    }
  }

  #open(): number {
    try {
      return openSync(this.device, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    } catch (cause) {
      throw unreachable(this.device, cause);
    }
  }

  async #answer(input: ReadStream, command: string): Promise<string> {
    let text = '';
    for await (const chunk of input) {
      text += (chunk as Buffer).toString('latin1');
      const echoed = text.indexOf('\n');
      if (echoed >= 0 && text.indexOf('>', echoed) >= 0)
        return text.slice(echoed + 1, text.indexOf('>', echoed)).trim();
    }
    throw unreachable(this.device, new Error(`it closed before it answered "${command}"`));
  }
}
