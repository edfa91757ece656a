import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Finding } from '../../testkit/machine/doctor/finding.ts';
import { HostEnv } from '../../testkit/protocol.ts';
import { HumanError } from '../humanError.ts';
import { setting } from '../settings.ts';

const timeoutMs = 90_000;
const mostBytes = 4 * 2 ** 20;

/** Asks `doorbell doctor`, so that the view and the terminal never tell different things. */
export type AskDoctor = (token?: vscode.CancellationToken) => Promise<readonly Finding[]>;

export function doctorOf(extensionFolder: string, doorbell: string): AskDoctor {
  const cli = path.join(extensionFolder, 'dist', 'cli.cjs');
  return async () => {
    const addon = setting('addonPath');
    const env = {
      ...process.env,
      ELECTRON_RUN_AS_NODE: '1',
      DOORBELL_COMMAND: doorbell,
      ...(addon && { [HostEnv.addon]: addon }),
    };
    const cwd = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
    const text = await outputOf([cli, 'doctor', '--json'], { env, cwd });
    return (JSON.parse(text) as { findings: Finding[] }).findings;
  };
}

function outputOf(args: string[], where: { env: NodeJS.ProcessEnv; cwd: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { ...where, timeout: timeoutMs, maxBuffer: mostBytes };
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      // With findings it ends with a code of its own.
      if (stdout.trim().startsWith('{')) return resolve(stdout);
      const words = stderr.trim().split('\n')[0] || error?.message || '';
      reject(new HumanError(vscode.l10n.t('The doctor could not look at this machine: {0}', words)));
    });
  });
}
