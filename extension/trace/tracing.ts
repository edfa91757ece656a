import * as vscode from 'vscode';
import { TraceClient } from '../../testkit/trace/traceClient.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import type { HostManager } from '../host/hostManager.ts';
import { TraceCommands } from './traceCommands.ts';
import { TraceEditors } from './traceEditor.ts';

/** vTracer: its worker, its editor, its commands. */
export class Tracing implements Disposable {
  readonly #disposables = new Disposables();

  constructor(context: vscode.ExtensionContext, hosts: HostManager, failed: (what: string, error: unknown) => void) {
    const version: string = context.extension.packageJSON.version;
    const webviews = vscode.Uri.joinPath(context.extensionUri, 'dist', 'webviews');
    const client = this.#disposables.add(new TraceClient(context.asAbsolutePath('dist/trace.cjs')));
    this.#disposables.add(new TraceEditors(client, webviews));
    this.#disposables.add(new TraceCommands(client, version, hosts, failed));
  }

  dispose(): void {
    this.#disposables.dispose();
  }
}
