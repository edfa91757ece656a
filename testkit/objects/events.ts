import type { NativeController, NativeDriverEvent } from '../nativeSurface.ts';

/** Something the driver noticed outside any command. */
export interface DriverEvent {
  readonly kind: 'power-lost' | 'removed' | 'malformed-completion';
  readonly message: string;
  /** The 16 bytes of a malformed completion, and its queue. */
  readonly cqe?: Uint8Array;
  readonly qid?: number;
}

type Listener = (event: DriverEvent) => void;

/** The driver has one listener; a test may have several. @internal */
export class ControllerEvents {
  readonly #native: NativeController;
  readonly #listeners = new Set<Listener>();

  constructor(native: NativeController) {
    this.#native = native;
  }

  add(listener: Listener): Disposable {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#native.onEvent((event) => this.#tell(event));
    return { [Symbol.dispose]: () => this.#remove(listener) };
  }

  close(): void {
    if (this.#listeners.size > 0) this.#native.onEvent(undefined);
    this.#listeners.clear();
  }

  #remove(listener: Listener): void {
    if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#native.onEvent(undefined);
  }

  #tell(event: NativeDriverEvent): void {
    for (const listener of [...this.#listeners]) listener(event as DriverEvent);
  }
}
