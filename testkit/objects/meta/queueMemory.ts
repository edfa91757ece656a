import type { NativeController } from '../../nativeSurface.ts';
import { integer } from '../checks.ts';
import type { ControllerMemoryBuffer } from '../controllerMemoryBuffer.ts';
import { DmaBuffer } from '../dmaBuffer.ts';

const qwordBytes = 8;

/** What the memory of a queue is for. @internal */
export interface QueueShape {
  readonly name: string;
  readonly depth: number;
  readonly entryBytes: number;
  readonly contiguous: boolean;
  readonly pageBytes: number;
  /** In the Controller Memory Buffer. */
  readonly isInController: boolean;
}

interface MappedBy {
  readonly native: NativeController;
  readonly cmb: ControllerMemoryBuffer;
}

/**
 * Entries of a queue: in one piece, or in pages in reverse order that a PRP list names (NVMe Base 2.0, "Create I/O Submission Queue
 * command", PC cleared to 0). @internal
 */
export class QueueMemory {
  readonly #shape: QueueShape;
  readonly #entries: DmaBuffer;
  readonly #list: DmaBuffer | undefined;
  readonly #pages: number;

  constructor(shape: QueueShape, controller: MappedBy) {
    this.#shape = shape;
    const bytes = shape.depth * shape.entryBytes;
    this.#pages = Math.ceil(bytes / shape.pageBytes);
    const allocate = (size: number, name: string) =>
      shape.isInController ? controller.cmb.allocate(size, { name }) : new DmaBuffer(size, { name });
    if (shape.contiguous) {
      this.#entries = allocate(bytes, shape.name);
      return;
    }
    integer('pages of the queue', this.#pages, 1, shape.pageBytes / qwordBytes);
    this.#entries = allocate(this.#pages * shape.pageBytes, shape.name);
    this.#list = allocate(shape.pageBytes, `PRP list of ${shape.name}`);
    for (let page = 0; page < this.#pages; page += 1) {
      this.#list.setQword(page * qwordBytes, this.#page(page).busAddress(controller));
    }
  }

  /** What PRP1 of the create command says. */
  address(controller: MappedBy): bigint {
    return (this.#list ?? this.#entries).busAddress(controller);
  }

  read(index: number): Uint8Array {
    const at = this.#offset(index);
    return this.#entries.slice(at, at + this.#shape.entryBytes);
  }

  write(index: number, bytes: Uint8Array): void {
    this.#entries.write(bytes, this.#offset(index));
  }

  clear(): void {
    this.#entries.fill('zeros');
  }

  #offset(index: number): number {
    const { depth, entryBytes, contiguous, pageBytes } = this.#shape;
    const at = integer('index', index, 0, depth - 1) * entryBytes;
    if (contiguous) return at;
    return this.#pageOffset(Math.floor(at / pageBytes)) + (at % pageBytes);
  }

  /** Last page first: nothing may rely on pages that follow each other. */
  #pageOffset(page: number): number {
    return (this.#pages - 1 - page) * this.#shape.pageBytes;
  }

  #page(page: number): DmaBuffer {
    return this.#entries.view(this.#pageOffset(page), this.#shape.pageBytes);
  }
}
