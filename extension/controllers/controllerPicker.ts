import * as vscode from 'vscode';
import { parseAddress } from '../../testkit/machine/address.ts';
import { type SurveyedController, surveyControllers } from '../../testkit/machine/doctor/controllerFindings.ts';
import { Machine } from '../../testkit/machine/machine.ts';
import { Command } from '../commands.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import type { HostManager } from '../host/hostManager.ts';
import { HumanError } from '../humanError.ts';
import { controllersSetting, updateSetting } from '../settings.ts';
import type { BindCommands } from './bindCommands.ts';
import { type Choice, type ControllerItem, canBind, controllerItems } from './controllerItems.ts';

export interface PickerParts {
  readonly hosts: HostManager;
  readonly bind: Pick<BindCommands, 'bind' | 'unbind'>;
  readonly failed: (what: string, error: unknown) => void;
}

/** **NVMe: Choose Controller**: which controller the tests of a workspace folder run on. */
export class ControllerPicker implements Disposable {
  readonly #disposables = new Disposables();

  constructor(private readonly parts: PickerParts) {
    this.#disposables.add(vscode.commands.registerCommand(Command.pickController, () => this.#run()));
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  async #run(): Promise<void> {
    try {
      const { folder } = this.parts.hosts.current();
      const choice = await this.#pick(folder.uri);
      const address = choice && (await this.#addressOf(choice));
      if (address !== undefined) await choose(address, folder.uri);
    } catch (error) {
      this.parts.failed(vscode.l10n.t('Choose Controller'), error);
    }
  }

  #pick(folder: vscode.Uri): Promise<Choice | undefined> {
    const pick = vscode.window.createQuickPick<ControllerItem>();
    pick.title = vscode.l10n.t('Controller for the Tests of This Workspace');
    pick.placeholder = vscode.l10n.t('A drive that is in use cannot be chosen');
    pick.matchOnDescription = true;
    pick.matchOnDetail = true;
    const fill = async () => {
      pick.busy = true;
      const surveyed = await surveyControllers(new Machine());
      pick.items = controllerItems(surveyed, controllersSetting(folder));
      pick.busy = false;
    };
    const picked = new Promise<Choice | undefined>((resolve, reject) => {
      pick.onDidAccept(() => resolve(pick.selectedItems[0]?.choice));
      pick.onDidHide(() => resolve(undefined));
      pick.onDidTriggerItemButton(({ item, button }) => {
        void this.#press(item, button).catch(reject);
        resolve(undefined);
      });
      fill().catch(reject);
    });
    pick.show();
    return picked.finally(() => pick.dispose());
  }

  async #press({ choice }: ControllerItem, button: vscode.QuickInputButton): Promise<void> {
    if (choice?.kind !== 'pcie') return;
    const { controller } = choice.surveyed;
    const action = 'action' in button ? button.action : undefined;
    try {
      if (action === 'bind') await this.parts.bind.bind(controller);
      if (action === 'unbind') await this.parts.bind.unbind(controller);
    } catch (error) {
      this.parts.failed(button.tooltip ?? vscode.l10n.t('Choose Controller'), error);
    }
  }

  async #addressOf(choice: Choice): Promise<string | undefined> {
    switch (choice.kind) {
      case 'address':
        return choice.address;
      case 'pcie':
        return this.#pcieAddress(choice.surveyed);
      case 'vfio-user':
        return ask('vfio-user:', vscode.l10n.t('Path of the vfio-user server’s socket'), '/run/user/1000/nvme.sock');
      case 'tcp':
        return ask(
          'tcp://',
          vscode.l10n.t('Host, port and NQN of the subsystem'),
          '192.0.2.1:4420/nqn.2014-08.org.nvmexpress:x',
        );
      case 'doctor':
        await vscode.commands.executeCommand(Command.doctor);
        return undefined;
    }
  }

  /** One that the kernel has is taken from it first, when nobody needs it there. */
  async #pcieAddress(surveyed: SurveyedController): Promise<string | undefined> {
    const { controller, readiness } = surveyed;
    if (readiness.kind === 'ready') return controller.address;
    if (readiness.kind === 'held') {
      throw new HumanError(vscode.l10n.t('{0} is in use and is left alone: {1}.', controller.address, readiness.by));
    }
    if (!canBind(surveyed)) {
      await vscode.commands.executeCommand(Command.doctor);
      return undefined;
    }
    return (await this.parts.bind.bind(controller)) ? controller.address : undefined;
  }
}

async function ask(scheme: string, prompt: string, placeHolder: string): Promise<string | undefined> {
  const whole = (text: string) => (text.trim().startsWith(scheme) ? text.trim() : `${scheme}${text.trim()}`);
  const validateInput = (text: string) => {
    try {
      parseAddress(whole(text));
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const text = await vscode.window.showInputBox({ prompt, placeHolder, validateInput, ignoreFocusOut: true });
  return text === undefined ? undefined : parseAddress(whole(text)).text;
}

/** `nvme0` becomes the chosen one; others of the folder stay. */
export async function choose(address: string, folder: vscode.Uri): Promise<void> {
  const others = controllersSetting(folder)
    .slice(1)
    .filter((other) => other !== address);
  await updateSetting('controller', others.length > 0 ? [address, ...others] : address, folder);
}
