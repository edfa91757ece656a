import * as vscode from 'vscode';
import { parseAddress } from '../../testkit/machine/address.ts';
import {
  controllerText,
  fixOf,
  readinessText,
  type SurveyedController,
} from '../../testkit/machine/doctor/controllerFindings.ts';

export type Choice =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'pcie'; readonly surveyed: SurveyedController }
  | { readonly kind: 'vfio-user' | 'tcp' | 'doctor' };

export type ButtonAction = 'bind' | 'unbind';

export interface ControllerButton extends vscode.QuickInputButton {
  readonly action: ButtonAction;
}

export interface ControllerItem extends vscode.QuickPickItem {
  readonly choice?: Choice;
  readonly buttons?: readonly ControllerButton[];
}

/** The rows of the picker. `current`: the addresses the workspace uses now. */
export function controllerItems(surveyed: readonly SurveyedController[], current: readonly string[]): ControllerItem[] {
  const isEmulated = current.length === 0 || current.some((address) => kindOf(address) === 'emulated');
  const elsewhere = current.filter((address) => ['vfio-user', 'tcp'].includes(kindOf(address)));
  return [
    {
      label: mark('beaker', vscode.l10n.t('Emulated SSD'), isEmulated),
      detail: vscode.l10n.t('In the driver host. Nothing of this machine is touched.'),
      choice: { kind: 'address', address: 'emulated' },
    },
    separator(vscode.l10n.t('PCI Express')),
    ...(surveyed.length === 0 ? [noneItem()] : surveyed.map((one) => pcieItem(one, current))),
    separator(vscode.l10n.t('Elsewhere')),
    ...elsewhere.map((address) => ({
      label: mark('server-environment', address, true),
      choice: { kind: 'address' as const, address },
    })),
    { label: `$(plug) ${vscode.l10n.t('vfio-user Socket...')}`, choice: { kind: 'vfio-user' } },
    { label: `$(remote) ${vscode.l10n.t('NVMe over TCP...')}`, choice: { kind: 'tcp' } },
    separator(''),
    { label: `$(pulse) ${vscode.l10n.t('Doctor: What This Machine Lacks')}`, choice: { kind: 'doctor' } },
  ];
}

function pcieItem(surveyed: SurveyedController, current: readonly string[]): ControllerItem {
  const { controller, readiness } = surveyed;
  const { address } = controller;
  const isCurrent = current.some((one) => one.replace(/^spdk:/, '') === address);
  return {
    label: mark(readiness.kind === 'held' ? 'lock' : 'circuit-board', address, isCurrent),
    description: controllerText(controller).slice(address.length + 2),
    detail: readinessText(surveyed),
    buttons: buttonsOf(surveyed),
    choice: { kind: 'pcie', surveyed },
  };
}

function buttonsOf(surveyed: SurveyedController): ControllerButton[] {
  const { controller, readiness } = surveyed;
  const buttons: ControllerButton[] = [];
  if (canBind(surveyed)) {
    const tooltip = vscode.l10n.t('Bind to VFIO');
    buttons.push({ action: 'bind', iconPath: new vscode.ThemeIcon('debug-connected'), tooltip });
  }
  if (controller.driver === 'vfio-pci' && readiness.kind !== 'held') {
    const tooltip = vscode.l10n.t('Give Back to the Kernel');
    buttons.push({ action: 'unbind', iconPath: new vscode.ThemeIcon('debug-disconnect'), tooltip });
  }
  return buttons;
}

/** Nobody needs it, and nothing keeps VFIO from it. */
export function canBind(surveyed: SurveyedController): boolean {
  return fixOf(surveyed, 'doorbell') !== undefined;
}

function noneItem(): ControllerItem {
  return { label: `$(info) ${vscode.l10n.t('No NVMe controller on the PCI bus')}`, choice: { kind: 'doctor' } };
}

function separator(label: string): ControllerItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function mark(icon: string, label: string, isCurrent: boolean): string {
  return `$(${isCurrent ? 'check' : icon}) ${label}`;
}

function kindOf(address: string): string {
  try {
    return parseAddress(address).kind;
  } catch {
    return 'unknown';
  }
}
