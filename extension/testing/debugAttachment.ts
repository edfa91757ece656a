import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../disposables.ts';
import { HumanError } from '../humanError.ts';

/** Debug adapter types js-debug runs a Node attachment under. */
const adapterTypes = ['node', 'pwa-node', 'node-terminal'] as const;
const attachTimeoutMs = 15_000;

export interface AttachOptions {
  readonly folder: vscode.WorkspaceFolder;
  /** Websocket address of the host's inspector. */
  readonly url: string;
  readonly run: vscode.TestRun;
}

/** VS Code's JavaScript debugger on a driver host, for one run. Over when the person stops it, when the host dies, or by `detach`. */
export class DebugAttachment implements Disposable {
  readonly #disposables = new Disposables();
  readonly #ended = this.#disposables.add(new vscode.EventEmitter<void>());
  /** Someone ends the session, or it ended by itself. Said once, as early as it is known, and not after `detach`. */
  readonly onDidEnd = this.#ended.event;
  /** The debugger was told to end the host: what *Stop* (not *Disconnect*) means to it. */
  killsHost = false;
  readonly #marker = `doorbell-${Date.now()}-${Math.random()}`;
  #root: vscode.DebugSession | undefined;
  #over = false;
  #resolveConfigured: () => void = () => undefined;
  readonly #configured = new Promise<void>((resolve) => {
    this.#resolveConfigured = resolve;
  });

  constructor() {
    const factory = { createDebugAdapterTracker: (session: vscode.DebugSession) => this.#track(session) };
    for (const type of adapterTypes)
      this.#disposables.add(vscode.debug.registerDebugAdapterTrackerFactory(type, factory));
    this.#disposables.add(
      vscode.debug.onDidStartDebugSession((session) => {
        if (this.#isOurs(session)) this.#root ??= rootOf(session);
      }),
    );
    this.#disposables.add(
      vscode.debug.onDidTerminateDebugSession((session) => {
        if (session.id === this.#root?.id) this.#end();
      }),
    );
  }

  /** Resolves when the debugger is attached and has been told every breakpoint. */
  async attach({ folder, url, run }: AttachOptions): Promise<void> {
    const configuration = attachConfiguration(url, this.#marker);
    const options = { testRun: run, suppressSaveBeforeStart: true };
    if (!(await vscode.debug.startDebugging(folder, configuration, options))) {
      throw new HumanError(
        vscode.l10n.t(
          'The JavaScript debugger did not start. Is the built-in extension "JavaScript Debugger" enabled?',
        ),
      );
    }
    await this.#whenConfigured();
  }

  /** Lets the host run on: a paused host would read no message. */
  async detach(): Promise<void> {
    if (this.#over || !this.#root) return;
    this.#over = true;
    await vscode.debug.stopDebugging(this.#root);
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  async #whenConfigured(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const reason = vscode.l10n.t(
        'The debugger did not attach to the driver host within {0} s.',
        attachTimeoutMs / 1000,
      );
      timer = setTimeout(() => reject(new HumanError(reason)), attachTimeoutMs);
    });
    await Promise.race([this.#configured, late]).finally(() => clearTimeout(timer));
  }

  /** The session that talks to the target is a child of the one we start; breakpoints are sent before `configurationDone`. */
  #track(session: vscode.DebugSession): vscode.DebugAdapterTracker | undefined {
    if (!this.#isOurs(session)) return undefined;
    return {
      onWillReceiveMessage: (message: { command?: string; arguments?: { terminateDebuggee?: boolean } }) => {
        if (message.command !== 'disconnect') return;
        this.killsHost ||= message.arguments?.terminateDebuggee === true;
        this.#end();
      },
      onDidSendMessage: (message: { type?: string; command?: string }) => {
        const done = message.type === 'response' && message.command === 'configurationDone';
        if (done && session.parentSession) this.#resolveConfigured();
      },
    };
  }

  #isOurs(session: vscode.DebugSession): boolean {
    return rootOf(session).configuration.doorbell === this.#marker;
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#resolveConfigured();
    this.#ended.fire();
  }
}

function rootOf(session: vscode.DebugSession): vscode.DebugSession {
  let at = session;
  while (at.parentSession) at = at.parentSession;
  return at;
}

function attachConfiguration(url: string, marker: string): vscode.DebugConfiguration {
  return {
    type: 'node',
    request: 'attach',
    name: vscode.l10n.t('Debug NVMe Tests'),
    websocketAddress: url,
    continueOnAttach: true,
    autoAttachChildProcesses: false,
    restart: false,
    skipFiles: ['<node_internals>/**', '**/dist/host.cjs', '**/node_modules/**'],
    outFiles: [],
    resolveSourceMapLocations: null,
    doorbell: marker,
  };
}
