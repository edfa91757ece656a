import * as vscode from 'vscode';

/** Every setting and its default, once. The manifest test compares this table with package.json. */
export const SettingDefaults = {
  testFiles: '**/*.nvme.ts',
  codeLens: true,
  controller: 'emulated',
  freshPerRun: false,
  timeoutSeconds: 60,
  seed: '',
  'cmdlog.entries': 128,
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

export function onSettingChange(name: SettingName, listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(`${SettingsSection}.${name}`)) listener();
  });
}
