import * as vscode from 'vscode';
import { bystanders } from '../../testkit/power/powerBystanders.ts';
import type { PowerSpec } from '../../testkit/power/powerSpec.ts';
import type { PowerAction } from '../../testkit/protocol.ts';

/** What an action is about to be done to. */
export interface PowerTarget {
  readonly address: string;
  readonly serial: string | undefined;
  readonly isEmulated: boolean;
  /** What switches, when that was chosen. */
  readonly kind: PowerSpec['kind'] | undefined;
}

export const mostCycles = 100_000;
const mostOffMs = 3_600_000;

/** The emulated SSD loses nothing anybody misses; anything else is named and asked about. */
export async function confirmed(action: PowerAction, target: PowerTarget, times = 1): Promise<boolean> {
  if (action === 'on' || (target.isEmulated && target.kind !== 's3')) return true;
  const serial = target.serial ?? vscode.l10n.t('unknown');
  const verb = actionTitle(action);
  const question =
    times > 1
      ? vscode.l10n.t('{0} controller {1}, serial {2}, {3} times?', verb, target.address, serial, times)
      : vscode.l10n.t('{0} controller {1}, serial {2}?', verb, target.address, serial);
  const detail = await consequences(target);
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, verb)) === verb;
}

async function consequences(target: PowerTarget): Promise<string> {
  const lost = vscode.l10n.t('Commands in flight fail, and data in a volatile write cache is lost.');
  if (target.kind !== 's3') return lost;
  const sleeps = vscode.l10n.t('The whole machine sleeps, and with it:');
  return [lost, sleeps, ...(await bystanders())].join('\n');
}

/** Milliseconds without power; undefined when nobody wants to. */
export async function askOffMs(): Promise<number | undefined> {
  return askNumber(vscode.l10n.t('Milliseconds without power'), '0', 0, mostOffMs);
}

export async function askCycles(): Promise<number | undefined> {
  return askNumber(vscode.l10n.t('How many power cycles'), '10', 1, mostCycles);
}

async function askNumber(prompt: string, value: string, least: number, most: number): Promise<number | undefined> {
  const isRight = (text: string) => /^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= most;
  const fault = vscode.l10n.t('A whole number of {0} to {1}', least, most);
  const validateInput = (text: string) => (isRight(text) ? undefined : fault);
  const text = await vscode.window.showInputBox({ prompt, value, validateInput, ignoreFocusOut: true });
  return text === undefined ? undefined : Number(text);
}

export function actionTitle(action: PowerAction): string {
  const titles = {
    off: vscode.l10n.t('Power Off'),
    on: vscode.l10n.t('Power On'),
    cycle: vscode.l10n.t('Power Cycle'),
  };
  return titles[action];
}
