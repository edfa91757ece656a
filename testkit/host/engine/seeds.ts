import { createHash, randomBytes } from 'node:crypto';

/** The seed of a run when none was asked for. */
export function freshSeed(): string {
  return randomBytes(6).toString('hex');
}

/** Iteration 1 has the run's seed; any other has one that, given to a run of its own, makes the same numbers. */
export function iterationSeed(runSeed: string, iteration: number): string {
  return iteration === 1 ? runSeed : digest(`${runSeed} ${iteration}`).toString('hex').slice(0, 12);
}

/** The number a test gets: always the same for the same test and seed, unlike that of its neighbours. */
export function testSeed(seed: string, testId: string): { readonly number: number; readonly wide: bigint } {
  const bytes = digest(`${seed} ${testId}`);
  return { number: bytes.readUInt32LE(0), wide: bytes.readBigUInt64LE(0) };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
