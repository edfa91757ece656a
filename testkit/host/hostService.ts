import inspector from 'node:inspector';
import { emulatedAddress } from '../machine/address.ts';
import { allowDrives } from '../objects/driveGate.ts';
import type { PerfReport, PerfRequest } from '../perf/perfProtocol.ts';
import {
  type HostCalls,
  type HostEvents,
  type HostInfo,
  type PowerReport,
  PROTOCOL_VERSION,
  type RunRequest,
  type RunSummary,
} from '../protocol.ts';
import type { ReplayReport, ReplayRequest } from '../trace/replay/replayProtocol.ts';
import type { HostAddon } from './addon.ts';
import { findDrives } from './drives.ts';
import { TestRun } from './engine/testRun.ts';
import type { HangGuard } from './hangGuard.ts';
import type { OutputRouter } from './output/outputRouter.ts';
import { packageVersion } from './packageVersion.ts';
import { runPerf } from './perf.ts';
import { switchPower } from './power.ts';
import { runReplay } from './replay.ts';

export interface ServiceParts {
  readonly events: HostEvents;
  readonly output: OutputRouter;
  readonly guard: HangGuard;
  readonly addon: HostAddon;
}

/** An answer that is not a fault of the host; `code` is part of the protocol. */
class RefusedError extends Error {
  constructor(
    readonly code: 'BUSY' | 'NOT_FRESH' | 'ADDON',
    message: string,
  ) {
    super(message);
  }
}

/** What the parent can ask of a driver host. One run at a time. */
export class HostService {
  private current: TestRun | undefined;
  private used = false;
  private lastRun: Promise<unknown> = Promise.resolve();
  private measuring: AbortController | undefined;

  constructor(private readonly parts: ServiceParts) {}

  /** Settles when no run is on. */
  get idle(): Promise<unknown> {
    return this.lastRun;
  }

  get running(): TestRun | undefined {
    return this.current;
  }

  calls(): HostCalls {
    return {
      hello: async () => this.hello(),
      run: (request) => this.run(request),
      cancel: async ({ runId }) => this.cancel(runId),
      power: (request) => this.power(request),
      drives: (request) => this.drives(request),
      perf: (request) => this.perf(request),
      stopPerf: async () => this.measuring?.abort(),
      replay: (request) => this.replay(request),
      stopReplay: async () => this.measuring?.abort(),
      openInspector: async () => {
        this.parts.guard.suspend(true);
        return openInspector();
      },
      // Closing waits for its clients: the answer must go out before.
      closeInspector: async () => {
        this.parts.guard.suspend(false);
        setImmediate(() => inspector.close());
      },
    };
  }

  log(level: 'error' | 'warn' | 'info' | 'debug', message: string): void {
    this.parts.events.log({ level, message });
  }

  private hello(): HostInfo {
    const { native, fault } = this.parts.addon;
    if (fault) this.log('error', fault.message);
    return {
      protocol: PROTOCOL_VERSION,
      version: packageVersion(),
      addonVersion: native?.version ?? '',
      platforms: native?.platforms ?? [],
      pid: process.pid,
      node: process.version,
    };
  }

  private async run(request: RunRequest): Promise<RunSummary> {
    this.refuseIfBusy();
    if (request.fresh && this.used) {
      throw new RefusedError('NOT_FRESH', 'This driver host has used its emulated SSD: a fresh one needs a new host.');
    }
    const { events, output, guard, addon } = this.parts;
    this.used = true;
    allowDrives(request.allowedDrives ?? []);
    this.current = new TestRun(request, { events, output, guard, fault: addon.fault });
    try {
      const run = this.current.run();
      this.lastRun = run;
      return await run;
    } finally {
      this.current = undefined;
    }
  }

  private cancel(runId: number): void {
    if (this.current?.request.runId === runId) this.current.cancel();
  }

  private async power(request: Parameters<HostCalls['power']>[0]): Promise<PowerReport> {
    const { fault } = this.parts.addon;
    if (fault) throw new RefusedError('ADDON', fault.message);
    this.used = true;
    // Those of a run that is on hold for it as well.
    if (!this.current) allowDrives(request.allowedDrives ?? []);
    const address = request.controller ?? emulatedAddress;
    return switchPower({ ...request, address }, await this.current?.controllerAt(address));
  }

  private async drives({ controllers, allowedDrives }: Parameters<HostCalls['drives']>[0]) {
    const { fault } = this.parts.addon;
    if (fault) throw new RefusedError('ADDON', fault.message);
    this.refuseIfBusy();
    allowDrives(allowedDrives);
    return findDrives(controllers);
  }

  private perf(request: PerfRequest): Promise<PerfReport> {
    const { events } = this.parts;
    const onProgress: HostEvents['perfProgress'] = (progress) => events.perfProgress(progress);
    return this.measure(request.allowedDrives, (signal) => runPerf(request, { onProgress, signal }));
  }

  private replay(request: ReplayRequest): Promise<ReplayReport> {
    const { events } = this.parts;
    const onProgress: HostEvents['replayProgress'] = (progress) => events.replayProgress(progress);
    return this.measure(request.allowedDrives, (signal) => runReplay(request, { onProgress, signal }));
  }

  /** Work on a controller that is no test; one at a time, and not beside a run. */
  private async measure<T>(allowedDrives: readonly string[], work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { addon } = this.parts;
    if (addon.fault) throw new RefusedError('ADDON', addon.fault.message);
    this.refuseIfBusy();
    this.used = true;
    allowDrives(allowedDrives);
    this.measuring = new AbortController();
    try {
      const measurement = work(this.measuring.signal);
      this.lastRun = measurement.catch(() => undefined);
      return await measurement;
    } finally {
      this.measuring = undefined;
    }
  }

  private refuseIfBusy(): void {
    if (this.current) throw new RefusedError('BUSY', `Run ${this.current.request.runId} is not over yet.`);
    if (this.measuring) throw new RefusedError('BUSY', 'A measurement is not over yet.');
  }
}

function openInspector(): { url: string } {
  // A free port of the loopback interface; the address has a secret in its path.
  if (!inspector.url()) inspector.open(0, '127.0.0.1');
  const url = inspector.url();
  if (url) return { url };
  throw new Error('Node.js did not open its inspector.');
}
