/** Between the driver host's main thread and its telemetry thread. */

export interface TelemetryWorkerData {
  readonly evidence: string;
  /** Of {@link import('./hangGuard.ts').HangGuard}. */
  readonly guard: SharedArrayBuffer;
  /** The native watchdog ends the process when the parent is gone, after bringing the device to rest. */
  readonly watchdog: boolean;
}

export type ToTelemetry =
  /** What the main thread does from now on, for the words of a hang. */
  | { readonly type: 'task'; readonly id: string; readonly timeoutMs: number }
  /** A text that waits for its batch; '' when all went out. */
  | { readonly type: 'pending'; readonly text: string };

/** The descriptor of the telemetry channel, as the parent lays it. */
export const telemetryFd = 4;
