import { toFailure } from './failure/toFailures.ts';
import type { HostService } from './hostService.ts';

/** Time for a cancelled run to end its commands before the process does. A parent has less patience, and then calls the watchdog. */
const leaveMs = 3000;

/** What must not end this process silently: stray errors, `process.exit` in a test, a parent that is gone. */
export function guardProcess(service: HostService): void {
  process.on('uncaughtException', (error) => stray(service, error));
  process.on('unhandledRejection', (reason) => stray(service, reason));
  process.on('disconnect', () => leave(service));
  process.on('SIGTERM', () => leave(service));
  // Ctrl-C in a terminal reaches the whole process group; the parent decides what it means.
  process.on('SIGINT', () => undefined);
  reportExit(service);
}

function stray(service: HostService, error: unknown): void {
  if (service.running?.fail(error)) return;
  const { message, stack } = toFailure(error);
  const [frame] = stack;
  service.log('error', `Outside any test: ${message}${frame ? ` (${frame.file}:${frame.line})` : ''}`);
}

/** A test that ends the process is told so: the end itself cannot be undone, code after it relies on it. */
function reportExit(service: HostService): void {
  const original = process.exit;
  process.exit = ((code?: number) => {
    service.running?.abandon(`The test called process.exit(${code ?? ''}), which ended the driver host and the run.`);
    return original.call(process, code);
  }) as typeof process.exit;
}

/** The parent let go: the run is cancelled, and the process ends when that is done, or soon. */
function leave(service: HostService): void {
  const exit = () => process.reallyExit(0);
  setTimeout(exit, leaveMs);
  service.running?.cancel();
  void service.idle.then(exit, exit);
}

declare global {
  namespace NodeJS {
    interface Process {
      /** Ends the process without `exit` listeners. */
      reallyExit(code: number): never;
    }
  }
}
