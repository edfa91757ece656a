/** Argument checks: misuse ends here, before anything reaches the device. */

const grouped = new Intl.NumberFormat('en-US');

/** `1,234` */
export function thousands(value: number | bigint): string {
  return grouped.format(value);
}

/** An integer of `least..most`. @throws TypeError, RangeError naming it and its limits */
export function integer(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || Number.isNaN(value)) throw wrongType(name, 'an integer', value);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be an integer of ${thousands(least)} to ${thousands(most)}, not ${value}`);
  }
  return value;
}

/** A byte position that is a multiple of `width`, below `end`. @throws TypeError, RangeError */
export function aligned(offset: unknown, width: number, end = 2 ** 32): number {
  const at = integer('offset', offset, 0, end - width);
  if (at % width === 0) return at;
  throw new RangeError(`offset must be a multiple of ${width}, not ${at}`);
}

/** An object of options, or a structure. @throws TypeError */
export function record<T>(value: T, name = 'options'): T {
  if (typeof value === 'object' && value !== null) return value;
  throw wrongType(name, 'an object', value);
}

/** A function, where there is one. @throws TypeError */
export function optionalFunction<T>(name: string, value: T): T {
  if (value === undefined || typeof value === 'function') return value;
  throw wrongType(name, 'a function', value);
}

/** A number of `least..most`. @throws TypeError, RangeError */
export function finite(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || Number.isNaN(value)) throw wrongType(name, 'a number', value);
  if (value < least || value > most) {
    throw new RangeError(`${name} must be ${thousands(least)} to ${thousands(most)}, not ${value}`);
  }
  return value;
}

/** A 64-bit value given as a safe integer or a bigint. @throws TypeError, RangeError */
export function unsigned64(name: string, value: unknown): bigint {
  if (typeof value === 'bigint') {
    if (value >= 0n && value <= 0xffff_ffff_ffff_ffffn) return value;
  } else if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  } else {
    throw wrongType(name, 'a number or a bigint', value);
  }
  throw new RangeError(`${name} must be an integer of 0 to 2^64-1 (a bigint above 2^53-1), not ${value}`);
}

export function wrongType(name: string, wanted: string, value: unknown): TypeError {
  return new TypeError(`${name} must be ${wanted}, not ${describe(value)}`);
}

function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  if (typeof value === 'number' || typeof value === 'bigint') return `${typeof value} ${value}`;
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : `a ${typeof value}`;
}

/** `7Fh`, as the specification writes numbers. */
export function hex(value: number | bigint, digits = 2): string {
  return `${value.toString(16).toUpperCase().padStart(digits, '0')}h`;
}

/** `0x0000007f`, as dumps and logs write dwords. */
export function hexDword(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
}
