/** One line of the table `npm run bench` prints. */
export interface Row {
  readonly what: string;
  readonly value: string;
  /** The speed the issue asks for, when it does. */
  readonly goal?: string;
}

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** Median: one slow run (a cron job, a page fault) does not move it. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
