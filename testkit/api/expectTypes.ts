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
  /** A string, array or buffer of that length. */
  toHaveLength(length: number): R;
  /** A number or bigint above it. */
  toBeGreaterThan(expected: number | bigint): R;
  /** A number or bigint that is not below it. */
  toBeGreaterThanOrEqual(expected: number | bigint): R;
  /** A number or bigint below it. */
  toBeLessThan(expected: number | bigint): R;
  /** A number or bigint that is not above it. */
  toBeLessThanOrEqual(expected: number | bigint): R;
  /** Within half a unit of decimal `digits` (default 2). */
  toBeCloseTo(expected: number, digits?: number): R;
  /** Anything but undefined. */
  toBeDefined(): R;
  /** Undefined. */
  toBeUndefined(): R;
  /** Null. */
  toBeNull(): R;
  /** Not a number. */
  toBeNaN(): R;
  /** What counts as true. */
  toBeTruthy(): R;
  /** What counts as false: false, 0, 0n, an empty string, null, undefined, NaN. */
  toBeFalsy(): R;
  /** Made by that class, or one that extends it. */
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

/** Matchers, and their opposites. */
export interface Negatable<R> extends Matchers<R> {
  /** The opposite must be true. */
  readonly not: Matchers<R>;
}

/** What `expect(value)` gives. */
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
  /** The same by numbers. */
  toRejectWithStatus(type: number, code: number): Promise<void>;
}

/** Something that stands for many values inside `toEqual` and its like. */
export interface AsymmetricMatcher {
  /** Whether it stands for this value. */
  asymmetricMatch(other: unknown): boolean;
}

/** Values that stand for many, inside `toEqual` and its like. */
export interface AsymmetricMatchers {
  /** Anything made by that class; `Number`, `String` and so on mean the primitive too. */
  any(type: abstract new (...args: never[]) => unknown): AsymmetricMatcher;
  /** Anything but null and undefined. */
  anything(): AsymmetricMatcher;
  /** An array with all of these elements. */
  arrayContaining(elements: readonly unknown[]): AsymmetricMatcher;
  /** An object with these properties. */
  objectContaining(properties: object): AsymmetricMatcher;
  /** A string with this part. */
  stringContaining(part: string): AsymmetricMatcher;
  /** A string that matches. */
  stringMatching(expression: RegExp | string): AsymmetricMatcher;
  /** A number within half a unit of decimal `digits` (default 2). */
  closeTo(value: number, digits?: number): AsymmetricMatcher;
}

/** Says what must be true; a failure throws, and fails the test also when it happens in a command's callback. */
export interface Expect extends AsymmetricMatchers {
  /** Begins an expectation about a value. */
  (actual: unknown): Expectation;
  /** Their opposites. */
  readonly not: Pick<
    AsymmetricMatchers,
    'arrayContaining' | 'objectContaining' | 'stringContaining' | 'stringMatching'
  >;
}
