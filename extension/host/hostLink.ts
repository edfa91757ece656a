import type { HostHandlers, HostOptions } from '../../testkit/parent/hostOptions.ts';
import { HostProcess } from '../../testkit/parent/hostProcess.ts';

/** What the extension uses of a driver host; unit tests put a scripted one in its place. */
export type HostLink = Pick<HostProcess, 'calls' | 'telemetry' | 'exited' | 'pid' | 'info' | 'stop'>;

export type StartHost = (options: HostOptions, handlers: HostHandlers) => Promise<HostLink>;

export const startHostProcess: StartHost = (options, handlers) => HostProcess.start(options, handlers);
