import path from 'node:path';
import * as vscode from 'vscode';
import type { FolderHost } from '../../../extension/host/folderHost.ts';
import type { HostLink, StartHost } from '../../../extension/host/hostLink.ts';
import { HostManager } from '../../../extension/host/hostManager.ts';
import { HostPaths } from '../../../extension/host/hostPaths.ts';
import { TestLoader } from '../../../extension/testing/testLoader.ts';
import { TestTree } from '../../../extension/testing/testTree.ts';
import { Scanner } from '../../../testkit/discovery/scanner.ts';
import type { DriveIdentity } from '../../../testkit/machine/drive.ts';
import { type HostExit, HostGoneError, type HostHandlers } from '../../../testkit/parent/hostOptions.ts';
import type {
  CounterSample,
  PowerReport,
  RunRequest,
  RunSummary,
  TopologySnapshot,
} from '../../../testkit/protocol.ts';
import type { FakeTestController, FakeTestRun } from '../../fakes/vscode/testing.ts';
import { fake } from '../../fakes/vscode.ts';

export const root = path.resolve('.');

/** One workspace folder with files that exist only here. */
export class FakeWorkspace {
  readonly folder: vscode.WorkspaceFolder;
  readonly files = new Map<string, string>();

  constructor(readonly path = '/ws') {
    fake.reset();
    const uri = vscode.Uri.file(path);
    this.folder = { uri, name: 'ws', index: 0 };
    fake.folders = [this.folder as never];
  }

  uri(name: string): vscode.Uri {
    return vscode.Uri.file(`${this.path}/${name}`);
  }

  write(name: string, text: string): vscode.Uri {
    const uri = this.uri(name);
    this.files.set(uri.fsPath, text);
    fake.found = [...this.files.keys()].map((file) => vscode.Uri.file(file)) as never;
    return uri;
  }

  /** Discovery as the worker does it, without the thread. */
  get discovery() {
    const scanner = new Scanner((file) => {
      const text = this.files.get(file);
      if (text === undefined) throw new Error(`ENOENT: ${file}`);
      return text;
    });
    return {
      scan: async (folder: string, paths: readonly string[], onFiles?: (files: never) => void) => {
        const found = scanner.scan(folder, paths);
        onFiles?.(found as never);
        return found;
      },
      parse: async (folder: string, file: string, text: string) => scanner.parse(folder, file, text),
    };
  }
}

type Script = (request: RunRequest, host: FakeLink) => Promise<RunSummary> | RunSummary;

export const emptySummary: RunSummary = {
  passed: 0,
  failed: 0,
  errored: 0,
  skipped: 0,
  durationMs: 1,
  cancelled: false,
};

/** A driver host that does what a test says. */
export class FakeLink implements HostLink {
  readonly requests: RunRequest[] = [];
  readonly said: string[] = [];
  drives: readonly DriveIdentity[] = [];
  topology: TopologySnapshot = { atNs: 0n, controllers: [] };
  counters: readonly CounterSample[] = [];
  cmdlogs = new Map<number, { text: string; total: bigint; sequences: readonly bigint[] }>();
  power: PowerReport = {
    controller: 'emulated',
    powered: true,
    supply: { kind: 'emulated', name: 'the supply of emulated', midIo: true },
    powerCycles: 2n,
    unsafeShutdowns: 1n,
  };
  info = { protocol: 1, version: '0.1.0', addonVersion: '0.1.0', platforms: ['emulated'], pid: 0, node: '20' };
  readonly exited: Promise<HostExit>;
  #exit: (exit: HostExit) => void = () => undefined;
  #gone: HostGoneError | undefined;
  readonly #waiting = new Set<(error: Error) => void>();

  constructor(
    readonly pid: number,
    readonly tell: HostHandlers,
    private readonly script: Script,
  ) {
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
  }

  readonly calls: HostLink['calls'] = {
    hello: async () => this.info,
    run: (request) => this.#run(request),
    cancel: async ({ runId }) => void this.said.push(`cancel ${runId}`),
    power: async ({ action, controller, power, offMs }) => {
      this.said.push(['power', action, controller, power, offMs && `${offMs} ms`].filter(Boolean).join(' '));
      return this.power;
    },
    drives: async ({ allowedDrives }) =>
      this.drives.map((drive) => ({ ...drive, allowed: allowedDrives.includes(drive.serial) })),
    perf: () => Promise.reject(new Error('no measurements here')),
    stopPerf: async () => undefined,
    replay: () => Promise.reject(new Error('no replays here')),
    stopReplay: async () => undefined,
    openInspector: async () => {
      this.said.push('open inspector');
      return { url: 'ws://127.0.0.1:9/x' };
    },
    closeInspector: async () => void this.said.push('close inspector'),
  };

  readonly telemetry: HostLink['telemetry'] = {
    topology: async () => this.topology,
    counters: async () => this.counters,
    cmdlog: async ({ segment, max }) => {
      const log = this.cmdlogs.get(segment);
      if (!log) throw new Error(`no segment ${segment}`);
      const text = log.text
        .split('\n')
        .slice(0, max * 8)
        .join('\n');
      return {
        ...log,
        text: log.text.split('\n').length > max * 8 ? `${text}\n` : log.text,
        sequences: log.sequences.slice(0, max),
      };
    },
  };

  release: () => void = () => undefined;

  /** A run that lasts until `release`. */
  async untilReleased(): Promise<RunSummary> {
    await new Promise<void>((resolve) => {
      this.release = resolve;
    });
    return emptySummary;
  }

  stop = async (): Promise<HostExit> => {
    this.said.push('stop');
    this.die({ code: null, signal: 'SIGKILL', expected: true, reason: 'The driver host was stopped.' });
    return this.exited;
  };

  die(exit: Partial<HostExit> = {}): void {
    const facts: HostExit = {
      code: null,
      signal: 'SIGSEGV',
      expected: false,
      reason: 'The driver host was ended by SIGSEGV.',
      ...exit,
    };
    if (this.#gone) return;
    this.#gone = new HostGoneError(facts);
    for (const reject of this.#waiting) reject(this.#gone);
    this.#exit(facts);
  }

  async #run(request: RunRequest): Promise<RunSummary> {
    if (this.#gone) throw this.#gone;
    this.requests.push(request);
    let reject: (error: Error) => void = () => undefined;
    const gone = new Promise<never>((_, fail) => {
      reject = fail;
    });
    this.#waiting.add(reject);
    return Promise.race([this.script(request, this), gone]).finally(() => this.#waiting.delete(reject));
  }
}

/** Consent where no run is on a drive. */
export const noDrives = { check: async (): Promise<string[]> => [] };

/** What an extension keeps between two starts of VS Code. */
export function fakeMemory(): vscode.Memento & { readonly kept: Map<string, unknown> } {
  const kept = new Map<string, unknown>();
  return {
    kept,
    keys: () => [...kept.keys()],
    get: (key: string, fallback?: unknown) => (kept.get(key) ?? fallback) as never,
    update: async (key: string, value: unknown) => void kept.set(key, value),
  };
}

export const logLines = fake.log;

export function fakeLog(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel('Doorbell', { log: true });
}

export interface Hosts {
  readonly manager: HostManager;
  readonly links: FakeLink[];
  /** Has a look at each new host before it is used. */
  onStart?: (link: FakeLink) => void;
  /** Replaces what `start` does once. */
  failNext?: Error;
}

export function fakeHosts(script: Script = () => emptySummary): Hosts {
  const links: FakeLink[] = [];
  const hosts: Pick<Hosts, 'failNext' | 'onStart'> = {};
  const start: StartHost = async (_options, handlers) => {
    const error = hosts.failNext;
    delete hosts.failNext;
    if (error) throw error;
    const link = new FakeLink(1000 + links.length, handlers, script);
    links.push(link);
    hosts.onStart?.(link);
    return link;
  };
  const paths = new HostPaths(root, '/tmp/none', 'linux');
  paths.options = async () => ({ hostPath: 'host.cjs', logFolder: '/tmp/none' });
  const manager = new HostManager(paths, fakeLog(), start);
  return Object.assign(hosts, { manager, links });
}

export function folderHost(manager: HostManager, folder: vscode.WorkspaceFolder): FolderHost {
  return manager.of(folder);
}

export function makeTree(workspace: FakeWorkspace) {
  const controller = vscode.tests.createTestController('doorbell', 'NVMe Tests');
  const tree = new TestTree(controller);
  const loader = new TestLoader({ tree, discovery: workspace.discovery, log: fakeLog(), debounceMs: 5 });
  return { controller, tree, loader };
}

/** The tree as text: `- title [line]`, with marks. */
export function renderTree(controller: vscode.TestController): string {
  const lines: string[] = [];
  const show = (item: vscode.TestItem, indent: string) => {
    const at = item.range ? ` [${item.range.start.line}]` : '';
    const error = item.error ? ' !' : '';
    const note = item.description ? ` (${item.description})` : '';
    lines.push(`${indent}- ${item.label}${at}${note}${error}`);
    for (const [, child] of item.children) show(child, `${indent}  `);
  };
  for (const [, item] of controller.items) show(item, '');
  return lines.join('\n');
}

export function runsOf(controller: vscode.TestController): readonly FakeTestRun[] {
  return (controller as unknown as FakeTestController).runs;
}

export function runAt(controller: vscode.TestController, index = 0): FakeTestRun {
  const run = runsOf(controller)[index];
  if (!run) throw new Error(`there is no run ${index}`);
  return run;
}

export function never(): vscode.CancellationToken {
  return new vscode.CancellationTokenSource().token;
}

export async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  const deadline = Date.now() + 3000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what} did not come true within 3 s`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export function trim(text: string): string {
  const lines = text.replace(/^\n/, '').trimEnd().split('\n');
  const indent = Math.min(...lines.filter(Boolean).map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(indent)).join('\n');
}
