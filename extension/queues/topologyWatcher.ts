import * as vscode from 'vscode';
import type { TopologySnapshot } from '../../testkit/protocol.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import type { EvidenceReader } from '../host/evidenceReader.ts';
import type { FolderHost } from '../host/folderHost.ts';
import type { HostManager } from '../host/hostManager.ts';

export interface Observed {
  readonly host: FolderHost;
  readonly pid: number;
  readonly snapshot: TopologySnapshot;
  /** No run is on: this is what was last. */
  readonly ended: boolean;
}

const intervalMs = 330;

/** Reads the topology of hosts while someone looks and a run is on, once more at each end, and keeps the last of each host. */
export class TopologyWatcher implements Disposable {
  readonly #disposables = new Disposables();
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  readonly #observed = new Map<FolderHost, Observed>();
  readonly #reading = new Set<FolderHost>();
  /** Asked for while they were being read: what that read saw may be of before. */
  readonly #again = new Set<FolderHost>();
  #timer: NodeJS.Timeout | undefined;
  #visible = false;

  constructor(
    private readonly hosts: HostManager,
    private readonly evidence: EvidenceReader,
  ) {
    this.#disposables.add(hosts.onDidChange((host) => this.#onHost(host)));
  }

  get observed(): readonly Observed[] {
    return this.hosts.hosts.flatMap((host) => this.#observed.get(host) ?? []);
  }

  setVisible(visible: boolean): void {
    this.#visible = visible;
    if (visible) for (const host of this.hosts.hosts) void this.read(host);
    this.#schedule();
  }

  /** Reads one host now. A host that is gone is read from its evidence. */
  async read(host: FolderHost): Promise<void> {
    const { session } = host;
    if (!session) return;
    if (this.#reading.has(host)) {
      this.#again.add(host);
      return;
    }
    this.#reading.add(host);
    try {
      const snapshot = session.exit
        ? await this.evidence.topology(session.pid)
        : await session.link.telemetry.topology();
      const ended = host.state.kind !== 'running';
      // An opened file may tell nothing (no controller was ever open): what was seen alive then stays.
      const known = this.#observed.get(host);
      const shown = snapshot ?? (known?.pid === session.pid ? known.snapshot : undefined);
      if (shown) this.#observed.set(host, { host, pid: session.pid, snapshot: shown, ended });
      if (shown) this.#changed.fire();
    } catch {
      // The host died under the call: its end brings us here again, with the evidence.
    } finally {
      this.#reading.delete(host);
      if (this.#again.delete(host)) void this.read(host);
    }
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#disposables.dispose();
  }

  #onHost(host: FolderHost): void {
    if (!this.hosts.hosts.includes(host)) {
      this.#observed.delete(host);
      this.#changed.fire();
      this.#schedule();
      return;
    }
    if (this.#visible && host.state.kind !== 'starting') void this.read(host);
    this.#schedule();
  }

  /** A timer exists only while there is something to see change. */
  #schedule(): void {
    const wanted = this.#visible && this.#running().length > 0;
    if (wanted === (this.#timer !== undefined)) return;
    clearInterval(this.#timer);
    this.#timer = wanted ? setInterval(() => this.#readRunning(), intervalMs) : undefined;
  }

  #readRunning(): void {
    for (const host of this.#running()) void this.read(host);
  }

  #running(): FolderHost[] {
    return this.hosts.hosts.filter((host) => host.state.kind === 'running');
  }
}
