import * as vscode from 'vscode';

/** Keys for `when` clauses, set only through here. */
export const ContextKey = {
  /** The extension is active in this window: shows views and palette entries that other projects should not see. */
  active: 'doorbell.active',
  /** A driver host is alive. */
  hostAlive: 'doorbell.hostAlive',
  /** vTracer is recording or importing. */
  hasRecording: 'doorbell.hasRecording',
} as const;

export type ContextKeyName = (typeof ContextKey)[keyof typeof ContextKey];

export function setContextKey(key: ContextKeyName, value: boolean): void {
  void vscode.commands.executeCommand('setContext', key, value);
}
