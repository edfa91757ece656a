/** The types of `expect`. */
import type { StatusName } from '../nvme/status.ts';

/** `R` is void, or a promise behind `resolves` and `rejects`. */
export interface Matchers<R> {
  /** The same value (`Object.is`). */
  toBe(expected: unknown): R;
  /** The same content, recursively; `undefined` properties do not count. */
  toEqual(expected: unknown): R;
  /** The same content and the same types; `undefined` properties count. */
  toStrictEqual(expected: unknown): R;
  /** An object that has at least these properties. */
  toMatchObject(expected: object): R;
  /** `path` as `'a.b'` or an array; with `value`, that it equals it. */
  toHaveProperty(path: string | readonly (string | number)[], value?: unknown): R;
  toHaveLength(length: number): R;
  toBeGreaterThan(expected: number | bigint): R;
  toBeGreaterThanOrEqual(expected: number | bigint): R;
  toBeLessThan(expected: number | bigint): R;
  toBeLessThanOrEqual(expected: number | bigint): R;
  /** Within half a unit of decimal `digits` (default 2). */
  toBeCloseTo(expected: number, digits?: number): R;
  toBeDefined(): R;
  toBeUndefined(): R;
  toBeNull(): R;
  toBeNaN(): R;
  toBeTruthy(): R;
  toBeFalsy(): R;
  toBeInstanceOf(type: abstract new (...args: never[]) => unknown): R;
  /** A string that matches the expression, or has this part. */
  toMatch(expected: RegExp | string): R;
  /** An element (same value) of an iterable, or a part of a string. */
  toContain(expected: unknown): R;
  /** An element with this content. */
  toContainEqual(expected: unknown): R;
  /** A function that throws; with a string the message has this part. Behind `rejects`: the reason. */
  toThrow(expected?: string | RegExp | (abstract new (...args: never[]) => Error) | Error): R;
}

export interface Negatable<R> extends Matchers<R> {
  readonly not: Matchers<R>;
}

export interface Expectation extends Negatable<void> {
  /** Awaits the promise, then matches its value. */
  readonly resolves: Negatable<Promise<void>>;
  /** Awaits the promise, then matches what it rejected with. */
  readonly rejects: Negatable<Promise<void>>;
  /**
   * A promise of a command that the device completes with this status: its name in the specification, or Status Code Type and
   * Status Code.
   * @example await expect(nvme0n1.read(qpair, buf, { slba: nsze })).toRejectWithStatus('LBA Out of Range');
   * @example await expect(nvme0n1.read(qpair, buf, { slba: nsze })).toRejectWithStatus(0x0, 0x80);
   */
  toRejectWithStatus(name: StatusName): Promise<void>;
  toRejectWithStatus(type: number, code: number): Promise<void>;
}

/** Something that stands for many values inside `toEqual` and its like. */
export interface AsymmetricMatcher {
  asymmetricMatch(other: unknown): boolean;
}

export interface AsymmetricMatchers {
  any(type: abstract new (...args: never[]) => unknown): AsymmetricMatcher;
  anything(): AsymmetricMatcher;
  arrayContaining(elements: readonly unknown[]): AsymmetricMatcher;
  objectContaining(properties: object): AsymmetricMatcher;
  stringContaining(part: string): AsymmetricMatcher;
  stringMatching(expression: RegExp | string): AsymmetricMatcher;
  closeTo(value: number, digits?: number): AsymmetricMatcher;
}

/** Says what must be true; a failure throws, and fails the test also when it happens in a command's callback. */
export interface Expect extends AsymmetricMatchers {
  (actual: unknown): Expectation;
  readonly not: Pick<
    AsymmetricMatchers,
    'arrayContaining' | 'objectContaining' | 'stringContaining' | 'stringMatching'
  >;
}
