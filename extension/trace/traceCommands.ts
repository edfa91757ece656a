import path from 'node:path';
import * as vscode from 'vscode';
import type { ImportResult } from '../../testkit/trace/import/importer.ts';
import type { TraceClient } from '../../testkit/trace/traceClient.ts';
import type { RecordingRequest } from '../../testkit/trace/workerProtocol.ts';
import { Command } from '../commands.ts';
import { ContextKey, setContextKey } from '../contextKeys.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import type { HostManager } from '../host/hostManager.ts';
import { CustomEditor } from '../views.ts';
import { replayTrace } from './replayCommand.ts';
import { askOutput, askRecording, askSource, askTrace } from './tracePrompts.ts';

/** vTracer: Record, Stop, Import, Open, Export, Replay. */
export class TraceCommands implements Disposable {
  readonly #disposables = new Disposables();
  readonly #recordings = new Set<AbortController>();

  constructor(
    private readonly client: TraceClient,
    private readonly version: string,
    hosts: HostManager,
    private readonly failed: (what: string, error: unknown) => void,
  ) {
    this.#register(Command.traceRecord, vscode.l10n.t('Record Trace'), () => this.#record());
    this.#register(Command.traceStop, vscode.l10n.t('Stop Recording'), () => this.#stop());
    this.#register(Command.traceImport, vscode.l10n.t('Import Trace'), (uri) => this.#import(uri));
    this.#register(Command.traceOpen, vscode.l10n.t('Open Trace'), (uri) => this.#openAsked(uri));
    this.#register(Command.traceExport, vscode.l10n.t('Export Trace'), (uri) => this.#export(uri));
    this.#register(Command.traceReplay, vscode.l10n.t('Replay Trace'), (uri) => replayTrace(hosts, uri));
  }

  dispose(): void {
    for (const recording of this.#recordings) recording.abort();
    this.#disposables.dispose();
  }

  #register(command: string, what: string, run: (uri?: vscode.Uri) => Promise<void> | void): void {
    const guarded = async (uri?: vscode.Uri) => {
      try {
        await run(uri instanceof vscode.Uri ? uri : undefined);
      } catch (error) {
        this.failed(what, error);
      }
    };
    this.#disposables.add(vscode.commands.registerCommand(command, guarded));
  }

  async #record(): Promise<void> {
    const source = await askSource();
    if (!source) return;
    const output = await askOutput(vscode.l10n.t('Record'), 'recording');
    if (!output) return;
    await this.#run(vscode.l10n.t('Recording'), { ...source, output: output.fsPath, writer: this.#writer }, output);
  }

  async #import(uri: vscode.Uri | undefined): Promise<void> {
    const input = uri ?? (await askRecording());
    if (!input) return;
    const output = await askOutput(vscode.l10n.t('Import'), path.basename(input.fsPath).replace(/\.[^.]*$/, ''), input);
    if (!output) return;
    const request = { input: input.fsPath, tracefs: false, output: output.fsPath, writer: this.#writer };
    await this.#run(vscode.l10n.t('Importing {0}', path.basename(input.fsPath)), request, output);
  }

  get #writer(): string {
    return `doorbell ${this.version}`;
  }

  /** With progress; Cancel and *Stop* end it where it is, and what was recorded stays. */
  async #run(title: string, request: RecordingRequest, output: vscode.Uri): Promise<void> {
    const stop = new AbortController();
    this.#recordings.add(stop);
    setContextKey(ContextKey.hasRecording, true);
    try {
      const result = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title, cancellable: true },
        async (progress, token) => {
          token.onCancellationRequested(() => stop.abort());
          return this.client.ask('record', request, {
            signal: stop.signal,
            onMeanwhile: ({ commands, lines }) =>
              progress.report({
                message: vscode.l10n.t('{0} commands in {1} lines', commands.toLocaleString(), lines.toLocaleString()),
              }),
          });
        },
      );
      await this.#open(output);
      void vscode.window.showInformationMessage(summary(output, result));
    } finally {
      this.#recordings.delete(stop);
      setContextKey(ContextKey.hasRecording, this.#recordings.size > 0);
    }
  }

  #stop(): void {
    for (const recording of this.#recordings) recording.abort();
  }

  async #openAsked(uri: vscode.Uri | undefined): Promise<void> {
    const file = uri ?? (await askTrace(vscode.l10n.t('Open Trace')));
    if (file) await this.#open(file);
  }

  async #open(file: vscode.Uri): Promise<void> {
    await vscode.commands.executeCommand('vscode.openWith', file, CustomEditor.trace);
  }

  async #export(uri: vscode.Uri | undefined): Promise<void> {
    const input = uri ?? (await askTrace(vscode.l10n.t('Export Trace')));
    if (!input) return;
    const output = await vscode.window.showSaveDialog({
      defaultUri: vscode.Uri.file(input.fsPath.replace(/\.nvtrace$/, '.log')),
      filters: { [vscode.l10n.t('fio I/O log')]: ['log'] },
      saveLabel: vscode.l10n.t('Export'),
    });
    if (!output) return;
    const { entries, losses } = await this.client.ask('exportIolog', { input: input.fsPath, output: output.fsPath });
    const lost = Object.entries(losses).map(([name, count]) => `${name}: ${count.toLocaleString()}`);
    const message = vscode.l10n.t('{0} has {1} entries.', path.basename(output.fsPath), entries.toLocaleString());
    const detail = lost.length > 0 ? ` ${vscode.l10n.t('Not in a fio I/O log: {0}.', lost.join(', '))}` : '';
    void vscode.window.showInformationMessage(message + detail);
  }
}

function summary(output: vscode.Uri, { commands, left }: ImportResult): string {
  const name = path.basename(output.fsPath);
  const message = vscode.l10n.t('{0} has {1} commands.', name, commands.toLocaleString());
  const reasons = Object.entries(left).map(([reason, count]) => `${reason}: ${count.toLocaleString()}`);
  return reasons.length > 0 ? `${message} ${vscode.l10n.t('Left out: {0}.', reasons.join(', '))}` : message;
}
