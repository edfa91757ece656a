import { type ChildProcess, spawn } from 'node:child_process';
import type { Torridon } from './torridon.ts';

/** A module at the far end of a serial line: a pseudo-terminal that `script` (bsdutils) holds open. It echoes what it hears. */
export async function serveSerial(module: Torridon): Promise<AsyncDisposable & { readonly device: string }> {
  const holder = spawn('script', ['-qfec', 'tty; exec sleep 600', '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const device = await firstLine(holder);
  let text = '';
  holder.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      holder.stdin?.write(`${line}\r\n${module.answer(line)}\r\n>`);
    }
  });
  return { device, [Symbol.asyncDispose]: () => ended(holder) };
}

async function firstLine(holder: ChildProcess): Promise<string> {
  let text = '';
  while (!text.includes('\n')) {
    text += await new Promise<string>((resolve, reject) => {
      holder.once('error', reject);
      holder.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString('latin1')));
    });
  }
  return text.trim();
}

function ended(holder: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    holder.once('close', () => resolve());
    holder.kill('SIGKILL');
  });
}
