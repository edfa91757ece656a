import path from 'node:path';
import * as vscode from 'vscode';
import type { DoorbellApi } from './api.ts';
import { ChartPanel } from './charts/chartPanel.ts';
import { CmdlogDocuments } from './cmdlog/cmdlogDocuments.ts';
import { CmdlogEditors } from './cmdlog/cmdlogEditors.ts';
import { CmdlogLanguageFeatures } from './cmdlog/cmdlogLanguage.ts';
import { CmdlogSource } from './cmdlog/cmdlogSource.ts';
import { ContextKey, setContextKey } from './contextKeys.ts';
import { BindCommands } from './controllers/bindCommands.ts';
import { ControllerPicker } from './controllers/controllerPicker.ts';
import { DriveConsent } from './controllers/driveConsent.ts';
import { runShellTask } from './controllers/shellTask.ts';
import { doctorOf } from './doctor/doctorReport.ts';
import { DoctorView } from './doctor/doctorView.ts';
import { GaugeView } from './gauge/gaugeView.ts';
import { EvidenceReader } from './host/evidenceReader.ts';
import { startHostProcess } from './host/hostLink.ts';
import { HostManager } from './host/hostManager.ts';
import { HostPaths } from './host/hostPaths.ts';
import { PowerCommands, type PowerEvent } from './power/powerCommands.ts';
import { actionTitle } from './power/powerPrompts.ts';
import { QueueTree } from './queues/queueTree.ts';
import { TopologyWatcher } from './queues/topologyWatcher.ts';
import { HostCommands } from './status/hostCommands.ts';
import { StatusItem } from './status/statusItem.ts';
import { Testing } from './testing/testing.ts';
import { Tracing } from './trace/tracing.ts';
import { OfflineTypes } from './workspace/offlineTypes.ts';
import { SampleWorkspace } from './workspace/sampleWorkspace.ts';
import { contributeTerminalPath, terminalCommand } from './workspace/terminalPath.ts';

let running: HostManager | undefined;

/** Wires the parts. Nothing here forks, loads or searches: that happens on first need. */
export function activate(context: vscode.ExtensionContext): DoorbellApi {
  const started = performance.now();
  const own = <T extends vscode.Disposable>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };
  const version: string = context.extension.packageJSON.version;
  const log = own(vscode.window.createOutputChannel('Doorbell', { log: true }));
  const hostFolder = path.join((context.storageUri ?? context.globalStorageUri).fsPath, 'hosts');
  const evidence = new EvidenceReader(hostFolder);
  const hosts = own(new HostManager(new HostPaths(context.extensionPath, hostFolder), log, startHostProcess));
  running = hosts;
  const { failed } = own(new HostCommands(hosts, log, version));
  own(new StatusItem(hosts));
  const { consent, doctor } = wireControllers(context, hosts, failed);

  const gauge = own(new GaugeView(hosts, vscode.Uri.joinPath(context.extensionUri, 'dist', 'webviews')));
  const charts = own(new ChartPanel(hosts, vscode.Uri.joinPath(context.extensionUri, 'dist', 'webviews')));
  const discoveryWorker = context.asAbsolutePath('dist/discovery.cjs');
  const testing = own(new Testing({ hosts, log, discoveryWorker, consent, keepPanel: () => gauge.visible }));
  const topology = own(new TopologyWatcher(hosts, evidence));
  const queues = own(new QueueTree(topology));
  const cmdlogs = wireCmdlogs(context, new CmdlogSource(hosts, evidence));
  const power = own(new PowerCommands(hosts, failed, consent));
  own(power.onDidChangePower((event) => onPower(event, { testing, topology, gauge })));

  own(new Tracing(context, hosts, failed));
  const types = new OfflineTypes(context.extensionUri, version);
  const sample = own(new SampleWorkspace(context.extensionUri, types, failed));
  setContextKey(ContextKey.active, true);
  setImmediate(() => void afterActivation(context, types, log));
  const activationMs = performance.now() - started;
  return { testing, hosts, queues, topology, cmdlogs, gauge, charts, doctor, sample, types, log, activationMs };
}

function wireCmdlogs(context: vscode.ExtensionContext, source: CmdlogSource): CmdlogEditors {
  const documents = new CmdlogDocuments(source);
  const editors = new CmdlogEditors(documents);
  context.subscriptions.push(documents, editors, new CmdlogLanguageFeatures());
  return editors;
}

/** What concerns drives of this machine: the picker, binding, the doctor. */
function wireControllers(
  context: vscode.ExtensionContext,
  hosts: HostManager,
  failed: (what: string, error: unknown) => void,
): { readonly consent: DriveConsent; readonly doctor: DoctorView } {
  const doorbell = terminalCommand(context);
  const bind = new BindCommands({ doorbell, runShell: runShellTask, failed });
  const ask = doctorOf(context.extensionPath, doorbell);
  const doctor = new DoctorView({ ask, runShell: runShellTask, memory: context.globalState, failed });
  const refresh = bind.onDidBind(() => void doctor.refresh());
  context.subscriptions.push(bind, new ControllerPicker({ hosts, bind, failed }), doctor, refresh);
  return { consent: new DriveConsent(context.globalState), doctor };
}

function onPower(
  { host, action }: PowerEvent,
  { testing, topology, gauge }: Pick<DoorbellApi, 'testing' | 'topology' | 'gauge'>,
): void {
  gauge.mark(actionTitle(action));
  testing.invalidateResults(host.folder);
  void topology.read(host);
}

/** Ends the driver hosts; VS Code waits for it a few seconds, and a host whose parent is gone ends by itself. */
export async function deactivate(): Promise<void> {
  await running?.stopAll();
  running = undefined;
}

/** Disk work that nobody waits for. */
async function afterActivation(
  context: vscode.ExtensionContext,
  types: OfflineTypes,
  log: vscode.LogOutputChannel,
): Promise<void> {
  try {
    await contributeTerminalPath(context);
    await types.refresh(vscode.workspace.workspaceFolders ?? []);
  } catch (error) {
    log.warn(String(error));
  }
}
