import os from 'node:os';
import * as vscode from 'vscode';
import type { FolderHost } from '../host/folderHost.ts';
import { controllersSetting } from '../settings.ts';

/** What a bug report needs; no serial numbers and no paths outside the extension's own settings. */
export function diagnostics(hosts: readonly FolderHost[], extensionVersion: string): string {
  const lines = [
    `Doorbell ${extensionVersion}`,
    `VS Code ${vscode.version} (${vscode.env.appName}${vscode.env.remoteName ? `, ${vscode.env.remoteName}` : ''})`,
    `${os.type()} ${os.release()} ${process.arch}, ${os.cpus().length} x ${os.cpus()[0]?.model.trim() ?? 'unknown processor'}`,
    `Node ${process.versions.node}${process.versions.electron ? `, Electron ${process.versions.electron}` : ''}`,
    ...hosts.flatMap(ofHost),
  ];
  return `${lines.join('\n')}\n`;
}

function ofHost(host: FolderHost, index: number): string[] {
  const { state, alive } = host;
  const reason = 'reason' in state ? `: ${state.reason}` : '';
  const info = alive?.link.info;
  const addresses = controllersSetting(host.folder.uri).map((address) => address.split(/[:?]/)[0] ?? '');
  // Of a drive only that it is one.
  const controller = addresses.map((scheme) => (/^[\da-f]+$/.test(scheme) ? 'PCIe' : scheme)).join(', ') || 'emulated';
  return [
    `Driver host ${index + 1}: ${state.kind}${reason}`,
    `  controller: ${controller}, runs waiting: ${host.queue.length}`,
    ...(info
      ? [
          `  version ${info.version}, addon ${info.addonVersion}, Node ${info.node}, platforms ${info.platforms.join(', ')}`,
        ]
      : []),
  ];
}
