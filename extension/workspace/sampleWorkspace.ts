import * as vscode from 'vscode';
import { Command } from '../commands.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import { isMissing, type OfflineTypes } from './offlineTypes.ts';

const folderName = 'nvme-tests';

/** **NVMe: Create Sample Workspace**: tests that run at once, with imports, hovers and completions and no npm install. */
export class SampleWorkspace implements Disposable {
  readonly #disposables = new Disposables();

  constructor(
    private readonly extension: vscode.Uri,
    private readonly types: OfflineTypes,
    private readonly failed: (what: string, error: unknown) => void,
  ) {
    this.#disposables.add(vscode.commands.registerCommand(Command.createSampleWorkspace, () => this.#run()));
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  /** Fills a folder that has nothing in the way. */
  async create(folder: vscode.Uri): Promise<void> {
    const { fs } = vscode.workspace;
    await fs.createDirectory(folder);
    for (const [name] of await fs.readDirectory(this.#sample)) {
      if (name === '.doorbell' || name === 'node_modules') continue;
      await fs.copy(vscode.Uri.joinPath(this.#sample, name), vscode.Uri.joinPath(folder, name), { overwrite: false });
    }
    await this.types.write(folder);
  }

  get #sample(): vscode.Uri {
    return vscode.Uri.joinPath(this.extension, 'testkit', 'sample');
  }

  async #run(): Promise<void> {
    try {
      const parent = await askFolder();
      if (!parent) return;
      const folder = await freeFolder(parent);
      await this.create(folder);
      await vscode.commands.executeCommand('vscode.openFolder', folder, { forceReuseWindow: true });
    } catch (error) {
      this.failed(vscode.l10n.t('Create Sample Workspace'), error);
    }
  }
}

async function askFolder(): Promise<vscode.Uri | undefined> {
  const options = {
    canSelectFiles: false,
    canSelectFolders: true,
    title: vscode.l10n.t('Where to Create the Sample Workspace'),
    openLabel: vscode.l10n.t('Create Here'),
  };
  return (await vscode.window.showOpenDialog(options))?.[0];
}

/** The chosen folder when it is empty, else a new one in it: nothing of the person's is touched. */
async function freeFolder(parent: vscode.Uri): Promise<vscode.Uri> {
  if ((await vscode.workspace.fs.readDirectory(parent)).length === 0) return parent;
  for (let number = 1; ; number += 1) {
    const folder = vscode.Uri.joinPath(parent, number === 1 ? folderName : `${folderName}-${number}`);
    if (await isMissing(folder)) return folder;
  }
}
