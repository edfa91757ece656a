import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../disposables.ts';

/** One token that is cancelled when any of several is, or by its owner. */
export class AnyCancellation implements Disposable {
  readonly #source = new vscode.CancellationTokenSource();
  readonly #disposables = new Disposables();

  constructor(...tokens: readonly vscode.CancellationToken[]) {
    this.#disposables.add(this.#source);
    for (const token of tokens) {
      if (token.isCancellationRequested) this.#source.cancel();
      this.#disposables.add(token.onCancellationRequested(() => this.#source.cancel()));
    }
  }

  get token(): vscode.CancellationToken {
    return this.#source.token;
  }

  cancel(): void {
    this.#source.cancel();
  }

  dispose(): void {
    this.#disposables.dispose();
  }
}

/** The promise's value, or undefined as soon as the token is cancelled; the promise is then left to itself. */
export async function orCancelled<T>(promise: Promise<T>, token: vscode.CancellationToken): Promise<T | undefined> {
  if (token.isCancellationRequested) {
    promise.catch(() => undefined);
    return undefined;
  }
  let listener: Disposable | undefined;
  const cancelled = new Promise<undefined>((resolve) => {
    listener = token.onCancellationRequested(() => resolve(undefined));
  });
  promise.catch(() => undefined);
  return Promise.race([promise, cancelled]).finally(() => listener?.dispose());
}
