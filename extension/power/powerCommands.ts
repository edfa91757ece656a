import * as vscode from 'vscode';
import { emulatedAddress, parseAddress } from '../../testkit/machine/address.ts';
import { parsePower } from '../../testkit/power/powerSpec.ts';
import type { PowerAction, PowerReport } from '../../testkit/protocol.ts';
import { Command } from '../commands.ts';
import type { DriveConsent } from '../controllers/driveConsent.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import type { FolderHost } from '../host/folderHost.ts';
import type { HostManager } from '../host/hostManager.ts';
import { controllerOfNode, type QueueNode } from '../queues/queueTree.ts';
import { controllersSetting, powerSetting } from '../settings.ts';
import { actionTitle, askCycles, askOffMs, confirmed, type PowerTarget } from './powerPrompts.ts';
import { cycleRepeatedly } from './repeatedCycles.ts';

export interface PowerEvent {
  readonly host: FolderHost;
  readonly action: PowerAction;
  readonly report: PowerReport;
}

/** A controller, its host, and what switches its supply. */
interface Chosen extends PowerTarget {
  readonly host: FolderHost;
  readonly power: string | undefined;
}

type Verb = (chosen: Chosen) => Promise<string | undefined>;

/** vPower: takes power from a controller and gives it back, during a run and between runs. */
export class PowerCommands implements Disposable {
  readonly #disposables = new Disposables();
  readonly #done = this.#disposables.add(new vscode.EventEmitter<PowerEvent>());
  readonly onDidChangePower = this.#done.event;

  constructor(
    private readonly hosts: HostManager,
    private readonly failed: (what: string, error: unknown) => void,
    private readonly consent: Pick<DriveConsent, 'allowed'>,
  ) {
    this.#register(Command.powerOff, 'off', (chosen) => this.#once('off', chosen));
    this.#register(Command.powerOn, 'on', (chosen) => this.#once('on', chosen));
    this.#register(Command.powerCycle, 'cycle', (chosen) => this.#cycle(chosen));
    this.#register(Command.powerCycleRepeatedly, 'cycle', (chosen) => this.#cycles(chosen));
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #register(command: string, action: PowerAction, verb: Verb): void {
    const run = async (node?: QueueNode) => {
      try {
        const told = await verb(this.#choose(node));
        // Not awaited: the message stays until someone closes it.
        if (told !== undefined) void vscode.window.showInformationMessage(told);
      } catch (error) {
        this.failed(actionTitle(action), error);
      }
    };
    this.#disposables.add(vscode.commands.registerCommand(command, run));
  }

  #choose(node: QueueNode | undefined): Chosen {
    const host = node ? this.hosts.of(node.workspaceFolder) : this.hosts.current();
    const known = node && controllerOfNode(node);
    const first = controllersSetting(host.folder.uri)[0] ?? emulatedAddress;
    const address = known?.address ?? first;
    // The setting speaks of nvme0; others have their usual supply.
    const power = address === first ? powerSetting(host.folder.uri) : undefined;
    const isEmulated = parseAddress(address).kind === 'emulated';
    const kind = power === undefined ? undefined : parsePower(power).kind;
    return { host, address, serial: known?.serial, isEmulated, power, kind };
  }

  async #once(action: PowerAction, chosen: Chosen): Promise<string | undefined> {
    if (!(await confirmed(action, chosen))) return undefined;
    return describe(await this.#switch(action, chosen));
  }

  async #cycle(chosen: Chosen): Promise<string | undefined> {
    const offMs = await askOffMs();
    if (offMs === undefined || !(await confirmed('cycle', chosen))) return undefined;
    return describe(await this.#switch('cycle', chosen, offMs));
  }

  async #cycles(chosen: Chosen): Promise<string | undefined> {
    const count = await askCycles();
    const offMs = count === undefined ? undefined : await askOffMs();
    if (count === undefined || offMs === undefined || !(await confirmed('cycle', chosen, count))) return undefined;
    const cycle = () => this.#switch('cycle', chosen, offMs);
    return cycleRepeatedly({ address: chosen.address, count, cycle });
  }

  async #switch(action: PowerAction, { host, address, power }: Chosen, offMs = 0): Promise<PowerReport> {
    const session = await host.acquire();
    host.markUsed();
    const how = { ...(power !== undefined && { power }), ...(offMs > 0 && { offMs }) };
    const report = await session.link.calls.power({
      action,
      controller: address,
      allowedDrives: this.consent.allowed,
      ...how,
    });
    this.#done.fire({ host, action, report });
    return report;
  }
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
