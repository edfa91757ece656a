import path from 'node:path';
import { shellWord } from '../../testkit/machine/shell.ts';
import type { RunRequest } from '../../testkit/protocol.ts';

/** The shell command that does the same run in a terminal opened in the workspace folder. */
export function reproduceCommand(request: RunRequest, greps: readonly string[]): string {
  const files = request.files.map((file) => path.relative(request.root, file));
  const words = ['doorbell', 'run', ...files.map(shellWord)];
  if (greps.length > 0) words.push('--grep', shellWord(greps.join('|')));
  for (const address of request.controllers ?? []) words.push('--controller', shellWord(address));
  for (const power of request.power ?? []) words.push('--power', shellWord(power));
  for (const serial of request.allowedDrives ?? []) words.push('--allow-drive', shellWord(serial));
  if (request.seed) words.push('--seed', shellWord(request.seed));
  if (request.untilFailure) words.push('--until-failure');
  return words.join(' ');
}

export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
