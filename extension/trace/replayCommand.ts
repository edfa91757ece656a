/** *vTracer: Replay...*: a trace, sent again to the controller of the settings. */
import path from 'node:path';
import * as vscode from 'vscode';
import { emulatedAddress, isDrive, parseAddress } from '../../testkit/machine/address.ts';
import { driveText } from '../../testkit/machine/drive.ts';
import type { ReplayProgress, ReplayReport } from '../../testkit/trace/replay/replayProtocol.ts';
import { replayLines, replayProgressText } from '../../testkit/trace/replay/replayText.ts';
import type { FolderHost } from '../host/folderHost.ts';
import type { HostManager } from '../host/hostManager.ts';
import { controllersSetting } from '../settings.ts';
import { askTrace } from './tracePrompts.ts';

type Speed = number | 'max';

const qdepth = 64;

/** Returns without a word where a question was not answered. */
export async function replayTrace(hosts: HostManager, uri: vscode.Uri | undefined): Promise<void> {
  const trace = uri ?? (await askTrace(vscode.l10n.t('Replay Trace')));
  const speed = trace && (await askSpeed());
  if (!trace || speed === undefined) return;
  const host = hosts.current();
  const controller = controllersSetting(host.folder.uri)[0] ?? emulatedAddress;
  const allowedDrives = await consent(host, controller);
  if (!allowedDrives) return;
  const request = { trace: trace.fsPath, controller, allowedDrives, speed, qdepth, scale: true, readOnly: false };
  const report = await withProgress(path.basename(trace.fsPath), host, (session) => session.link.calls.replay(request));
  await show(report);
}

async function askSpeed(): Promise<Speed | undefined> {
  const item = (label: string, speed: Speed) => ({ label, speed });
  const chosen = await vscode.window.showQuickPick(
    [
      item(vscode.l10n.t('As Recorded'), 1),
      item(vscode.l10n.t('10 Times Faster'), 10),
      item(vscode.l10n.t('As Fast as Possible'), 'max'),
    ],
    { title: vscode.l10n.t('Replay Trace'), placeHolder: vscode.l10n.t('How fast') },
  );
  return chosen?.speed;
}

/** Serial numbers of drives that may be written to; undefined where the user did not agree. */
async function consent(host: FolderHost, controller: string): Promise<readonly string[] | undefined> {
  if (!isDrive(parseAddress(controller))) return [];
  const session = await host.acquire();
  const drives = await session.link.calls.drives({ controllers: [controller], allowedDrives: [] });
  const overwrite = vscode.l10n.t('Overwrite');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('The replay writes to {0}. Its data may be lost.', drives.map(driveText).join(', ')),
    { modal: true },
    overwrite,
  );
  return answer === overwrite ? drives.map(({ serial }) => serial) : undefined;
}

type Session = Awaited<ReturnType<FolderHost['acquire']>>;

async function withProgress(
  name: string,
  host: FolderHost,
  work: (session: Session) => Promise<ReplayReport>,
): Promise<ReplayReport> {
  const session = await host.acquire();
  host.markUsed();
  const title = vscode.l10n.t('Replaying {0}', name);
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const replayProgress = (event: ReplayProgress) => progress.report({ message: replayProgressText(event) });
    const listening = host.listen({ replayProgress });
    const stopping = token.onCancellationRequested(() => void session.link.calls.stopReplay().catch(() => undefined));
    try {
      return await work(session);
    } finally {
      stopping.dispose();
      listening.dispose();
    }
  });
}

/** The report as a document: it is longer than a message. */
async function show(report: ReplayReport): Promise<void> {
  const content = `${replayLines(report).join('\n')}\n`;
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content }), { preview: true });
}
