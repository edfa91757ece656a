import type { NativeInitOptions } from '../nativeSurface.ts';
import type { PowerController } from '../power/powerController.ts';
import { integer, wrongType } from './checks.ts';
import type { Controller } from './controller.ts';
import type { EnableSteps } from './enableSteps.ts';

const arbitrations = { 'round-robin': 0, weighted: 1 } as const;
const interruptModes = ['msix', 'msi', 'none'] as const;

/** How completion queues interrupt. */
export type InterruptMode = (typeof interruptModes)[number];

/** How a controller is initialised. */
export interface InitializeOptions {
  /** Admin queue entries, 2..4096. Default 64. */
  readonly adminDepth?: number;
  /** I/O queue pairs to ask for (Set Features, Number of Queues). Default 64. */
  readonly ioQueues?: number;
  /** CC.AMS: round robin (the default), or weighted round robin with urgent priority class; other values by number, 0..7. */
  readonly arbitration?: keyof typeof arbitrations | number;
  /** CC.CSS, 0..7: 0 NVM, 6 all supported I/O command sets, 7 admin only. Default: as CAP.CSS has it. */
  readonly commandSet?: number;
  /** CC.MPS, bytes of a memory page: 4096 and powers of two above. Default: the smallest the controller has. */
  readonly pageBytes?: number;
  /** Default `msix`. */
  readonly interrupts?: InterruptMode;
}

/**
 * The enable sequence in the test's hands: `steps` are its parts, registers are written by the test. What it throws, `initialize`
 * throws.
 * @example
 * await nvme0.initialize(async ({ registers }, steps) => {
 *   await steps.disable();
 *   const { aqa, asq, acq } = await steps.prepareAdmin({ depth: 16 });
 *   registers.set('AQA', aqa);
 *   registers.set('ASQ', asq);
 *   registers.set('ACQ', acq);
 *   registers.set('CC', 0x0046_0001);
 *   await steps.waitCsts(0x1, 0x1);
 *   await steps.adopt({ ioQueues: 4 });
 * });
 */
export type InitializeFunction = (controller: Controller, steps: EnableSteps) => Promise<void>;

/** The default enable sequence with options, or one of the test's own. */
export type Initialization = InitializeOptions | InitializeFunction;

/** How a controller is opened. */
export interface OpenOptions extends InitializeOptions {
  /** False leaves the controller as it is found; a function is its enable sequence. Default true. */
  readonly initialize?: boolean | InitializeFunction;
  /** What switches its supply (vPower), as in {@link SubsystemOptions.power}. */
  readonly power?: string | PowerController;
}

/** Checks before anything reaches the device. @throws TypeError, RangeError @internal */
export function initOptions(options: InitializeOptions): NativeInitOptions {
  if (typeof options !== 'object' || options === null) throw wrongType('options', 'an object or a function', options);
  const { adminDepth, ioQueues, arbitration, commandSet, pageBytes, interrupts } = options;
  return {
    ...(adminDepth !== undefined && { adminDepth: integer('adminDepth', adminDepth, 2, 4096) }),
    ...(ioQueues !== undefined && { ioQueues: integer('ioQueues', ioQueues, 1, 65535) }),
    ...(arbitration !== undefined && { arbitration: arbitrationOf(arbitration) }),
    ...(commandSet !== undefined && { commandSet: integer('commandSet', commandSet, 0, 7) }),
    ...(pageBytes !== undefined && { mps: memoryPageSize(pageBytes) }),
    ...(interrupts !== undefined && { interrupts: interruptMode(interrupts) }),
  };
}

/** CC.MPS. @throws TypeError, RangeError @internal */
export function memoryPageSize(pageBytes: number): number {
  const mps = Math.log2(integer('pageBytes', pageBytes, 4096, 2 ** 27)) - 12;
  if (Number.isInteger(mps)) return mps;
  throw new RangeError(`pageBytes must be a power of two, not ${pageBytes}`);
}

/** @throws TypeError @internal */
export function interruptMode(mode: unknown): InterruptMode {
  const found = interruptModes.find((known) => known === mode);
  if (found !== undefined) return found;
  throw wrongType('interrupts', "'msix', 'msi' or 'none'", mode);
}

function arbitrationOf(arbitration: unknown): number {
  if (typeof arbitration === 'number') return integer('arbitration', arbitration, 0, 7);
  if (arbitration === 'weighted' || arbitration === 'round-robin') return arbitrations[arbitration];
  throw wrongType('arbitration', "'round-robin', 'weighted' or a number", arbitration);
}
