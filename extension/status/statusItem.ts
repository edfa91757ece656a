import * as vscode from 'vscode';
import { Command, commandLink } from '../commands.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import type { FolderHost, HostState } from '../host/folderHost.ts';
import type { HostManager } from '../host/hostManager.ts';
import { controllersSetting, onSettingChange } from '../settings.ts';

/** One short item, left: what the driver host does. Its tooltip is the control panel. */
export class StatusItem implements Disposable {
  readonly #disposables = new Disposables();
  readonly #item: vscode.StatusBarItem;

  constructor(private readonly hosts: HostManager) {
    this.#item = this.#disposables.add(
      vscode.window.createStatusBarItem('doorbell.host', vscode.StatusBarAlignment.Left, 10),
    );
    this.#item.name = vscode.l10n.t('NVMe Driver Host');
    this.#disposables.add(hosts.onDidChange(() => this.#update()));
    this.#disposables.add(onSettingChange('controller', () => this.#update()));
    this.#update();
    this.#item.show();
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #update(): void {
    const host = this.hosts.foremost;
    const state = host?.state ?? { kind: 'stopped' };
    const { icon, word } = looks(state);
    const controllers = chosenControllers(host);
    // The usual one needs no words.
    this.#item.text = [`$(${icon}) NVMe: ${word}`, ...controllers].join(' · ');
    this.#item.accessibilityInformation = {
      label: [vscode.l10n.t('NVMe driver host: {0}', word), ...controllers].join(', '),
    };
    this.#item.command = 'reason' in state ? Command.showLog : Command.pickController;
    this.#item.backgroundColor = 'reason' in state ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
    this.#item.tooltip = tooltip(host, state, { word, controllers });
  }
}

function looks(state: HostState): { icon: string; word: string } {
  switch (state.kind) {
    case 'starting':
      return { icon: 'loading~spin', word: vscode.l10n.t('starting') };
    case 'running':
      return { icon: 'sync~spin', word: state.activity ?? vscode.l10n.t('running') };
    case 'ready':
      return { icon: 'pass', word: vscode.l10n.t('ready') };
    case 'cannot-start':
      return { icon: 'error', word: vscode.l10n.t('cannot start') };
    case 'crashed':
      return { icon: 'error', word: vscode.l10n.t('crashed') };
    default:
      return { icon: 'circle-outline', word: vscode.l10n.t('stopped') };
  }
}

/** Addresses, where tests do not run on the emulated SSD. */
function chosenControllers(host: FolderHost | undefined): string[] {
  const folder = host?.folder ?? vscode.workspace.workspaceFolders?.[0];
  return controllersSetting(folder?.uri);
}

interface Shown {
  readonly word: string;
  readonly controllers: readonly string[];
}

function tooltip(host: FolderHost | undefined, state: HostState, { word, controllers }: Shown): vscode.MarkdownString {
  const text = new vscode.MarkdownString('', true);
  text.isTrusted = {
    enabledCommands: [Command.restartHost, Command.showLog, Command.stopHost, Command.pickController, Command.doctor],
  };
  text.appendMarkdown(`**${vscode.l10n.t('NVMe driver host')}**: `).appendText(word);
  if (state.kind === 'stopped')
    text.appendMarkdown('\n\n').appendText(vscode.l10n.t('It starts by itself when a test runs.'));
  if ('reason' in state) text.appendMarkdown('\n\n').appendText(state.reason);
  const alive = host?.alive;
  if (alive) {
    const { version, node, platforms } = alive.link.info;
    text.appendMarkdown('\n\n').appendText(`pid ${alive.pid} · ${version} · Node ${node} · ${platforms.join(', ')}`);
  }
  const named = controllers.length > 0 ? controllers.join(', ') : vscode.l10n.t('emulated SSD');
  text.appendMarkdown(`\n\n**${vscode.l10n.t('Controller')}**: `).appendText(named);
  const pick = commandLink(`$(circuit-board) ${vscode.l10n.t('Choose Controller')}`, Command.pickController);
  const doctor = commandLink(`$(pulse) ${vscode.l10n.t('Doctor')}`, Command.doctor);
  const restart = commandLink(`$(debug-restart) ${vscode.l10n.t('Restart Driver Host')}`, Command.restartHost);
  const log = commandLink(`$(output) ${vscode.l10n.t('Show Log')}`, Command.showLog);
  const stop = commandLink(`$(debug-stop) ${vscode.l10n.t('Stop')}`, Command.stopHost);
  return text.appendMarkdown(
    `\n\n---\n\n${[pick, doctor, restart, log, ...(alive ? [stop] : [])].join(' &nbsp;·&nbsp; ')}`,
  );
}
