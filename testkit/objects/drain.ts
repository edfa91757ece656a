/** A bounded wait for the last outstanding command of a queue. @internal */
export class Drain {
  #done: (() => void) | undefined;

  /** Resolves at {@link empty}, or after that time. */
  async wait(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#done = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Nothing is outstanding now. */
  empty(): void {
    this.#done?.();
  }
}
