import type { NativeController } from '../../nativeSurface.ts';
import { record, wrongType } from '../checks.ts';
import type { Command } from '../command.ts';
import type { Cqe } from '../cqe.ts';
import { DmaBuffer } from '../dmaBuffer.ts';
import type { IdentifyController } from '../identify.ts';
import type { Registers } from '../registers.ts';
import type { GetFeaturesOptions, SetFeaturesOptions } from './informationOptions.ts';

const feature = 0x0d;
const enableMemory = 1;
const memoryReturn = 2;
const unitBytes = 4096;
const entryBytes = 16;

/** What the buffer needs of its controller. @internal */
export interface LendingController {
  readonly native: NativeController;
  readonly registers: Registers;
  readonly identifyData: IdentifyController;
  getFeatures(fid: number, options?: GetFeaturesOptions): Command;
  setFeatures(fid: number, cdw11: number, options?: SetFeaturesOptions): Command;
}

/** What Get Features says of the Host Memory Buffer. */
export interface HostMemoryBufferState {
  /** EHM: the controller uses it. */
  readonly enabled: boolean;
  /** HSIZE, in bytes. */
  readonly bytes: number;
  /** HMDLAU and HMDLAL: bus address of the descriptor list. */
  readonly listAddress: bigint;
  /** HMDLEC: entries of the list. */
  readonly entries: number;
}

/**
 * The Host Memory Buffer (NVMe Base 2.0, "Host Memory Buffer"): memory of the host that is lent to the controller. It has it until
 * {@link disable} or a reset; a test that does neither ends with a reset.
 * @example
 * const { hmb } = nvme0;
 * await hmb.enable(new DmaBuffer(hmb.preferredBytes));
 */
export class HostMemoryBuffer {
  readonly #controller: LendingController;
  /** Kept from the collector: the controller writes into them. */
  #lent: readonly DmaBuffer[] = [];

  /** @internal */
  constructor(controller: LendingController) {
    this.#controller = controller;
  }

  /** HMPRE: bytes the controller would like; 0 where it takes none. */
  get preferredBytes(): number {
    return this.#controller.identifyData.u(275, 272) * unitBytes;
  }

  /** HMMIN: bytes the controller needs at least. */
  get minimumBytes(): number {
    return this.#controller.identifyData.u(279, 276) * unitBytes;
  }

  /** HMMINDS: bytes a descriptor should have at least; 0 without such a limit. */
  get minimumEntryBytes(): number {
    return this.#controller.identifyData.u(331, 328) * unitBytes;
  }

  /** HMMAXD: descriptors the controller uses; 0 without such a limit. */
  get maximumEntries(): number {
    return this.#controller.identifyData.u(333, 332);
  }

  /**
   * Lends memory to the controller: Set Features with EHM set. What it does with it is its own business; do not write into it. Too
   * little or too much in pieces too small is the device's to refuse.
   * @param buffers whole memory pages (CC.MPS), from a page on: one descriptor each
   * @param options returned: MR, the memory is the same as before, with the same contents
   * @throws TypeError, RangeError for a buffer that is not whole pages
   */
  async enable(buffers: DmaBuffer | readonly DmaBuffer[], options: { readonly returned?: boolean } = {}): Promise<Cqe> {
    const { returned = false } = record(options);
    const list = Array.isArray(buffers) ? (buffers as readonly DmaBuffer[]) : [buffers as DmaBuffer];
    const descriptors = this.#describe(list);
    const cqe = await this.#set(enableMemory | (returned ? memoryReturn : 0), descriptors, list);
    this.#lent = [descriptors, ...list];
    return cqe;
  }

  /** Takes the memory back: Set Features with EHM cleared. The controller no longer uses it when this resolves. */
  async disable(): Promise<Cqe> {
    const cqe = await this.#controller.setFeatures(feature, 0);
    this.#lent = [];
    return cqe;
  }

  /** Get Features with the Attributes data structure. */
  async query(): Promise<HostMemoryBufferState> {
    const attributes = new DmaBuffer(4096, { name: 'host memory buffer attributes' });
    const { dw0 } = await this.#controller.getFeatures(feature, { buffer: attributes });
    return {
      enabled: (dw0 & enableMemory) !== 0,
      bytes: attributes.u(3, 0) * this.#pageBytes,
      listAddress: attributes.big(11, 4),
      entries: attributes.u(15, 12),
    };
  }

  /** Buffers lent now, the descriptor list first. @internal */
  get lent(): readonly DmaBuffer[] {
    return this.#lent;
  }

  get #pageBytes(): number {
    return this.#controller.registers.cc.pageBytes;
  }

  #set(flags: number, descriptors: DmaBuffer, list: readonly DmaBuffer[]): Command {
    const address = descriptors.busAddress(this.#controller);
    return this.#controller.setFeatures(feature, flags, {
      cdw12: list.reduce((sum, { size }) => sum + size, 0) / this.#pageBytes,
      cdw13: Number(address & 0xffff_ffffn),
      cdw14: Number(address >> 32n),
      cdw15: list.length,
    });
  }

  /** The Host Memory Buffer Descriptor List: BADD 7:0, BSIZE 11:8 of each entry. */
  #describe(list: readonly DmaBuffer[]): DmaBuffer {
    const pageBytes = this.#pageBytes;
    const descriptors = new DmaBuffer(Math.max(1, list.length) * entryBytes, { name: 'host memory descriptors' });
    for (const [index, buffer] of list.entries()) {
      if (!(buffer instanceof DmaBuffer)) throw wrongType('buffers', 'a DmaBuffer or an array of them', buffer);
      const address = buffer.busAddress(this.#controller);
      if (buffer.size % pageBytes !== 0 || address % BigInt(pageBytes) !== 0n) {
        throw new RangeError(
          `${buffer.name} must be whole memory pages of ${pageBytes} bytes, from a page on; it has ${buffer.size} bytes at ${address}`,
        );
      }
      descriptors.setQword(index * entryBytes, address);
      descriptors.setDword(index * entryBytes + 8, buffer.size / pageBytes);
    }
    return descriptors;
  }
}
