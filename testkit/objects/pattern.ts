import type { NativeDmaBuffer } from '../nativeSurface.ts';
import { integer, unsigned64, wrongType } from './checks.ts';
import { currentScope } from './testScope.ts';

/**
 * What a buffer is filled with: `zeros`, `ones` (every bit), a number (that dword repeated), `incrementing` (dwords 0, 1, 2, ...),
 * or pseudo-random bytes of which `random` % of every 4 KiB are zeros, so compressible. Without a seed the test's own is used.
 */
export type Pattern = 'zeros' | 'ones' | 'incrementing' | number | { readonly random: number; readonly seed?: bigint };

/** Fills a range of a buffer. @internal */
export type Fill = (native: NativeDmaBuffer, range: { readonly at: number; readonly length: number }) => void;

/** What fills with a pattern, once it was checked. @throws TypeError, RangeError @internal */
export function fillOf(pattern: Pattern): Fill {
  if (pattern === 'zeros') return repeated(Uint8Array.of(0));
  if (pattern === 'ones') return repeated(Uint8Array.of(0xff));
  if (pattern === 'incrementing') return (native, { at, length }) => native.fillIncrementing(at, length, 0);
  if (typeof pattern === 'number') return repeated(dwordBytes(pattern));
  if (typeof pattern !== 'object' || pattern === null || !('random' in pattern))
    throw wrongType('pattern', "'zeros', 'ones', 'incrementing', a dword or { random }", pattern);
  const percent = integer('pattern.random', pattern.random, 0, 100);
  const seed = pattern.seed === undefined ? currentScope().nextSeed() : unsigned64('pattern.seed', pattern.seed);
  return (native, { at, length }) => native.fillRandom(at, length, seed, percent);
}

/** @throws TypeError, RangeError @internal */
export function fillPattern(
  native: NativeDmaBuffer,
  range: { readonly at: number; readonly length: number },
  pattern: Pattern,
): void {
  fillOf(pattern)(native, range);
}

function repeated(bytes: Uint8Array): Fill {
  return (native, { at, length }) => native.fill(at, length, bytes);
}

function dwordBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, integer('pattern', value, 0, 0xffff_ffff), true);
  return bytes;
}
