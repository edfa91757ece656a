import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type HostCalls,
  type HostInfo,
  PROTOCOL_VERSION,
  type TelemetryCalls,
  type TelemetryEvents,
} from '../protocol.ts';
import { drained, forkHost } from './childProcess.ts';
import { EvidenceFolder } from './evidenceFolder.ts';
import { exitReason } from './exitReason.ts';
import { FramedSocket } from './framedSocket.ts';
import { type HostExit, HostGoneError, type HostHandlers, type HostOptions, HostStartError } from './hostOptions.ts';
import { RunningTests } from './runningTests.ts';
import { createPeer, type Peer } from './wire.ts';

const telemetryTimeoutMs = 5000;
const tailChars = 8192;
/** The host's watchdog brings the device to rest within 2 s and ends the process; after that nobody waits for it. */
const watchdogMs = 3000;

/**
 * A driver host and the two channels to it. Made by {@link HostProcess.start}; ends by {@link HostProcess.stop} or by itself, and
 * `exited` then says why. When it dies during a run, `testEnded` (errored, with the reason) is delivered for the test that was
 * running, then `run` rejects with {@link HostGoneError}.
 */
export class HostProcess {
  /** Run control; every call rejects with {@link HostGoneError} once the host is gone, `RemoteError` when the host refused. */
  readonly calls: HostCalls;
  /** Answers while test code is busy or paused in a debugger. Each call is bounded by 5 s. */
  readonly telemetry: TelemetryCalls;
  /** Settles once: the process is gone, its channels are drained, its evidence is copied. Never rejects. */
  readonly exited: Promise<HostExit>;

  private readonly control: Peer<HostCalls>;
  private readonly telemetryPeer: Peer<TelemetryCalls>;
  private readonly running = new RunningTests();
  private stderrTail = '';
  private hang: { id: string; timeoutMs: number } | undefined;
  private stopping = false;
  private hostInfo: HostInfo | undefined;
  private gone: HostGoneError | undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly evidence: EvidenceFolder,
    private readonly options: HostOptions,
    private readonly handlers: HostHandlers,
  ) {
    this.control = this.connectControl();
    this.telemetryPeer = this.connectTelemetry();
    this.calls = this.controlCalls();
    this.telemetry = {
      topology: () => this.alive(() => this.telemetryPeer.$call('topology')),
      counters: () => this.alive(() => this.telemetryPeer.$call('counters')),
      cmdlog: (request) => this.alive(() => this.telemetryPeer.$call('cmdlog', request)),
    };
    this.captureOutput();
    this.exited = this.watchExit();
  }

  /**
   * Forks a driver host and shakes hands with it.
   * Rejects with {@link HostGoneError} (it died) or {@link HostStartError} (no answer in time, other protocol version); nothing is left behind.
   */
  static async start(options: HostOptions, handlers: HostHandlers = {}): Promise<HostProcess> {
    const evidence = await EvidenceFolder.create();
    const child = forkHost(options, evidence.file);
    const host = new HostProcess(child, evidence, options, handlers);
    try {
      host.hostInfo = await host.shakeHands(options.startTimeoutMs ?? 30_000);
      return host;
    } catch (error) {
      await host.stop(0);
      throw error;
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** What the host said of itself in the handshake. */
  get info(): HostInfo {
    if (!this.hostInfo) throw new HostStartError('The driver host has not answered yet.');
    return this.hostInfo;
  }

  /** The file the host writes its evidence to while it lives (`HostExit.evidence` is its copy afterwards). */
  get evidenceFile(): string {
    return this.evidence.file;
  }

  /**
   * Asks the host to end (a running run is cancelled, fixtures torn down). After `graceMs` its watchdog ends it, whatever its
   * JavaScript does, with the device at rest; a host without one is killed. Safe to repeat.
   */
  async stop(graceMs = 1000): Promise<HostExit> {
    this.stopping = true;
    if (this.child.connected) this.child.disconnect();
    if (await this.goneWithin(graceMs)) return this.exited;
    this.child.stdio[4]?.destroy();
    const hasWatchdog = this.hostInfo !== undefined && this.hostInfo.addonVersion !== '';
    if (!hasWatchdog || !(await this.goneWithin(watchdogMs))) this.child.kill('SIGKILL');
    return this.exited;
  }

  private goneWithin(ms: number): Promise<boolean> {
    return Promise.race([this.exited.then(() => true), delay(ms, false, { ref: false })]);
  }

  private connectControl(): Peer<HostCalls> {
    return createPeer<HostCalls>(this.running.watch(this.handlers), {
      post: (message) => {
        if (this.child.connected) this.child.send(message as object, () => undefined);
      },
      on: (receive) => this.child.on('message', receive),
      timeoutMs: -1,
    });
  }

  private connectTelemetry(): Peer<TelemetryCalls> {
    const socket = new FramedSocket(this.child.stdio[4] as Duplex);
    const functions: TelemetryEvents = {
      hang: (event) => {
        this.hang = event;
        if (event.output) this.running.lastWords(this.handlers, event.output);
        this.handlers.hang?.(event);
      },
    };
    return createPeer<TelemetryCalls>(functions, {
      post: (message) => socket.post(message),
      on: socket.listen,
      timeoutMs: telemetryTimeoutMs,
    });
  }

  private controlCalls(): HostCalls {
    return {
      hello: () => this.alive(() => this.control.$call('hello')),
      run: (request) => this.alive(() => this.control.$call('run', request)),
      cancel: (request) => this.alive(() => this.control.$call('cancel', request)),
      power: (request) => this.alive(() => this.control.$call('power', request)),
      drives: (request) => this.alive(() => this.control.$call('drives', request)),
      perf: (request) => this.alive(() => this.control.$call('perf', request)),
      stopPerf: () => this.alive(() => this.control.$call('stopPerf')),
      replay: (request) => this.alive(() => this.control.$call('replay', request)),
      stopReplay: () => this.alive(() => this.control.$call('stopReplay')),
      openInspector: () => this.alive(() => this.control.$call('openInspector')),
      closeInspector: () => this.alive(() => this.control.$call('closeInspector')),
    };
  }

  private async alive<T>(call: () => Promise<T>): Promise<T> {
    if (this.gone) throw this.gone;
    return call();
  }

  private async shakeHands(timeoutMs: number): Promise<HostInfo> {
    const info = await Promise.race([this.control.$call('hello'), delay(timeoutMs, undefined, { ref: false })]);
    if (!info)
      throw new HostStartError(`The driver host did not answer within ${timeoutMs} ms. ${this.stderrTail}`.trim());
    if (info.protocol === PROTOCOL_VERSION) return info;
    throw new HostStartError(
      `The driver host speaks protocol ${info.protocol}, this side ${PROTOCOL_VERSION}: parts of two versions are mixed. ` +
        'Rebuild (npm run build) or reinstall the extension, then reload the window.',
    );
  }

  private captureOutput(): void {
    this.child.stdout
      ?.setEncoding('utf8')
      .on('data', (text: string) => this.handlers.rawOutput?.({ stream: 'stdout', text }));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderrTail = (this.stderrTail + text).slice(-tailChars);
      this.handlers.rawOutput?.({ stream: 'stderr', text });
    });
  }

  private watchExit(): Promise<HostExit> {
    return new Promise((resolve) => {
      this.child.once('error', (error) => {
        this.stderrTail += error.message;
        // It never was: no exit will follow.
        if (this.child.pid === undefined) resolve(this.bury(null, null));
      });
      this.child.once('exit', (code, signal) => resolve(drained(this.child).then(() => this.bury(code, signal))));
    });
  }

  private async bury(code: number | null, signal: NodeJS.Signals | null): Promise<HostExit> {
    const { stopping: expected, stderrTail, hang } = this;
    const reason = exitReason({ code, signal, expected, stderrTail, ...(hang && { hang }) });
    const copied = await this.evidence.rescue(this.options.logFolder, this.pid).catch(() => undefined);
    const exit: HostExit = { code, signal, expected, reason, ...(copied && { evidence: copied }) };
    this.running.abandon(this.handlers, reason);
    this.gone = new HostGoneError(exit);
    this.control.$close(this.gone);
    this.telemetryPeer.$close(this.gone);
    return exit;
  }
}
