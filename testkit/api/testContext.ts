import type { Controller } from '../objects/controller.ts';
import type { Chart } from '../report/chart.ts';

/** What the driver host gives to the fixtures of the running test. */
export interface TestContext {
  /** A controller of the run, 0 for `nvme0`: open and in its default enabled state. */
  controller(index: number): Promise<Controller>;
  /** Of this test and run; printed with a failure, set by `--seed`. */
  readonly seed: number;
  readonly log: (...words: unknown[]) => void;
  readonly chart: (chart: Chart) => void;
  readonly progress: (label: string, done: number, total: number) => void;
}

/** Thrown by the `skip` fixture: ends the test, which then counts as skipped. */
export class SkipError extends Error {
  override readonly name = 'SkipError';
}

let current: TestContext | undefined;

export function testContext(): TestContext {
  if (current) return current;
  throw new Error('Fixtures exist only while a test runs.');
}

/** For the driver host. */
export function setTestContext(context: TestContext | undefined): void {
  current = context;
}
