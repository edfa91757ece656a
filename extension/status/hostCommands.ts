import * as vscode from 'vscode';
import { Command } from '../commands.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import type { HostManager } from '../host/hostManager.ts';
import { HumanError, userMessage } from '../humanError.ts';
import { diagnostics } from './diagnostics.ts';

/** Show Log, Copy Diagnostics, Restart and Stop Driver Host. */
export class HostCommands implements Disposable {
  readonly #disposables = new Disposables();

  constructor(
    private readonly hosts: HostManager,
    private readonly log: vscode.LogOutputChannel,
    private readonly extensionVersion: string,
  ) {
    const register = (command: string, run: () => unknown) =>
      this.#disposables.add(vscode.commands.registerCommand(command, run));
    register(Command.showLog, () => this.log.show(true));
    register(Command.copyDiagnostics, () => this.#copyDiagnostics());
    register(Command.restartHost, () => this.#restart());
    register(Command.stopHost, () => this.hosts.stopAll());
  }

  /** Says in one sentence what failed, with the way to more. */
  readonly failed = (what: string, error: unknown): void => {
    const isHuman = error instanceof HumanError;
    this.log.error(isHuman || !(error instanceof Error) ? String(error) : error);
    const showLog = vscode.l10n.t('Show Log');
    void vscode.window.showErrorMessage(`${what}: ${userMessage(error)}`, showLog).then((choice) => {
      if (choice === showLog) this.log.show(true);
    });
  };

  dispose(): void {
    this.#disposables.dispose();
  }

  async #restart(): Promise<void> {
    try {
      await (this.hosts.foremost ?? this.hosts.current()).restart();
    } catch (error) {
      this.failed(vscode.l10n.t('Restart Driver Host'), error);
    }
  }

  async #copyDiagnostics(): Promise<void> {
    await vscode.env.clipboard.writeText(diagnostics(this.hosts.hosts, this.extensionVersion));
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Diagnostics are on the clipboard. They hold no serial numbers.'),
    );
  }
}
