import type { HostEvents, TelemetryEvents } from '../protocol.ts';

/** What a parent says when it starts a driver host. */
export interface HostOptions {
  /** Absolute path of `dist/host.cjs`. */
  readonly hostPath: string;
  /** Absolute path of `doorbell.node`; undefined lets the host look in its usual places. */
  readonly addonPath?: string;
  /** Folder (made when missing) for full outputs of chatty tests and for the evidence of hosts that died. */
  readonly logFolder: string;
  readonly cwd?: string;
  /** Added to (undefined: removed from) the parent's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Node or Electron; default `process.execPath`. `ELECTRON_RUN_AS_NODE=1` is always set. */
  readonly execPath?: string;
  readonly execArgv?: readonly string[];
  /** Milliseconds from fork to the answer of `hello`; default 30,000. */
  readonly startTimeoutMs?: number;
}

/** What the parent is told. All optional; called on the parent's event loop. */
export interface HostHandlers extends Partial<HostEvents>, Partial<TelemetryEvents> {
  /** Bytes native code or a child of a test wrote past JavaScript; a test's `console.log` comes as `output`. */
  rawOutput?(event: { stream: 'stdout' | 'stderr'; text: string }): void;
}

/** How a driver host ended. */
export interface HostExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The parent asked for it (`stop`). */
  readonly expected: boolean;
  /** One sentence or more for a person, naming the fact; ends with the last lines of stderr when there are any. */
  readonly reason: string;
  /** Copy of the evidence file in `logFolder`, for `testkit/nvme/evidence.ts`; undefined when no controller was ever open. */
  readonly evidence?: string;
}

/** A call or a start that failed because the host is gone; `message` is {@link HostExit.reason}. */
export class HostGoneError extends Error {
  override readonly name = 'HostGoneError';
  readonly code = 'HOST_GONE';
  constructor(readonly exit: HostExit) {
    super(exit.reason);
  }
}

/** The host started and cannot be used: other protocol version, or no answer in time. */
export class HostStartError extends Error {
  override readonly name = 'HostStartError';
  readonly code = 'HOST_START';
}
