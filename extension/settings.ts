import * as vscode from 'vscode';
import { parsePower } from '../testkit/power/powerSpec.ts';

/** Every setting and its default, once. The manifest test compares this table with package.json. */
export const SettingDefaults = {
  testFiles: '**/*.nvme.ts',
  codeLens: true,
  controller: 'emulated',
  power: '',
  freshPerRun: false,
  timeoutSeconds: 60,
  seed: '',
  'cmdlog.entries': 128,
  openCharts: true,
  addonPath: '',
} as const;

export type SettingName = keyof typeof SettingDefaults;
type Widen<T> = T extends string ? string : T extends number ? number : boolean;
export type SettingValue<K extends SettingName> = Widen<(typeof SettingDefaults)[K]>;

export const SettingsSection = 'doorbell';

/** The value in force for a resource; read at each use, so a change needs no reload. */
export function setting<K extends SettingName>(name: K, scope?: vscode.Uri): SettingValue<K> {
  const fallback = SettingDefaults[name] as unknown as SettingValue<K>;
  return vscode.workspace.getConfiguration(SettingsSection, scope).get<SettingValue<K>>(name, fallback);
}

/** Addresses of `nvme0`, `nvme1`, ... that tests of a folder run on; none is the emulated SSD. The setting is one address or several. */
export function controllersSetting(scope?: vscode.Uri): string[] {
  const value: unknown = setting('controller', scope);
  const addresses = [value].flat().filter((address) => typeof address === 'string');
  const named = addresses.map((address) => address.trim()).filter((address) => address !== '');
  return named.length === 1 && named[0] === SettingDefaults.controller ? [] : named;
}

/** What switches the supply of `nvme0`; undefined is the usual for it. @throws RangeError for what names no power controller */
export function powerSetting(scope?: vscode.Uri): string | undefined {
  const power = setting('power', scope).trim();
  if (power === '') return undefined;
  parsePower(power);
  return power;
}

export async function updateSetting<K extends SettingName>(name: K, value: unknown, folder: vscode.Uri): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(SettingsSection, folder);
  const isShared = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
  const { Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;
  await configuration.update(name, value, isShared ? WorkspaceFolder : Workspace);
}

export function onSettingChange(name: SettingName, listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(`${SettingsSection}.${name}`)) listener();
  });
}
