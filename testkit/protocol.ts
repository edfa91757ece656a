import type { DriveIdentity } from './machine/drive.ts';

/**
 * The contract between a parent (the extension, the CLI) and the driver host it forked. Two channels, each with calls (parent ->
 * host) and events (host -> parent), plain structured-cloneable data, bigint for 64 bit:
 * - IPC (`fork`, serialization 'advanced'): run control, served by the host's main thread;
 * - fd 4 (length-framed `v8.serialize`): telemetry, served by a worker thread, alive while test code is busy or paused.
 * Both sides compare PROTOCOL_VERSION in `hello`. Stdout and stderr are the test's own words and carry none of it.
 */

import type { PerfProgress, PerfReport, PerfRequest } from './perf/perfProtocol.ts';
import type { PowerFacts } from './power/powerController.ts';
import type { Chart } from './report/chart.ts';
import type { ReplayProgress, ReplayReport, ReplayRequest } from './trace/replay/replayProtocol.ts';

export const PROTOCOL_VERSION = 6;

/** Environment the parent sets for the host. */
export const HostEnv = {
  /** Absolute path of the evidence file to create (in a 0700 folder on tmpfs). */
  evidence: 'DOORBELL_EVIDENCE',
  /** Absolute path of doorbell.node. */
  addon: 'DOORBELL_ADDON',
  /** Absolute path of the folder for full outputs of tests that write more than is passed on. */
  logs: 'DOORBELL_LOGS',
} as const;

export interface HostInfo {
  readonly protocol: number;
  readonly version: string;
  readonly addonVersion: string;
  readonly platforms: readonly string[];
  readonly pid: number;
  readonly node: string;
}

/** File + describe titles + title, and `#n` (from 2) for the n-th of the same name. As in `testkit/discovery`. */
export type TestId = string;

export interface RunRequest {
  /** Chosen by the parent; echoed in every event of the run. */
  readonly runId: number;
  /** Workspace folder: cwd of the tests, root of relative files in ids. */
  readonly root: string;
  /** Absolute paths of test files, in order. */
  readonly files: readonly string[];
  /** Only these tests; undefined = all of the files. */
  readonly only?: readonly TestId[];
  /** Full titles (describe titles and title, joined by a space) must match this regular expression. */
  readonly grep?: string;
  /** Tags: run tests with any of `tags`, none of `notTags`. */
  readonly tags?: readonly string[];
  readonly notTags?: readonly string[];
  /** Addresses of `nvme0`, `nvme1`, ...; none = the emulated SSD. */
  readonly controllers?: readonly string[];
  /** What switches the supply of each of them (vPower); none = of each the usual. */
  readonly power?: readonly string[];
  /** Serial numbers of the drives the user has allowed tests on; no other drive is used. */
  readonly allowedDrives?: readonly string[];
  readonly seed?: string;
  readonly bail: boolean;
  readonly repeat: number;
  /** Stop repeating at the first failure. */
  readonly untilFailure: boolean;
  /** Per-test timeouts (and command timeouts) off, hang detection off. */
  readonly debug: boolean;
  /** Default per-test timeout, ms. */
  readonly timeoutMs: number;
  /**
   * Start from a fresh in-memory SSD. Refused (`NOT_FRESH`) by a host that opened a controller before: start a new host for it.
   */
  readonly fresh: boolean;
}

export interface RunSummary {
  readonly passed: number;
  readonly failed: number;
  readonly errored: number;
  readonly skipped: number;
  readonly durationMs: number;
  readonly cancelled: boolean;
}

export interface StackFrame {
  readonly label: string;
  /** Absolute path of the TypeScript source. */
  readonly file: string;
  /** 1-based */
  readonly line: number;
  readonly column: number;
}

/** A place in a command log. */
export interface CmdlogLink {
  /** Address of its controller. */
  readonly controller: string;
  /** Queue Identifier. */
  readonly qid: number;
  /** 1-based number of the command on its queue. */
  readonly sequence: bigint;
  /** Id of the queue's segment in the evidence file: names the queue even after its qid was reused. */
  readonly segment: number;
}

export interface TestFailure {
  /** At most 10 lines, no ANSI. */
  readonly message: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly stack: readonly StackFrame[];
  readonly cmdlog?: CmdlogLink;
  /** `LBA Out of Range (0h/80h)` when an NVMe status is the cause. */
  readonly status?: string;
}

export type TestOutcome =
  | { readonly state: 'passed' }
  | { readonly state: 'skipped'; readonly reason: string }
  /** An assertion or an NVMe status. */
  | { readonly state: 'failed'; readonly failures: readonly TestFailure[] }
  /** It could not run, or not to its end: load error, controller gone, time-out of the host. `hostGone`: its host died under it. */
  | { readonly state: 'errored'; readonly failures: readonly TestFailure[]; readonly hostGone?: true };

export interface HostEvents {
  testStarted(event: {
    runId: number;
    id: TestId;
    title: string;
    iteration: number;
    /** Given to a run of its own, makes the same random choices. */
    seed: string;
    /** The requirement it checks. */
    spec?: string;
  }): void;
  testEnded(event: { runId: number; id: TestId; outcome: TestOutcome; durationMs: number }): void;
  /** The test's own words, already batched (<= 20 Hz). `id` undefined: outside any test. */
  output(event: { runId: number; id: TestId | undefined; text: string; file?: string; line?: number }): void;
  progress(event: { runId: number; id: TestId; label: string; done: number; total: number }): void;
  /** A chart that belongs to the test's result. */
  chart(event: { runId: number; id: TestId; chart: Chart }): void;
  /** A file could not be loaded, and its tests do not run; or the `afterAll` of `suite` in it failed, when they have run. */
  fileErrored(event: { runId: number; file: string; failure: TestFailure; suite?: TestId }): void;
  /** Cases of a `test.each`: new to the parent only where its rows were computed. Sent for every one; `parent` is the template's id. */
  casesFound(event: { runId: number; parent: TestId; cases: readonly { id: TestId; title: string }[] }): void;
  /** How far a measurement is. */
  perfProgress(event: PerfProgress): void;
  /** How far a replay is. */
  replayProgress(event: ReplayProgress): void;
  log(event: { level: 'error' | 'warn' | 'info' | 'debug'; message: string }): void;
}

export type PowerAction = 'off' | 'on' | 'cycle';

export interface PowerReport {
  readonly controller: string;
  readonly powered: boolean;
  /** What switched. */
  readonly supply: PowerFacts;
  /** From SMART / Health Information, when powered. */
  readonly powerCycles?: bigint;
  readonly unsafeShutdowns?: bigint;
}

/** A drive behind an address; `allowed` when its serial number was among those of the request. */
export interface FoundDrive extends DriveIdentity {
  readonly allowed: boolean;
}

export interface HostCalls {
  hello(): Promise<HostInfo>;
  /** Resolves when the run ended. A second call while one runs is refused (`BUSY`): queueing is the parent's. */
  run(request: RunRequest): Promise<RunSummary>;
  /** Outstanding commands end as cancelled, fixtures are torn down, remaining tests are skipped. */
  cancel(request: { runId: number }): Promise<void>;
  /** Works during a run and between runs. `controller` undefined = the default one, `power` undefined = the usual for it. */
  power(request: {
    action: PowerAction;
    controller?: string;
    power?: string;
    offMs?: number;
    allowedDrives?: readonly string[];
  }): Promise<PowerReport>;
  /** Which drives these addresses name, and whether they are allowed: to ask the user before the first run. Others are left out. */
  drives(request: { controllers: readonly string[]; allowedDrives: readonly string[] }): Promise<readonly FoundDrive[]>;
  /** A measurement without a test; refused (`BUSY`) while a run or another one is on. */
  perf(request: PerfRequest): Promise<PerfReport>;
  /** The measurement ends now, and reports what it has. */
  stopPerf(): Promise<void>;
  /** A trace, played again; refused (`BUSY`) as a measurement is. */
  replay(request: ReplayRequest): Promise<ReplayReport>;
  /** The replay ends now, and reports what it has. */
  stopReplay(): Promise<void>;
  openInspector(): Promise<{ url: string }>;
  closeInspector(): Promise<void>;
}

export interface ControllerSnapshot {
  /** Segment id in the evidence file. */
  readonly segment: number;
  readonly address: string;
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
  readonly state: 'disabled' | 'ready' | 'shut-down' | 'powered-off' | 'removed' | 'closed' | 'fatal';
  readonly queues: readonly QueueSnapshot[];
}

export interface QueueSnapshot {
  readonly segment: number;
  readonly qid: number;
  readonly depth: number;
  readonly owner: string;
  readonly live: boolean;
  readonly submitted: bigint;
  readonly completed: bigint;
  readonly errors: bigint;
  readonly bytesRead: bigint;
  readonly bytesWritten: bigint;
}

export interface TopologySnapshot {
  /** ns, CLOCK_MONOTONIC_RAW of the host, when it was taken. */
  readonly atNs: bigint;
  readonly controllers: readonly ControllerSnapshot[];
}

/** Cumulative counters of one controller's I/O queues (admin excluded); rates are computed by whoever reads. */
export interface CounterSample {
  readonly controller: string;
  readonly atNs: bigint;
  readonly ios: bigint;
  readonly bytes: bigint;
}

export interface TelemetryCalls {
  topology(): Promise<TopologySnapshot>;
  counters(): Promise<readonly CounterSample[]>;
  /** Text of a queue's command log, newest first; `sequences`: the number of each entry's command, from the top (links are found by it). */
  cmdlog(request: {
    segment: number;
    max: number;
  }): Promise<{ readonly text: string; readonly total: bigint; readonly sequences: readonly bigint[] }>;
}

export interface TelemetryEvents {
  /** The telemetry side ended the host because a test ran past its timeout + 2 s. */
  hang(event: {
    id: TestId;
    timeoutMs: number;
    /** What the test wrote last and could not send any more. */
    output?: string;
  }): void;
}
