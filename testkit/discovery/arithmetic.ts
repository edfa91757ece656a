/** Arithmetic on known values: see `literal.ts`. */

/** A known value, or undefined when only a run can know it. */
export type Known = { readonly value: unknown } | undefined;

/** Longer ranges are not expanded. */
export const maxElements = 10_000;

export const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maxElements;

const numeric = new Map<string, (x: number, y: number) => number>([
  ['+', (x, y) => x + y],
  ['-', (x, y) => x - y],
  ['*', (x, y) => x * y],
  ['/', (x, y) => x / y],
  ['%', (x, y) => x % y],
  ['**', (x, y) => x ** y],
  ['<<', (x, y) => x << y],
  ['>>', (x, y) => x >> y],
  ['|', (x, y) => x | y],
  ['&', (x, y) => x & y],
]);

/** Of bigints, without those whose result may be of any length or that may throw. */
const big = new Map<string, (x: bigint, y: bigint) => bigint>([
  ['+', (x, y) => x + y],
  ['-', (x, y) => x - y],
  ['*', (x, y) => x * y],
]);

export function unary(operator: string, operand: Known): Known {
  if (operand === undefined) return undefined;
  const { value } = operand;
  if (operator === '-' && (typeof value === 'number' || typeof value === 'bigint')) return { value: -value };
  if (operator === '+' && typeof value === 'number') return { value };
  return operator === '!' ? { value: !value } : undefined;
}

export function binary(operator: string, left: Known, right: Known): Known {
  if (left === undefined || right === undefined) return undefined;
  const [a, b] = [left.value, right.value];
  if (operator === '+' && typeof a === 'string' && typeof b === 'string') return { value: a + b };
  if (typeof a === 'number' && typeof b === 'number') return applied(numeric.get(operator), a, b);
  if (typeof a === 'bigint' && typeof b === 'bigint') return applied(big.get(operator), a, b);
  return undefined;
}

function applied<T>(operation: ((x: T, y: T) => T) | undefined, a: T, b: T): Known {
  return operation && { value: operation(a, b) };
}
