import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { Finding } from '../../testkit/machine/doctor/finding.ts';
import { Command } from '../commands.ts';
import type { RunShell } from '../controllers/shellTask.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import { HumanError, userMessage } from '../humanError.ts';
import { DoctorPage } from '../views.ts';
import { doctorCommands, doctorHtml } from './doctorHtml.ts';
import type { AskDoctor } from './doctorReport.ts';

export interface DoctorParts {
  readonly ask: AskDoctor;
  readonly runShell: RunShell;
  readonly memory: Pick<vscode.Memento, 'get' | 'update'>;
  readonly failed: (what: string, error: unknown) => void;
}

type Which = 'fix' | 'undo';

const undoKey = 'doorbell.doctorUndo';

/** **NVMe: Doctor**: what this machine lacks, with each command that mends it. It runs what was shown and clicked, and remembers the way back. */
export class DoctorView implements Disposable {
  readonly #disposables = new Disposables();
  #panel: vscode.WebviewPanel | undefined;
  #findings: readonly Finding[] | undefined;
  #looking: Promise<void> | undefined;

  constructor(private readonly parts: DoctorParts) {
    const register = (command: string, run: (...args: never[]) => unknown) =>
      this.#disposables.add(vscode.commands.registerCommand(command, run));
    register(Command.doctor, () => this.show());
    register(Command.runFix, (id: string, which: Which) => this.#run(id, which));
    register(Command.copyFix, (id: string, which: Which) => this.#copy(id, which));
  }

  /** What the page shows. */
  get findings(): readonly Finding[] | undefined {
    return this.#findings;
  }

  /** Opens the page (or brings it to the front) and looks again. */
  async show(): Promise<void> {
    if (this.#panel) this.#panel.reveal();
    else this.#open();
    await this.#lookOnce();
  }

  async #lookOnce(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
  }

  /** What it shows may be past. */
  async refresh(): Promise<void> {
    if (this.#panel) await this.#lookOnce();
  }

  dispose(): void {
    this.#panel?.dispose();
    this.#disposables.dispose();
  }

  #open(): void {
    const column = vscode.window.activeTextEditor?.viewColumn ?? vscode.ViewColumn.Active;
    const title = vscode.l10n.t('NVMe Doctor');
    const options = { enableScripts: false, enableCommandUris: doctorCommands, localResourceRoots: [] };
    const panel = vscode.window.createWebviewPanel(DoctorPage, title, column, options);
    panel.onDidDispose(() => {
      this.#panel = undefined;
    });
    this.#panel = panel;
  }

  async #look(): Promise<void> {
    if (!this.#findings) this.#draw();
    try {
      this.#findings = await this.parts.ask();
      this.#draw();
    } catch (error) {
      this.#draw(userMessage(error));
    }
  }

  #draw(fault?: string): void {
    if (!this.#panel) return;
    const nonce = randomBytes(16).toString('base64');
    this.#panel.webview.html = doctorHtml({
      findings: this.#findings,
      undo: this.#undo,
      nonce,
      ...(fault !== undefined && { fault }),
    });
  }

  get #undo(): Readonly<Record<string, string>> {
    return this.parts.memory.get<Record<string, string>>(undoKey, {});
  }

  /** Only what the doctor itself found: no page can bring a command of its own. */
  #commandOf(id: string, which: Which): string {
    const finding = this.#findings?.find((each) => each.id === id);
    const command = which === 'fix' ? finding?.fix?.command : (this.#undo[id] ?? finding?.undo);
    if (command !== undefined) return command;
    throw new HumanError(vscode.l10n.t('That was found no more. Check again.'));
  }

  async #run(id: string, which: Which): Promise<void> {
    const title = which === 'fix' ? vscode.l10n.t('Run in Terminal') : vscode.l10n.t('Undo in Terminal');
    try {
      const undo = this.#findings?.find((each) => each.id === id)?.fix?.undo;
      if (await this.parts.runShell(id, this.#commandOf(id, which))) {
        const { [id]: _, ...others } = this.#undo;
        await this.parts.memory.update(undoKey, which === 'fix' && undo ? { ...others, [id]: undo } : others);
      }
      await this.show();
    } catch (error) {
      this.parts.failed(title, error);
    }
  }

  async #copy(id: string, which: Which): Promise<void> {
    await vscode.env.clipboard.writeText(this.#commandOf(id, which));
  }
}
