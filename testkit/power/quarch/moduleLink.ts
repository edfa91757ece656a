import { PowerError } from '../powerController.ts';

/** A way to a Quarch module: one command line, its answer without the prompt. */
export interface ModuleLink {
  ask(command: string): Promise<string>;
}

/** A module answers within a fraction of a second; a power sequence of its own may take some. */
export const answerTimeoutMs = 10_000;

/** What ends every answer of a module and of the QIS. */
export const prompt = '\r\n>';

export function noAnswer(target: string, command: string): PowerError {
  return new PowerError('TIMEOUT', `${target} did not answer "${command}" in ${answerTimeoutMs / 1000} s`);
}

export function unreachable(target: string, cause: unknown): PowerError {
  const { code, message } = cause as { code?: string; message?: string };
  return new PowerError('FAILED', `${target} cannot be reached: ${code ?? message}`, { cause });
}
