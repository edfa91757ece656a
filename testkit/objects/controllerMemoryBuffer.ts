import type { NativeController, NativeControllerMemory } from '../nativeSurface.ts';
import { integer, record } from './checks.ts';
import { DmaBuffer } from './dmaBuffer.ts';
import { driverError } from './nativeErrors.ts';
import { fillOf, type Pattern } from './pattern.ts';
import type { Registers } from './registers.ts';
import { currentScope } from './testScope.ts';

/** What the buffer needs of its controller. @internal */
export interface MemoryController {
  readonly address: string;
  readonly native: NativeController;
  readonly registers: Registers;
  changed(): void;
}

/** What a Controller Memory Buffer may hold (NVMe Base 2.0, "Controller Memory Buffer Size"). */
export interface ControllerMemoryUse {
  /** SQS: submission queues. */
  readonly submissionQueues: boolean;
  /** CQS: completion queues. */
  readonly completionQueues: boolean;
  /** LISTS: PRP lists and SGL segments. */
  readonly lists: boolean;
  /** RDS: data and metadata that the controller writes. */
  readonly readData: boolean;
  /** WDS: data and metadata that the controller reads. */
  readonly writeData: boolean;
}

/**
 * The Controller Memory Buffer (NVMe Base 2.0, "Controller Memory Buffer"): memory of the controller that queues, lists and data may lie
 * in. It is off until {@link enable}, in every test anew. A power cycle, a hot reset and an NVM Subsystem Reset switch it off as well;
 * buffers in it are good again after the next {@link enable}, at the same addresses.
 * @example
 * nvme0.cmb.enable();
 * const qpair = await nvme0.createQpair({ controllerMemory: 'both' });
 * const data = nvme0.cmb.allocate(4096, { pattern: 'ones' });
 * await nvme0n1.write(qpair, data, { slba: 0 });
 */
export class ControllerMemoryBuffer {
  readonly #controller: MemoryController;

  /** @internal */
  constructor(controller: MemoryController) {
    this.#controller = controller;
  }

  /** Whether the controller has one (CAP.CMBS). */
  get exists(): boolean {
    return this.#controller.registers.cap.cmbs;
  }

  /** Whether {@link enable} was called, and no reset has switched it off since. */
  get enabled(): boolean {
    return this.#controller.native.memory !== undefined;
  }

  /** Bytes. @throws an error with code `CONTROLLER_MEMORY_DISABLED` before {@link enable}, as all that follow */
  get size(): number {
    return this.#state.size;
  }

  /** Bytes that no buffer and no queue has, not always in a row. */
  get freeBytes(): number {
    return this.#state.freeBytes;
  }

  /** CMBMSC.CBA: where the controller finds its first byte. */
  get busAddress(): bigint {
    return this.#state.busAddress;
  }

  /** What it may hold. */
  get holds(): ControllerMemoryUse {
    const { holds } = this.#state;
    const has = (bit: number): boolean => (holds & (1 << bit)) !== 0;
    return {
      submissionQueues: has(0),
      completionQueues: has(1),
      lists: has(2),
      readData: has(3),
      writeData: has(4),
    };
  }

  /**
   * Sets CMBMSC.CRE and CMBMSC.CMSE with an address that no other memory has. A second call does nothing.
   * @throws an error with code `NOT_SUPPORTED` where the controller has none, or the platform cannot map it
   */
  enable(): void {
    this.#do('cmb.enable', () => this.#controller.native.enableMemory());
  }

  /** Clears CMBMSC: the controller no longer reaches what lies in it. Queues in it are fatal then (CSTS.CFS). */
  disable(): void {
    this.#do('cmb.disable', () => this.#controller.native.disableMemory());
  }

  /**
   * A buffer in it: zeroed, from a memory page (CC.MPS) on, closed with the test. Only this controller reaches it.
   * @param size bytes, 1 to 2^32-1
   * @throws TypeError, RangeError; an error with code `NO_MEMORY` that says how much is free, `CONTROLLER_MEMORY_DISABLED`,
   * `NOT_SUPPORTED`
   */
  allocate(size: number, options: { readonly pattern?: Pattern; readonly name?: string } = {}): DmaBuffer {
    const { pattern, name = 'buffer in the controller' } = record(options);
    const bytes = integer('size', size, 1, 2 ** 32 - 1);
    const fill = pattern === undefined ? undefined : fillOf(pattern);
    const native = this.#try('cmb.allocate', () => this.#controller.native.allocateInMemory(bytes));
    const buffer = DmaBuffer.over(native, name);
    currentScope().own({
      async [Symbol.asyncDispose]() {
        if (buffer.pins === 0) buffer.close();
      },
    });
    fill?.(native, { at: 0, length: bytes });
    return buffer;
  }

  /** Off again, if the test before switched it on. @internal */
  restore(): void {
    if (this.enabled) this.#controller.native.disableMemory();
  }

  get #state(): NativeControllerMemory {
    const state = this.#controller.native.memory;
    if (state !== undefined) return state;
    const error = new Error(
      `the Controller Memory Buffer of ${this.#controller.address} is not enabled: call cmb.enable() first`,
    );
    throw Object.assign(error, { code: 'CONTROLLER_MEMORY_DISABLED' });
  }

  #do(what: string, run: () => void): void {
    this.#try(what, run);
    this.#controller.changed();
  }

  #try<T>(what: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw driverError(error, `${this.#controller.address}, ${what}`);
    }
  }
}
