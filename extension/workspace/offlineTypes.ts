import * as vscode from 'vscode';

const version = 'version.txt';

/** `.doorbell/types` of a workspace: declarations of the testkit and of Node, so that the editor knows them without an npm install. */
export class OfflineTypes {
  constructor(
    private readonly extension: vscode.Uri,
    /** Of the extension; a workspace with another one gets its types anew. */
    private readonly extensionVersion: string,
  ) {}

  async write(folder: vscode.Uri): Promise<void> {
    const { fs } = vscode.workspace;
    const types = typesOf(folder);
    await fs.createDirectory(types);
    // First: when the window closes in the middle of it, nothing of it may turn up in git.
    await fs.writeFile(vscode.Uri.joinPath(folder, '.doorbell', '.gitignore'), Buffer.from('*\n'));
    for (const [from, to] of [
      ['testkit-types', 'testkit'],
      ['node-types', ''],
    ] as const) {
      await this.#copyFolder(vscode.Uri.joinPath(this.extension, 'dist', from), vscode.Uri.joinPath(types, to));
    }
    await fs.writeFile(vscode.Uri.joinPath(types, version), Buffer.from(`${this.extensionVersion}\n`));
  }

  /** Gives workspaces that use such types those of this version: after an upgrade, and after a clone, which has none yet. */
  async refresh(folders: readonly vscode.WorkspaceFolder[]): Promise<void> {
    for (const { uri } of folders) {
      if (await this.#isStale(uri)) await this.write(uri);
    }
  }

  async #isStale(folder: vscode.Uri): Promise<boolean> {
    const written = await readText(vscode.Uri.joinPath(typesOf(folder), version));
    if (written !== undefined) return written.trim() !== this.extensionVersion;
    const config = await readText(vscode.Uri.joinPath(folder, 'tsconfig.json'));
    return config?.includes('.doorbell/types') === true;
  }

  async #copyFolder(from: vscode.Uri, to: vscode.Uri): Promise<void> {
    const { fs } = vscode.workspace;
    await fs.createDirectory(to);
    for (const [name] of await fs.readDirectory(from)) {
      await fs.copy(vscode.Uri.joinPath(from, name), vscode.Uri.joinPath(to, name), { overwrite: true });
    }
  }
}

function typesOf(folder: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(folder, '.doorbell', 'types');
}

async function readText(uri: vscode.Uri): Promise<string | undefined> {
  return Promise.resolve(vscode.workspace.fs.readFile(uri)).then(
    (bytes) => Buffer.from(bytes).toString(),
    () => undefined,
  );
}

export async function isMissing(uri: vscode.Uri): Promise<boolean> {
  return Promise.resolve(vscode.workspace.fs.stat(uri)).then(
    () => false,
    () => true,
  );
}
