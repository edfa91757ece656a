import * as vscode from 'vscode';
import { ContextKey, setContextKey } from '../contextKeys.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import { HumanError } from '../humanError.ts';
import { onSettingChange } from '../settings.ts';
import { FolderHost, type HostState } from './folderHost.ts';
import type { StartHost } from './hostLink.ts';
import type { HostPaths } from './hostPaths.ts';

const urgency: readonly HostState['kind'][] = ['running', 'starting', 'cannot-start', 'crashed', 'ready', 'stopped'];

/** The driver hosts of this window: one per workspace folder, made when first asked for. */
export class HostManager implements Disposable {
  readonly #hosts = new Map<string, FolderHost>();
  readonly #disposables = new Disposables();
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<FolderHost>());
  /** A host was made, or its state changed. */
  readonly onDidChange = this.#changed.event;

  constructor(
    private readonly paths: HostPaths,
    private readonly log: vscode.LogOutputChannel,
    private readonly start: StartHost,
  ) {
    this.#disposables.add(vscode.workspace.onDidChangeWorkspaceFolders(({ removed }) => this.#drop(removed)));
    this.#disposables.add(onSettingChange('addonPath', () => this.#stopIdle()));
  }

  get hosts(): readonly FolderHost[] {
    return [...this.#hosts.values()];
  }

  /** The host object of a folder (no process is started by this). */
  of(folder: vscode.WorkspaceFolder): FolderHost {
    const key = folder.uri.toString();
    const present = this.#hosts.get(key);
    if (present) return present;
    const host = new FolderHost({ folder, paths: this.paths, start: this.start, log: this.log });
    this.#hosts.set(key, host);
    host.onDidChangeState(() => this.#onChange(host));
    return host;
  }

  /** The host a command means when it names none: of the active editor's folder, else of the first folder. */
  current(): FolderHost {
    const active = vscode.window.activeTextEditor?.document.uri;
    const folder = (active && vscode.workspace.getWorkspaceFolder(active)) ?? vscode.workspace.workspaceFolders?.[0];
    if (folder) return this.of(folder);
    throw new HumanError(vscode.l10n.t('Open a folder first: a driver host belongs to a workspace folder.'));
  }

  /** The host whose state matters most right now. */
  get foremost(): FolderHost | undefined {
    const rank = (host: FolderHost) => urgency.indexOf(host.state.kind);
    return [...this.hosts].sort((a, b) => rank(a) - rank(b))[0];
  }

  byPid(pid: number): FolderHost | undefined {
    return this.hosts.find((host) => host.session?.pid === pid);
  }

  /** Ends every host; resolves when the processes are gone. */
  async stopAll(graceMs?: number): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.stop(graceMs)));
  }

  dispose(): void {
    for (const host of this.hosts) host.dispose();
    this.#hosts.clear();
    this.#disposables.dispose();
  }

  #onChange(host: FolderHost): void {
    setContextKey(
      ContextKey.hostAlive,
      this.hosts.some((each) => each.alive !== undefined),
    );
    this.#changed.fire(host);
  }

  #drop(folders: readonly vscode.WorkspaceFolder[]): void {
    for (const folder of folders) {
      const key = folder.uri.toString();
      const host = this.#hosts.get(key);
      if (!host) continue;
      host.dispose();
      this.#hosts.delete(key);
      this.#onChange(host);
    }
  }

  /** A new addon path counts from the next start; a host at work is left to finish. */
  #stopIdle(): void {
    for (const host of this.hosts) if (!host.queue.busy) void host.stop();
  }
}
