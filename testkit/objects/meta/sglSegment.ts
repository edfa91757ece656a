import type { NativeController } from '../../nativeSurface.ts';
import { integer, wrongType } from '../checks.ts';
import { DmaBuffer } from '../dmaBuffer.ts';
import { indexed } from './indexed.ts';
import { type SglDescriptor, sglDescriptorBytes, sglDwords } from './sglDescriptor.ts';

/**
 * An SGL segment (NVMe Base 2.0, "Scatter Gather List (SGL)") that the test writes itself: `segment[i] = descriptor`. Values are not
 * judged: any type, length and address reaches the device.
 */
export class SglSegment {
  /** Descriptors. */
  [index: number]: SglDescriptor;
  /** Descriptors there is room for. */
  readonly length: number;
  readonly #memory: DmaBuffer;

  /**
   * @param descriptors what the segment begins with; the others are zeros
   * @param options length: descriptors there is room for, default as many as are given
   * @throws TypeError, RangeError
   */
  constructor(descriptors: readonly SglDescriptor[] = [], options: { readonly length?: number } = {}) {
    if (!Array.isArray(descriptors)) throw wrongType('descriptors', 'an array of SGL descriptors', descriptors);
    this.length = integer('length', options.length ?? Math.max(1, descriptors.length), 1, 65_536);
    this.#memory = new DmaBuffer(this.length * sglDescriptorBytes, { name: 'SGL segment' });
    descriptors.forEach((each, index) => {
      this.#write(index, each);
    });
    const self = indexed(this, { get: (index) => this.#read(index), set: (index, each) => this.#write(index, each) });
    // biome-ignore lint/correctness/noConstructorReturn: elements by number
    return self;
  }

  /** Where it is. */
  busAddress(controller: { readonly native: NativeController }): bigint {
    return this.#memory.busAddress(controller);
  }

  /**
   * A descriptor that points to this segment, for SGL1 or the end of another segment.
   * @param type default `last-segment`
   */
  descriptor(
    controller: { readonly native: NativeController },
    type: 'segment' | 'last-segment' = 'last-segment',
  ): SglDescriptor {
    return { type, address: this.busAddress(controller), length: this.length * sglDescriptorBytes };
  }

  #read(index: number): SglDescriptor {
    const at = integer('index', index, 0, this.length - 1) * sglDescriptorBytes;
    const identifier = this.#memory.byte(at + 15);
    return {
      type: identifier >>> 4,
      address: this.#memory.qword(at),
      length: this.#memory.dword(at + 8),
      subType: identifier & 0xf,
    };
  }

  #write(index: number, descriptor: unknown): void {
    const at = integer('index', index, 0, this.length - 1) * sglDescriptorBytes;
    if (typeof descriptor !== 'object' || descriptor === null)
      throw wrongType('the descriptor', 'an object', descriptor);
    const dwords = sglDwords(descriptor as SglDescriptor);
    this.#memory.write(new Uint8Array(dwords.buffer), at);
  }
}
