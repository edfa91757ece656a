import type { NativeController, NativeControllerInfo } from '../nativeSurface.ts';
import { integer, record } from './checks.ts';
import type { Controller } from './controller.ts';
import {
  type Initialization,
  type InterruptMode,
  initOptions,
  interruptMode,
  memoryPageSize,
} from './controllerOptions.ts';

const cstsMs = 10_000;

/** An admin queue pair the device does not know yet. */
export interface PrepareAdminOptions {
  /** Queue entries, 2..4096. Default 64. */
  readonly depth?: number;
  /** CC.MPS to come, as bytes of a memory page. Default: the smallest the controller has. */
  readonly pageBytes?: number;
  /** Interrupt vectors to enable, 1..2048; the function may have fewer. Default 65. */
  readonly vectors?: number;
  /** Default `msix`. */
  readonly interrupts?: InterruptMode;
}

/** Values for AQA, ASQ and ACQ. */
export interface AdminRegisters {
  /** Admin Queue Attributes. */
  readonly aqa: number;
  /** Admin Submission Queue Base Address. */
  readonly asq: bigint;
  /** Admin Completion Queue Base Address. */
  readonly acq: bigint;
}

/** What is left to do once the controller is ready. */
export interface AdoptOptions {
  /** I/O queue pairs to ask for, 1..65,535; with `isGranted` what the test was granted. Default 64. */
  readonly ioQueues?: number;
  /** The test has sent Set Features, Number of Queues, itself. */
  readonly isGranted?: boolean;
  /** Choose an I/O Command Set Profile where CC.CSS is 6. Default true. */
  readonly chooseProfile?: boolean;
}

/** The parts of the enable sequence (NVMe Base 2.0, "Memory-based Controller Initialization"), for one of the test's own. */
export class EnableSteps {
  readonly #native: NativeController;
  readonly #adminMade: () => void;
  /** @internal */
  info: NativeControllerInfo | undefined;

  /** @param adminMade told of every new admin queue pair @internal */
  constructor(native: NativeController, adminMade: () => void) {
    this.#native = native;
    this.#adminMade = adminMade;
  }

  /** CC.EN = 0, and CSTS.RDY = 0 awaited. */
  async disable(): Promise<void> {
    await this.#native.disable();
  }

  /**
   * Bus mastering, interrupts, and memory of an admin queue pair, which is `adminQpair` from now on. Earlier queue pairs end. The
   * registers are the test's to write.
   * @throws TypeError, RangeError; an error with code `CONTROLLER_ENABLED` while CSTS.RDY is 1
   */
  async prepareAdmin(options: PrepareAdminOptions = {}): Promise<AdminRegisters> {
    const { depth, pageBytes, vectors, interrupts } = record(options);
    const registers = await this.#native.prepareAdmin({
      ...(depth !== undefined && { depth: integer('depth', depth, 2, 4096) }),
      ...(pageBytes !== undefined && { mps: memoryPageSize(pageBytes) }),
      ...(vectors !== undefined && { vectors: integer('vectors', vectors, 1, 2048) }),
      ...(interrupts !== undefined && { interrupts: interruptMode(interrupts) }),
    });
    this.#adminMade();
    return registers;
  }

  /**
   * Waits until the bits of CSTS in `mask` have this value.
   * @param options timeoutMs: milliseconds, default 10,000
   * @returns CSTS
   * @throws TypeError, RangeError; an error with code `TIMEOUT` that says what CSTS was
   */
  async waitCsts(mask: number, value: number, options: { readonly timeoutMs?: number } = {}): Promise<number> {
    const { timeoutMs = cstsMs } = record(options);
    integer('mask', mask, 0, 0xffff_ffff);
    integer('value', value, 0, 0xffff_ffff);
    return this.#native.awaitCsts(mask, value, integer('timeoutMs', timeoutMs, 1, 2 ** 31 - 1));
  }

  /**
   * Once the controller is ready: Identify, command set profile, Number of Queues; afterwards queue pairs can be made. Done at the end
   * of the function where it did not.
   * @throws TypeError, RangeError; an error with code `INIT_FAILED` that names the step
   */
  async adopt(options: AdoptOptions = {}): Promise<void> {
    await this.learn(options);
  }

  /** @internal */
  async learn(options: AdoptOptions): Promise<NativeControllerInfo> {
    const { ioQueues, isGranted, chooseProfile } = record(options);
    this.info = await this.#native.adopt({
      ...(ioQueues !== undefined && { ioQueues: integer('ioQueues', ioQueues, 1, 65_535) }),
      ...(isGranted !== undefined && { isGranted: isGranted === true }),
      ...(chooseProfile !== undefined && { chooseProfile: chooseProfile === true }),
    });
    return this.info;
  }
}

/**
 * The default enable sequence, or the test's own.
 * @param takeAdmin called when there is a new admin queue pair
 * @internal
 */
export async function runSequence(
  controller: Controller,
  how: Initialization,
  takeAdmin: () => void,
): Promise<NativeControllerInfo> {
  if (typeof how !== 'function') {
    const info = await controller.native.initialize(initOptions(how));
    takeAdmin();
    return info;
  }
  const steps = new EnableSteps(controller.native, takeAdmin);
  await how(controller, steps);
  return steps.info ?? steps.learn({});
}
