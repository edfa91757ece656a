import type { NativeController, NativeDriverEvent } from '../nativeSurface.ts';
import { hexDword } from './checks.ts';
import { currentScope, runningScope } from './testScope.ts';

/** Something the driver noticed outside any command. */
export interface DriverEvent {
  /** Power lost, device removed, or a completion that is none of a command's. */
  readonly kind: 'power-lost' | 'removed' | 'malformed-completion';
  /** What was noticed, in words. */
  readonly message: string;
  /** What is wrong with a malformed completion. */
  readonly reason?: 'unknown-cid' | 'duplicate-cid' | 'wrong-sqid' | 'unexpected-queue' | 'sq-head';
  /** The 16 bytes of a malformed completion, and its queue. */
  readonly cqe?: Uint8Array;
  /** Queue it was posted to. */
  readonly qid?: number;
}

/** What a test does with an event. Returning true says that it was expected: a malformed completion then fails nothing. */
export type EventListener = (event: DriverEvent) => unknown;

/**
 * The controller posted a completion no command can own: unknown or duplicate CID, wrong SQID, SQ head out of range (NVMe Base 2.0,
 * "Completion Queue Entry"). It fails the test that runs, unless a listener of `onEvent` returned true for it.
 */
export class MalformedCompletionError extends Error {
  override readonly name = 'MalformedCompletionError';
  /** The completion queue's id. */
  readonly qid: number | undefined;
  /** The 16 bytes as posted. */
  readonly cqe: Uint8Array;
  /** What is wrong with it. */
  readonly reason: DriverEvent['reason'];

  /** @internal */
  constructor(address: string, event: DriverEvent) {
    const cqe = event.cqe ?? new Uint8Array(16);
    super(`${address}: ${event.message}; CQE ${dwordsOf(cqe)}`);
    this.qid = event.qid;
    this.reason = event.reason;
    this.cqe = cqe;
  }
}

function dwordsOf(cqe: Uint8Array): string {
  const view = new DataView(cqe.buffer, cqe.byteOffset, cqe.byteLength);
  return Array.from({ length: cqe.byteLength >>> 2 }, (_, index) => hexDword(view.getUint32(index * 4, true))).join(
    ' ',
  );
}

/** The driver has one listener; a test may have several. @internal */
export class ControllerEvents {
  readonly #native: NativeController;
  readonly #listeners = new Set<EventListener>();

  constructor(native: NativeController) {
    this.#native = native;
    native.onEvent((event) => this.#tell(event));
  }

  /** Until it is disposed of, or the test ends. What it throws fails the test. */
  add(listener: EventListener): Disposable {
    const scope = currentScope();
    const scoped: EventListener = (event) => {
      let isExpected: unknown;
      scope.run(() => {
        isExpected = listener(event);
      });
      return isExpected;
    };
    this.#listeners.add(scoped);
    const owned = { [Symbol.asyncDispose]: async () => void this.#listeners.delete(scoped) };
    scope.own(owned);
    return {
      [Symbol.dispose]: () => {
        scope.disown(owned);
        this.#listeners.delete(scoped);
      },
    };
  }

  close(): void {
    this.#native.onEvent(undefined);
    this.#listeners.clear();
  }

  #tell(native: NativeDriverEvent): void {
    const event = native as DriverEvent;
    let isExpected = false;
    for (const listener of [...this.#listeners]) {
      try {
        if (listener(event) === true) isExpected = true;
      } catch (error) {
        runningScope().fail(error);
        isExpected = true;
      }
    }
    if (event.kind !== 'malformed-completion' || isExpected) return;
    runningScope().fail(new MalformedCompletionError(this.#native.address, event));
  }
}
