import { integer } from './checks.ts';

/** How a controller is initialised. */
export interface InitializeOptions {
  /** Admin queue entries, 2..4096. Default 64. */
  readonly adminDepth?: number;
  /** I/O queue pairs to ask for (Set Features, Number of Queues). Default 64. */
  readonly ioQueues?: number;
}

/** How a controller is opened. */
export interface OpenOptions extends InitializeOptions {
  /** False leaves the controller as it is found. Default true. */
  readonly initialize?: boolean;
}

/** Checks before anything reaches the device. @internal */
export function initOptions({ adminDepth, ioQueues }: InitializeOptions): InitializeOptions {
  return {
    ...(adminDepth !== undefined && { adminDepth: integer('adminDepth', adminDepth, 2, 4096) }),
    ...(ioQueues !== undefined && { ioQueues: integer('ioQueues', ioQueues, 1, 65535) }),
  };
}
