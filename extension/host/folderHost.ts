import * as vscode from 'vscode';
import type { HostExit, HostHandlers } from '../../testkit/parent/hostOptions.ts';
import type { Disposable } from '../disposables.ts';
import { userMessage } from '../humanError.ts';
import { HandlerList } from './handlerList.ts';
import type { HostLink, StartHost } from './hostLink.ts';
import type { HostPaths } from './hostPaths.ts';
import { RunQueue } from './runQueue.ts';

export type HostState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'running'; readonly activity?: string }
  /** It died, or could not start. */
  | { readonly kind: 'crashed'; readonly reason: string };

/** One life of a driver host, from fork to exit; its pid names it in command log URIs and evidence files. */
export interface HostSession {
  readonly pid: number;
  readonly link: HostLink;
  /** Set when it is gone. */
  readonly exit: HostExit | undefined;
}

export interface FolderHostParts {
  readonly folder: vscode.WorkspaceFolder;
  readonly paths: HostPaths;
  readonly start: StartHost;
  readonly log: vscode.LogOutputChannel;
}

/** The driver host of one workspace folder: forked on first need, replaced after a crash at the next need. */
export class FolderHost implements Disposable {
  readonly queue = new RunQueue();
  readonly #parts: FolderHostParts;
  readonly #listeners = new HandlerList();
  readonly #changed = new vscode.EventEmitter<HostState>();
  readonly onDidChangeState = this.#changed.event;
  #state: HostState = { kind: 'stopped' };
  #session: (HostSession & { exit: HostExit | undefined }) | undefined;
  #starting: Promise<HostSession> | undefined;
  #disposed = false;

  constructor(parts: FolderHostParts) {
    this.#parts = parts;
    this.#listeners.listen({
      log: ({ level, message }) => parts.log[level](message),
      rawOutput: ({ stream, text }) => parts.log.debug(`${stream}: ${text.trimEnd()}`),
      progress: ({ label, done, total }) => this.#progress(`${label} ${percent(done, total)}`),
    });
  }

  get folder(): vscode.WorkspaceFolder {
    return this.#parts.folder;
  }

  get state(): HostState {
    return this.#state;
  }

  /** The living host, or the last one that lived: its state stays readable. */
  get session(): HostSession | undefined {
    return this.#session;
  }

  get alive(): HostSession | undefined {
    return this.#session?.exit ? undefined : this.#session;
  }

  /** The living host, started when there is none. Rejects with a reason for a person. */
  async acquire(): Promise<HostSession> {
    if (this.#disposed) throw new Error('The workspace folder is closed.');
    if (this.alive) return this.alive;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  listen(handlers: HostHandlers): Disposable {
    return this.#listeners.listen(handlers);
  }

  /** Says that a run is on; its disposal says that it ended. */
  running(): Disposable {
    this.#setState({ kind: 'running' });
    return {
      dispose: () => {
        if (this.#state.kind === 'running') this.#setState({ kind: 'ready' });
      },
    };
  }

  /** Ends the host; resolves when the process is gone. */
  async stop(graceMs = 1000): Promise<void> {
    await this.#starting?.catch(() => undefined);
    const session = this.alive;
    if (session) await session.link.stop(graceMs);
    else this.#setState({ kind: 'stopped' });
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.acquire();
  }

  dispose(): void {
    this.#disposed = true;
    void this.stop();
    this.#changed.dispose();
  }

  async #start(): Promise<HostSession> {
    const { folder, paths, start, log } = this.#parts;
    this.#setState({ kind: 'starting' });
    try {
      const link = await start(await paths.options(folder), this.#listeners.handlers);
      log.info(`Driver host ${link.pid} started for ${folder.name}: ${JSON.stringify(link.info)}`);
      const session: HostSession & { exit: HostExit | undefined } = { pid: link.pid, link, exit: undefined };
      this.#session = session;
      void link.exited.then((exit) => this.#ended(session, exit));
      this.#setState({ kind: 'ready' });
      return session;
    } catch (error) {
      log.error(error instanceof Error ? error : String(error));
      this.#setState({ kind: 'crashed', reason: userMessage(error) });
      throw error;
    }
  }

  #ended(session: HostSession & { exit: HostExit | undefined }, exit: HostExit): void {
    session.exit = exit;
    const { log } = this.#parts;
    log[exit.expected ? 'info' : 'error'](`Driver host ${session.pid}: ${exit.reason}`);
    this.#setState(exit.expected ? { kind: 'stopped' } : { kind: 'crashed', reason: exit.reason });
  }

  #progress(activity: string): void {
    if (this.#state.kind === 'running') this.#setState({ kind: 'running', activity });
  }

  #setState(state: HostState): void {
    this.#state = state;
    if (!this.#disposed) this.#changed.fire(state);
  }
}

function percent(done: number, total: number): string {
  return total > 0 ? `${Math.floor((100 * done) / total)} %` : '';
}
