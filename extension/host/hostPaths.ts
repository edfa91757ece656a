import { access } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { HostOptions } from '../../testkit/parent/hostOptions.ts';
import { HumanError } from '../humanError.ts';
import { setting } from '../settings.ts';

/** Where the driver host, its addon and its logs are. */
export class HostPaths {
  constructor(
    readonly extensionFolder: string,
    readonly logFolder: string,
    private readonly platform: NodeJS.Platform = process.platform,
  ) {}

  /** Options to fork the host for a folder; throws a {@link HumanError} when it cannot work here. */
  async options(folder: vscode.WorkspaceFolder): Promise<HostOptions> {
    if (this.platform !== 'linux') throw new HumanError(linuxOnly(this.platform));
    const hostPath = path.join(this.extensionFolder, 'dist', 'host.cjs');
    if (!(await exists(hostPath))) throw new HumanError(incomplete(hostPath));
    const addonPath = await this.#addon();
    return { hostPath, logFolder: this.logFolder, cwd: folder.uri.fsPath, ...(addonPath && { addonPath }) };
  }

  async #addon(): Promise<string | undefined> {
    const chosen = setting('addonPath');
    if (chosen === '') return undefined;
    if (await exists(chosen)) return chosen;
    throw new HumanError(
      vscode.l10n.t(
        'The native addon named by the setting doorbell.addonPath does not exist: {0}. Correct or clear the setting, then run again.',
        chosen,
      ),
    );
  }
}

export function linuxOnly(platform: NodeJS.Platform): string {
  return vscode.l10n.t(
    'Doorbell drives NVMe controllers on Linux only; this extension host runs on {0}. Open the folder on a Linux machine: Remote - SSH, WSL or a container.',
    platform,
  );
}

function incomplete(hostPath: string): string {
  return vscode.l10n.t(
    'The driver host is missing: {0}. Reinstall the extension; in a source checkout run `npm run build`.',
    hostPath,
  );
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
