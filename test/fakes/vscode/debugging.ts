import { EventEmitter } from './core.ts';
import { fake } from './fake.ts';

export interface FakeSession {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly parentSession?: FakeSession;
  readonly configuration: Record<string, unknown>;
}

export const debugEvents = {
  started: new EventEmitter<FakeSession>(),
  terminated: new EventEmitter<FakeSession>(),
  trackers: [] as { createDebugAdapterTracker(session: FakeSession): unknown }[],
  /** What `startDebugging` does; a test replaces it. */
  start: async (_configuration: Record<string, unknown>, _options: unknown): Promise<boolean> => true,
};

export const debug = {
  onDidStartDebugSession: debugEvents.started.event,
  onDidTerminateDebugSession: debugEvents.terminated.event,
  registerDebugAdapterTrackerFactory(
    _type: string,
    factory: { createDebugAdapterTracker(session: FakeSession): unknown },
  ) {
    debugEvents.trackers.push(factory);
    return fake.hold('debug tracker');
  },
  startDebugging: async (_folder: unknown, configuration: Record<string, unknown>, options: unknown) => {
    fake.executed.push({ command: 'start debugging', args: [configuration, options] });
    return debugEvents.start(configuration, options);
  },
  stopDebugging: async (session?: FakeSession) => {
    fake.executed.push({ command: 'stop debugging', args: [session?.id] });
    if (session) debugEvents.terminated.fire(session);
  },
};
