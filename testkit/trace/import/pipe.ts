/** Reads what may stay silent for ever: a pending read of a FIFO or of tracefs cannot be taken back in this process. */
import { spawn } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';

export function readPipe(file: string): Readable {
  const child = spawn('cat', ['--', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const out = new PassThrough({ highWaterMark: 1 << 20 });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.once('error', (error) => out.destroy(error));
  child.once('close', (code) => {
    if (code === 0 || out.destroyed) out.end();
    else out.destroy(new Error(said.trim() || `reading ${file} ended with ${code}`));
  });
  child.stdout.pipe(out, { end: false });
  out.once('close', () => child.kill());
  return out;
}
