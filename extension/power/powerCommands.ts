import * as vscode from 'vscode';
import { emulatedAddress, parseAddress } from '../../testkit/machine/address.ts';
import type { PowerAction, PowerReport } from '../../testkit/protocol.ts';
import { Command, type CommandId } from '../commands.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import type { FolderHost } from '../host/folderHost.ts';
import type { HostManager } from '../host/hostManager.ts';
import { controllerOfNode, type QueueNode } from '../queues/queueTree.ts';
import { controllersSetting } from '../settings.ts';

export interface PowerEvent {
  readonly host: FolderHost;
  readonly action: PowerAction;
  readonly report: PowerReport;
}

const actions: readonly (readonly [CommandId, PowerAction])[] = [
  [Command.powerOff, 'off'],
  [Command.powerOn, 'on'],
  [Command.powerCycle, 'cycle'],
];

/** vPower: takes power from a controller and gives it back, during a run and between runs. */
export class PowerCommands implements Disposable {
  readonly #disposables = new Disposables();
  readonly #done = this.#disposables.add(new vscode.EventEmitter<PowerEvent>());
  readonly onDidChangePower = this.#done.event;

  constructor(
    private readonly hosts: HostManager,
    private readonly failed: (what: string, error: unknown) => void,
  ) {
    for (const [command, action] of actions) {
      this.#disposables.add(vscode.commands.registerCommand(command, (node?: QueueNode) => this.#run(action, node)));
    }
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  async #run(action: PowerAction, node: QueueNode | undefined): Promise<void> {
    try {
      const host = node ? this.hosts.of(node.workspaceFolder) : this.hosts.current();
      const known = node && controllerOfNode(node);
      const address = known?.address ?? controllersSetting(host.folder.uri)[0] ?? emulatedAddress;
      if (parseAddress(address).kind !== 'emulated' && !(await confirmed(action, address, known?.serial))) return;
      const session = await host.acquire();
      host.markUsed();
      const report = await session.link.calls.power({ action, controller: address });
      this.#done.fire({ host, action, report });
      // Not awaited: the message stays until someone closes it.
      void vscode.window.showInformationMessage(describe(report));
    } catch (error) {
      this.failed(title(action), error);
    }
  }
}

async function confirmed(action: PowerAction, address: string, serial: string | undefined): Promise<boolean> {
  if (action === 'on') return true;
  const question = vscode.l10n.t(
    '{0} controller {1}, serial {2}?',
    title(action),
    address,
    serial ?? vscode.l10n.t('unknown'),
  );
  const detail = vscode.l10n.t('Commands in flight fail, and data in a volatile write cache is lost.');
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, title(action))) === title(action);
}

function title(action: PowerAction): string {
  const titles = {
    off: vscode.l10n.t('Power Off'),
    on: vscode.l10n.t('Power On'),
    cycle: vscode.l10n.t('Power Cycle'),
  };
  return titles[action];
}

/** As a mark on a history. */
export function powerMark(action: PowerAction): string {
  return title(action);
}

function describe({ controller, powered, powerCycles, unsafeShutdowns }: PowerReport): string {
  if (!powered) return vscode.l10n.t('{0} is powered off.', controller);
  if (powerCycles === undefined || unsafeShutdowns === undefined)
    return vscode.l10n.t('{0} is powered on.', controller);
  return vscode.l10n.t({
    message: '{0} is powered on: {1} power cycles, {2} unsafe shutdowns.',
    args: [controller, String(powerCycles), String(unsafeShutdowns)],
    comment: ['{0} is the address of a controller, {1} and {2} are counts of its SMART log'],
  });
}
