import * as vscode from 'vscode';
import {
  controllerText,
  readinessText,
  type SurveyedController,
  surveyControllers,
} from '../../testkit/machine/doctor/controllerFindings.ts';
import { Machine } from '../../testkit/machine/machine.ts';
import type { NvmeController } from '../../testkit/machine/nvmeControllers.ts';
import { checkFree, checkGroup } from '../../testkit/machine/protection.ts';
import { rootCommand, shellWord } from '../../testkit/machine/shell.ts';
import { Command } from '../commands.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import { controllersSetting, SettingDefaults, updateSetting } from '../settings.ts';
import { canBind } from './controllerItems.ts';
import type { RunShell } from './shellTask.ts';

export interface BindParts {
  /** The `doorbell` command as root can call it. */
  readonly doorbell: string;
  readonly runShell: RunShell;
  readonly failed: (what: string, error: unknown) => void;
}

/** **Bind Controller to VFIO** and **Give Controller Back to the Kernel**: one action each, its command shown before it runs. */
export class BindCommands implements Disposable {
  readonly #disposables = new Disposables();
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<void>());
  /** A controller may have another driver now. */
  readonly onDidBind = this.#changed.event;

  constructor(private readonly parts: BindParts) {
    this.#register(Command.bindController, vscode.l10n.t('Bind Controller to VFIO'), canBind, (one) => this.bind(one));
    this.#register(Command.unbindController, vscode.l10n.t('Give Controller Back to the Kernel'), isBound, (one) =>
      this.unbind(one),
    );
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  /** Takes a controller from the kernel. False when the user or the command said no. @throws ProtectionError when somebody needs it */
  async bind(controller: NvmeController): Promise<boolean> {
    // The command checks again, as root, and with the namespaces in its hands.
    if (controller.driver !== 'vfio-pci') await checkFree(new Machine(), controller);
    checkGroup(controller, []);
    const question = vscode.l10n.t('Take {0} from the kernel, for tests?', controllerText(controller));
    return this.#confirmAndRun('bind', controller, question);
  }

  /** Gives a controller back; workspace folders that used it go back to the emulated SSD. */
  async unbind(controller: NvmeController): Promise<boolean> {
    const question = vscode.l10n.t('Give {0} back to the kernel?', controllerText(controller));
    if (!(await this.#confirmAndRun('unbind', controller, question))) return false;
    for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
      const isUsed = controllersSetting(uri).some((address) => address.endsWith(controller.address));
      if (isUsed) await updateSetting('controller', SettingDefaults.controller, uri);
    }
    return true;
  }

  async #confirmAndRun(verb: 'bind' | 'unbind', { address }: NvmeController, question: string): Promise<boolean> {
    const { doorbell, runShell } = this.parts;
    const command = rootCommand(`sudo ${shellWord(doorbell)} ${verb} ${address}`);
    const undo = rootCommand(`sudo ${shellWord(doorbell)} ${verb === 'bind' ? 'unbind' : 'bind'} ${address}`);
    const detail = vscode.l10n.t('This command runs in a terminal:\n\n{0}\n\nAnd to undo it:\n\n{1}', command, undo);
    const yes = vscode.l10n.t('Run in Terminal');
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) !== yes) return false;
    const isDone = await runShell(`${verb} ${address}`, command);
    this.#changed.fire();
    return isDone;
  }

  #register(
    command: string,
    title: string,
    fits: (surveyed: SurveyedController) => boolean,
    act: (controller: NvmeController) => Promise<boolean>,
  ): void {
    const run = async () => {
      try {
        const controller = await pickController(title, fits);
        if (controller) await act(controller);
      } catch (error) {
        this.parts.failed(title, error);
      }
    };
    this.#disposables.add(vscode.commands.registerCommand(command, run));
  }
}

function isBound({ controller, readiness }: SurveyedController): boolean {
  return controller.driver === 'vfio-pci' && readiness.kind !== 'held';
}

/** Those that do not fit are said with the reason, so that nobody looks for them in vain. */
async function pickController(
  title: string,
  fits: (surveyed: SurveyedController) => boolean,
): Promise<NvmeController | undefined> {
  const surveyed = await surveyControllers(new Machine());
  const items = surveyed.filter(fits).map((one) => ({
    label: one.controller.address,
    description: controllerText(one.controller).slice(one.controller.address.length + 2),
    detail: readinessText(one),
    controller: one.controller,
  }));
  if (items.length > 0) return (await vscode.window.showQuickPick(items, { title }))?.controller;
  const others = surveyed.map((one) => `${one.controller.address}: ${readinessText(one)}`);
  const fact =
    others.length > 0 ? others.join('\n') : vscode.l10n.t('This machine has no NVMe controller on its PCI bus.');
  const doctor = vscode.l10n.t('Doctor');
  const none = vscode.l10n.t('No controller for "{0}".', title);
  const answer = await vscode.window.showInformationMessage(none, { modal: true, detail: fact }, doctor);
  if (answer === doctor) await vscode.commands.executeCommand(Command.doctor);
  return undefined;
}
