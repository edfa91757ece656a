/** The driver host: a forked child that owns the addon and runs tests. See `testkit/docs/host.md`. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import type { ThreadData } from '../api/threadProtocol.ts';
import * as testkit from '../index.ts';
import { createPeer } from '../parent/wire.ts';
import { HostEnv, type HostEvents } from '../protocol.ts';
import { openAddon } from './addon.ts';
import { HangGuard } from './hangGuard.ts';
import { HostService } from './hostService.ts';
import { installLoader } from './loader/install.ts';
import { loadBabel } from './loader/transpile.ts';
import { captureStandardStreams, OutputRouter } from './output/outputRouter.ts';
import { guardProcess } from './processGuard.ts';
import type { TelemetryWorkerData, ToTelemetry } from './telemetryProtocol.ts';
import { runThread } from './threadMain.ts';

type EventName = keyof HostEvents;

function main(): void {
  const addon = openAddon();
  let telemetry: Worker | undefined;
  const tell = (message: ToTelemetry) => telemetry?.postMessage(message);
  const guard = new HangGuard((task) => tell({ type: 'task', ...task }));
  telemetry = startTelemetry({
    evidence: process.env[HostEnv.evidence] ?? '',
    guard: guard.memory,
    watchdog: addon.fault === undefined,
  });
  const events = eventsTo((name, event) => void peer.$callEvent(name, event as never));
  const output = new OutputRouter({
    send: events.output,
    pending: (text) => tell({ type: 'pending', text }),
    logFolder: process.env[HostEnv.logs] ?? tmpdir(),
  });
  const service = new HostService({ events, output, guard, addon });
  const peer = createPeer<HostEvents>(service.calls(), { post: send, on: listen, timeoutMs: -1 });
  captureStandardStreams(output);
  installLoader(testkit);
  guardProcess(service);
  setImmediate(loadBabel);
}

function startTelemetry(data: TelemetryWorkerData): Worker {
  const worker = new Worker(join(__dirname, 'telemetry.cjs'), { workerData: data, name: 'telemetry' });
  // It lives as long as the process, and is no reason for it to live.
  worker.unref();
  return worker;
}

function eventsTo(call: (name: EventName, event: unknown) => void): HostEvents {
  return {
    testStarted: (event) => call('testStarted', event),
    testEnded: (event) => call('testEnded', event),
    output: (event) => call('output', event),
    progress: (event) => call('progress', event),
    fileErrored: (event) => call('fileErrored', event),
    casesFound: (event) => call('casesFound', event),
    chart: (event) => call('chart', event),
    perfProgress: (event) => call('perfProgress', event),
    replayProgress: (event) => call('replayProgress', event),
    log: (event) => call('log', event),
  };
}

function isThread(data: unknown): data is ThreadData {
  return !isMainThread && typeof data === 'object' && data !== null && 'thread' in data;
}

function send(message: unknown): void {
  // The parent may be gone already: the watchdog sees to that.
  if (process.connected) process.send?.(message, () => undefined);
}

function listen(receive: (message: unknown) => void): void {
  process.on('message', receive);
}

if (isThread(workerData)) void runThread(workerData, testkit);
else if (process.send) main();
else {
  process.stderr.write(
    'dist/host.cjs is forked by the extension and by the doorbell command; it does nothing alone.\n',
  );
  process.exitCode = 2;
}
