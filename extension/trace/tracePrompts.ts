/** What vTracer's commands ask. */
import path from 'node:path';
import * as vscode from 'vscode';

const tracefsFolder = '/sys/kernel/tracing';

export interface Source {
  readonly input: string;
  readonly tracefs: boolean;
}

/** What to record; undefined when nothing was chosen. */
export async function askSource(): Promise<Source | undefined> {
  const machine = {
    label: vscode.l10n.t("This Machine's NVMe Commands"),
    detail: vscode.l10n.t('Linux tracepoints, in {0}. Needs root.', tracefsFolder),
  };
  const pipe = {
    label: vscode.l10n.t('A FIFO or File...'),
    detail: vscode.l10n.t("What QEMU's -trace 'pci_nvme_*', ftrace, blkparse or fio writes there, while they write."),
  };
  const chosen = await vscode.window.showQuickPick([machine, pipe], {
    title: vscode.l10n.t('Record Trace'),
    placeHolder: vscode.l10n.t('What to record'),
  });
  if (!chosen) return undefined;
  if (chosen === machine) return { input: tracefsFolder, tracefs: true };
  const file = await askRecording();
  return file && { input: file.fsPath, tracefs: false };
}

export async function askRecording(): Promise<vscode.Uri | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Recording of QEMU, ftrace, blkparse or fio'),
      openLabel: vscode.l10n.t('Choose Recording'),
    })) ?? [];
  return file;
}

export async function askTrace(title: string): Promise<vscode.Uri | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({ title, filters: { [vscode.l10n.t('NVMe trace')]: ['nvtrace'] } })) ?? [];
  return file;
}

/** Where a trace goes; the dialog asks before it replaces a file. */
export async function askOutput(saveLabel: string, name: string, beside?: vscode.Uri): Promise<vscode.Uri | undefined> {
  const folder = beside ? path.dirname(beside.fsPath) : vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  return vscode.window.showSaveDialog({
    saveLabel,
    filters: { [vscode.l10n.t('NVMe trace')]: ['nvtrace'] },
    ...(folder !== undefined && { defaultUri: vscode.Uri.file(path.join(folder, `${name}.nvtrace`)) }),
  });
}
