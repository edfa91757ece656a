import type * as vscode from 'vscode';
import type { ChartPanel } from './charts/chartPanel.ts';
import type { CmdlogEditors } from './cmdlog/cmdlogEditors.ts';
import type { DoctorView } from './doctor/doctorView.ts';
import type { GaugeView } from './gauge/gaugeView.ts';
import type { HostManager } from './host/hostManager.ts';
import type { QueueTree } from './queues/queueTree.ts';
import type { TopologyWatcher } from './queues/topologyWatcher.ts';
import type { Testing } from './testing/testing.ts';
import type { OfflineTypes } from './workspace/offlineTypes.ts';
import type { SampleWorkspace } from './workspace/sampleWorkspace.ts';

/** What `activate` returns: the parts, for the integration suite in a real extension host. Not for other extensions. */
export interface DoorbellApi {
  readonly testing: Testing;
  readonly hosts: HostManager;
  readonly queues: QueueTree;
  readonly topology: TopologyWatcher;
  readonly cmdlogs: CmdlogEditors;
  readonly gauge: GaugeView;
  readonly doctor: DoctorView;
  readonly charts: ChartPanel;
  readonly sample: SampleWorkspace;
  readonly types: OfflineTypes;
  readonly log: vscode.LogOutputChannel;
  /** Milliseconds `activate` took. */
  readonly activationMs: number;
}
