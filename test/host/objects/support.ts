import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { nativeAddon } from '../../../testkit/native.ts';
import { Controller } from '../../../testkit/objects/controller.ts';
import type { OpenOptions } from '../../../testkit/objects/controllerOptions.ts';
import { TestScope } from '../../../testkit/objects/testScope.ts';
import { HostEnv } from '../../../testkit/protocol.ts';

/** One evidence file a process, whichever bundle of the tests comes first. */
const opened = Symbol.for('doorbell.test.evidence');

export function openEvidence(): void {
  const shared = globalThis as { [opened]?: boolean };
  if (shared[opened]) return;
  shared[opened] = true;
  const folder = mkdtempSync(path.join(tmpdir(), 'doorbell-objects-'));
  const file = path.join(folder, 'evidence');
  nativeAddon().openEvidence(file);
  process.env[HostEnv.evidence] = file;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}

/** A controller of an emulated SSD that no other test file uses. */
export function openSsd(name: number, options?: OpenOptions): Promise<Controller> {
  openEvidence();
  return Controller.open(`emulated:?size=64M&seed=${name}`, options);
}

export interface ScopedRun {
  readonly failures: readonly unknown[];
  readonly error: unknown;
}

/** Runs `body` as the host runs a test, and says what failed. */
export async function inScope(
  body: (scope: TestScope) => Promise<void>,
  onProgress: (label: string, done: number, total: number) => void = () => undefined,
): Promise<ScopedRun> {
  const failures: unknown[] = [];
  const scope = new TestScope({ onFailure: (error) => failures.push(error), onProgress, seed: 7n });
  const leave = scope.enter();
  let error: unknown;
  try {
    await body(scope);
  } catch (thrown) {
    error = thrown;
  }
  await scope.close();
  leave();
  return { failures, error };
}

export async function rejection(promise: PromiseLike<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`rejected with ${String(error)}, not with an Error`);
  }
  throw new Error('resolved, a rejection was expected');
}
