/** What the driver's error codes mean to an author. */
import { type FailedQueue, queueName } from './errors.ts';

/** The device cannot take commands: not powered, removed, not initialised. Nothing was sent. */
export class ControllerUnavailableError extends Error {
  override readonly name = 'ControllerUnavailableError';
  /** `POWER_LOST`, `REMOVED` or `CONTROLLER_NOT_READY`. */
  readonly code: string;
  /** @internal */
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const remedies: Readonly<Record<string, string>> = {
  POWER_LOST: 'the device has no power: power it on (subsystem.powerOn()), then reset the controller (nvme0.reset())',
  REMOVED: 'the device is gone',
  CONTROLLER_NOT_READY: 'the controller is not enabled: reset it (nvme0.reset())',
};

/** The stable code of an error of the driver. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as Error & { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

/**
 * What the way to the controller (VFIO, vfio-user, TCP) cannot do, as the error `PLATFORM_LIMIT` says it. A test that meets one says
 * nothing about the drive: it counts as skipped for this reason. @internal
 */
export function platformLimit(error: unknown): string | undefined {
  return codeOf(error) === 'PLATFORM_LIMIT' ? (error as Error).message : undefined;
}

/** True when the reason is that the queue pair's controller was reset, lost, or closed before. @internal */
export function isGone(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && (code in remedies || code === 'CLOSED');
}

/** The error a verb of the driver failed with, as an author should see it. @internal */
export function driverError(error: unknown, what: string): unknown {
  const code = codeOf(error);
  const remedy = code === undefined ? undefined : remedies[code];
  return code !== undefined && remedy !== undefined
    ? new ControllerUnavailableError(code, `${what}: ${remedy}`)
    : error;
}

/** @internal */
export function fullError(queue: FailedQueue & { readonly depth: number }): RangeError {
  return new RangeError(
    `${queueName(queue)} is full: a queue of ${queue.depth} entries holds ${queue.depth - 1} outstanding commands; await some first`,
  );
}

/** @internal */
export function submitError(error: unknown, queue: FailedQueue & { readonly depth: number }): unknown {
  const name = queueName(queue);
  switch (codeOf(error)) {
    case 'QUEUE_FULL':
      return fullError(queue);
    case 'NOT_SUPPORTED':
      return new TypeError((error as Error).message);
    case 'CLOSED':
      return new TypeError(`${name} has ended: its controller was closed`);
    case 'CONTROLLER_NOT_READY':
      return new ControllerUnavailableError(
        'CONTROLLER_NOT_READY',
        `${name} ended when its controller was reset or disabled: reset the controller (nvme0.reset()), then create a new queue pair`,
      );
    case 'POWER_LOST':
      return new ControllerUnavailableError(
        'POWER_LOST',
        `${name} ended when the device lost power: power it on (subsystem.powerOn()), reset the controller (nvme0.reset()), then create a new queue pair`,
      );
    default:
      return driverError(error, name);
  }
}
