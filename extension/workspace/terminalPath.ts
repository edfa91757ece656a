import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { shellWord } from '../../testkit/machine/shell.ts';

/**
 * Puts the `doorbell` command on the PATH of new terminals, so that the command a run prints works there. It runs on VS Code's own
 * Node: the machine needs none. Written anew each time, because the extension's folder and VS Code's move with every update.
 */
export async function contributeTerminalPath(context: vscode.ExtensionContext): Promise<void> {
  const file = terminalCommand(context);
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true });
  await writeFile(file, wrapper(file, context.asAbsolutePath(path.join('dist', 'cli.cjs'))));
  await chmod(file, 0o755);
  const { environmentVariableCollection: terminal } = context;
  terminal.description = vscode.l10n.t('Adds the `doorbell` command, which runs NVMe tests.');
  terminal.prepend('PATH', `${folder}${path.delimiter}`);
}

/** The `doorbell` command of terminals. */
export function terminalCommand(context: Pick<vscode.ExtensionContext, 'globalStorageUri'>): string {
  return path.join(context.globalStorageUri.fsPath, 'bin', 'doorbell');
}

function wrapper(file: string, cli: string): string {
  const environment = `ELECTRON_RUN_AS_NODE=1 DOORBELL_COMMAND=${shellWord(file)}`;
  return `#!/bin/sh\n${environment} exec ${shellWord(process.execPath)} ${shellWord(cli)} "$@"\n`;
}
