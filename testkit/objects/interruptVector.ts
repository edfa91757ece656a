import type { NativeController } from '../nativeSurface.ts';
import { integer } from './checks.ts';
import { currentScope, type TestScope } from './testScope.ts';

/**
 * An interrupt vector in the test's hands, MSI-X or MSI. From the first use queue pairs of that vector are polled by the driver, until
 * {@link release} or the end of the test.
 */
export class InterruptVector implements AsyncDisposable {
  /** Its number. */
  readonly vector: number;
  readonly #native: NativeController;
  #scope: TestScope | undefined;

  /** @internal */
  constructor(native: NativeController, vector: number) {
    this.#native = native;
    this.vector = integer('vector', vector, 0, 2047);
  }

  /** Messages that arrived since the first use or {@link clear}. @throws RangeError when the vector is not enabled */
  get messages(): number {
    this.#claim();
    return this.#native.interruptMessages(this.vector);
  }

  /** Whether any arrived. @throws RangeError when the vector is not enabled */
  get isSet(): boolean {
    return this.messages > 0;
  }

  /** Forgets those that arrived. @throws RangeError when the vector is not enabled */
  clear(): void {
    this.#claim();
    this.#native.clearInterrupt(this.vector);
  }

  /** Keeps messages pending in the device: by the MSI-X table, with MSI by INTMS. @throws RangeError when it is not enabled */
  mask(): void {
    this.#claim();
    this.#native.maskInterrupt(this.vector, true);
  }

  /** Lets messages come, a pending one at once: by the MSI-X table, with MSI by INTMC. @throws RangeError when it is not enabled */
  unmask(): void {
    this.#claim();
    this.#native.maskInterrupt(this.vector, false);
  }

  /** Gives it back to the driver, unmasked. */
  release(): void {
    if (this.#scope === undefined) return;
    this.#scope.disown(this);
    this.#scope = undefined;
    this.#native.releaseInterrupt(this.vector);
  }

  /** As {@link release}; also fine after the controller was closed or reset. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.release();
    } catch {
      // The vector went with the reset or the controller.
      return;
    }
  }

  #claim(): void {
    if (this.#scope !== undefined) return;
    this.#native.claimInterrupt(this.vector);
    this.#scope = currentScope();
    this.#scope.own(this);
  }
}
