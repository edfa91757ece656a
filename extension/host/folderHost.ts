import * as vscode from 'vscode';
import type { HostExit, HostHandlers } from '../../testkit/parent/hostOptions.ts';
import type { Disposable } from '../disposables.ts';
import { HumanError, userMessage } from '../humanError.ts';
import { HandlerList } from './handlerList.ts';
import type { HostLink, StartHost } from './hostLink.ts';
import type { HostPaths } from './hostPaths.ts';
import { RunQueue } from './runQueue.ts';

export type HostState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'running'; readonly activity?: string }
  | { readonly kind: 'crashed'; readonly reason: string }
  | { readonly kind: 'cannot-start'; readonly reason: string };

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
  #used = false;
  #endExpected = false;

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

  /**
   * The living host, started when there is none; `fresh` replaces one that has run tests (its emulated SSD has been used).
   * Rejects with a reason for a person.
   */
  async acquire({ fresh = false } = {}): Promise<HostSession> {
    if (fresh && this.#used) await this.stop();
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

  /** Its emulated SSD is no longer fresh. */
  markUsed(): void {
    this.#used = true;
  }

  /** Says that a run is on; its disposal says that it ended. */
  running(): Disposable {
    this.markUsed();
    this.#setState({ kind: 'running' });
    return {
      dispose: () => {
        if (this.#state.kind === 'running') this.#setState({ kind: 'ready' });
      },
    };
  }

  /** Someone else was asked to end the host: its end will be no crash. */
  expectEnd(): void {
    this.#endExpected = true;
  }

  isCrash(exit: HostExit): boolean {
    return !exit.expected && !this.#endExpected;
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
    const { log } = this.#parts;
    this.#setState({ kind: 'starting' });
    try {
      const link = await this.#startLink();
      const session: HostSession & { exit: HostExit | undefined } = { pid: link.pid, link, exit: undefined };
      this.#session = session;
      this.#used = false;
      this.#endExpected = false;
      void link.exited.then((exit) => this.#ended(session, exit));
      this.#setState({ kind: 'ready' });
      return session;
    } catch (error) {
      log.error(error instanceof Error ? error : String(error));
      this.#setState({ kind: 'cannot-start', reason: userMessage(error) });
      throw error;
    }
  }

  /** A host without its addon answers, and can do nothing: it is ended, with the reason it gave. */
  async #startLink(): Promise<HostLink> {
    const { folder, paths, start, log } = this.#parts;
    const faults: string[] = [];
    const listener = this.#listeners.listen({ log: ({ level, message }) => level === 'error' && faults.push(message) });
    try {
      const link = await start(await paths.options(folder), this.#listeners.handlers);
      log.info(`Driver host ${link.pid} started for ${folder.name}: ${JSON.stringify(link.info)}`);
      if (link.info.addonVersion !== '') return link;
      await link.stop(0);
      throw new HumanError(faults.join(' ') || vscode.l10n.t('The native driver could not be loaded.'));
    } finally {
      listener.dispose();
    }
  }

  #ended(session: HostSession & { exit: HostExit | undefined }, exit: HostExit): void {
    session.exit = exit;
    const crashed = this.isCrash(exit);
    this.#parts.log[crashed ? 'error' : 'info'](`Driver host ${session.pid}: ${exit.reason}`);
    this.#setState(crashed ? { kind: 'crashed', reason: exit.reason } : { kind: 'stopped' });
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
