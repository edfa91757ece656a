import type { NativeController } from '../../nativeSurface.ts';
import { integer, record, wrongType } from '../checks.ts';
import type { Command, CommandOptions } from '../command.ts';
import type { ControllerMemoryBuffer } from '../controllerMemoryBuffer.ts';
import type { Cqe } from '../cqe.ts';
import type { DmaBuffer } from '../dmaBuffer.ts';
import { codeOf } from '../nativeErrors.ts';
import type { Registers } from '../registers.ts';
import type { SqeFields } from '../sqe.ts';
import { currentScope } from '../testScope.ts';
import { QueueMemory } from './queueMemory.ts';

/** What a queue of the test's own needs of its controller. @internal */
export interface RawQueueController {
  readonly address: string;
  readonly native: NativeController;
  readonly registers: Registers;
  readonly cmb: ControllerMemoryBuffer;
  readonly isClosed: boolean;
  /** Another one after every initialisation. */
  readonly adminQpair: object;
  admin(sqe: SqeFields, buffer?: DmaBuffer, options?: CommandOptions): Command;
}

/** What both kinds of queues have. */
export interface RawQueueOptions {
  /** Queue Identifier, 0..65,535: one that no {@link Qpair} uses, to stay out of each other's way. */
  readonly qid: number;
  /** Entries, 1..65,536: the create command says one fewer, the 0's based QSIZE. */
  readonly depth: number;
  /** False lays the queue out in pages that do not follow each other, and names them in a PRP list. Default true. */
  readonly contiguous?: boolean;
  /** True lays it out in the Controller Memory Buffer ({@link Controller.cmb}), which must be enabled. Default false. */
  readonly controllerMemory?: boolean;
}

/** Fields of the create command that are to be others than those of the queue; and how its completion is taken. */
export type CreateOverrides = Partial<SqeFields> & CommandOptions;

interface Kind {
  readonly name: 'SQ' | 'CQ';
  readonly entryBytes: number;
  readonly createOpcode: number;
  readonly deleteOpcode: number;
}

/**
 * A queue that the test lays out and works itself. Nothing judges what it does: illegal ids, sizes, pointers and doorbells reach the
 * device. The memory stays as long as the object does.
 */
export abstract class RawQueue implements AsyncDisposable {
  /** Queue Identifier. */
  readonly qid: number;
  /** Entries. */
  readonly depth: number;
  /** In one piece, or in pages named by a PRP list. */
  readonly contiguous: boolean;
  /** @internal */
  protected readonly controller: RawQueueController;
  /** @internal */
  protected readonly memory: QueueMemory;
  readonly #kind: Kind;
  #isCreated = false;
  /** The admin queue pair in whose time the identifier was reserved. */
  #reservedIn: object | undefined;

  /** @internal */
  constructor(controller: RawQueueController, options: RawQueueOptions, kind: Kind) {
    if (typeof controller?.admin !== 'function') throw wrongType('controller', 'a Controller', controller);
    if (typeof options !== 'object' || options === null) throw wrongType('options', 'an object', options);
    this.controller = controller;
    this.#kind = kind;
    this.qid = integer('qid', options.qid, 0, 0xffff);
    this.depth = integer('depth', options.depth, 1, 65_536);
    this.contiguous = options.contiguous ?? true;
    const shape = {
      name: `${kind.name} ${this.qid}`,
      depth: this.depth,
      entryBytes: kind.entryBytes,
      contiguous: this.contiguous,
      pageBytes: controller.registers.cc.pageBytes,
      isInController: options.controllerMemory ?? false,
    };
    this.memory = new QueueMemory(shape, controller);
  }

  /** Bus address that PRP1 of the create command has: of the entries, or of the PRP list. */
  get busAddress(): bigint {
    return this.memory.address(this.controller);
  }

  /** Zeros every entry. */
  clear(): void {
    this.memory.clear();
  }

  /**
   * Sends the create command. @param overrides fields to be other than the queue's
   * @throws TypeError, RangeError; NvmeStatusError
   */
  async create(overrides: CreateOverrides = {}): Promise<Cqe> {
    const { timeoutMs, allowError, ...fields } = record(overrides, 'overrides');
    this.#reserve();
    const cdw10 = this.qid + (this.depth - 1) * 0x1_0000;
    const pointer = { cdw10, cdw11: this.createDword11(), prp1: this.busAddress };
    const cqe = await this.controller.admin({ opcode: this.#kind.createOpcode, ...pointer, ...fields }, undefined, {
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(allowError !== undefined && { allowError }),
    });
    if (cqe.ok && !this.#isCreated) {
      this.#isCreated = true;
      currentScope().own(this);
      this.created();
    }
    return cqe;
  }

  /** The device has it now. @internal */
  protected abstract created(): void;
  /** The device has it no longer. @internal */
  protected abstract deleted(): void;

  /** Sends the delete command. @throws NvmeStatusError */
  async delete(options: CommandOptions = {}): Promise<Cqe> {
    const cqe = await this.controller.admin({ opcode: this.#kind.deleteOpcode, cdw10: this.qid }, undefined, options);
    if (cqe.ok) this.#forget();
    return cqe;
  }

  /** Deletes it if it was created. That it is gone already (by a reset, with its controller, or by mistake on purpose) is fine. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isCreated || this.controller.isClosed) return;
    this.#forget();
    const isOn = this.controller.native.powered && this.controller.registers.csts.rdy;
    if (isOn) await this.delete({ allowError: true });
  }

  /** Command Dword 11 of the create command. @internal */
  protected abstract createDword11(): number;

  /** Writes a doorbell (PCIe Transport 1.0, "Submission Queue y Tail Doorbell"): from 1000h on, 4 << CAP.DSTRD bytes apart. @internal */
  protected ring(value: number): void {
    const index = 2 * this.qid + (this.#kind.name === 'CQ' ? 1 : 0);
    const stride = 4 << this.controller.registers.cap.dstrd;
    this.controller.registers.write32(0x1000 + index * stride, value);
  }

  #forget(): void {
    this.#isCreated = false;
    currentScope().disown(this);
    this.deleted();
    // After an initialisation the identifier may be another's.
    if (this.#reservedIn === this.controller.adminQpair) this.controller.native.releaseQid(this.qid);
    this.#reservedIn = undefined;
  }

  /** So that no queue pair made later gets the identifier. One that is taken or illegal is the device's to refuse. */
  #reserve(): void {
    if (this.#reservedIn === this.controller.adminQpair) return;
    try {
      this.controller.native.reserveQid(this.qid);
      this.#reservedIn = this.controller.adminQpair;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof RangeError || ['NO_QUEUES', 'OUT_OF_RANGE'].includes(codeOf(error) ?? '');
}
