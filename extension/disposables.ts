export interface Disposable {
  dispose(): void;
}

/** Owns disposables and ends them last in, first out. One added after the end is ended at once. */
export class Disposables implements Disposable {
  readonly #items: Disposable[] = [];
  #disposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.push(item);
    return item;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    this.#disposed = true;
    while (this.#items.length > 0) this.#items.pop()?.dispose();
  }
}
