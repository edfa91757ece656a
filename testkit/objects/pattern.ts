import type { NativeDmaBuffer } from '../nativeSurface.ts';
import { integer, unsigned64, wrongType } from './checks.ts';
import { currentScope } from './testScope.ts';

/**
 * What a buffer is filled with: `zeros`, `ones` (every bit), a number (that dword repeated), `incrementing` (dwords 0, 1, 2, ...),
 * or pseudo-random bytes of which `random` % of every 4 KiB are zeros, so compressible. Without a seed the test's own is used.
 */
export type Pattern = 'zeros' | 'ones' | 'incrementing' | number | { readonly random: number; readonly seed?: bigint };

/** @throws TypeError, RangeError @internal */
export function fillPattern(
  native: NativeDmaBuffer,
  { at, length }: { readonly at: number; readonly length: number },
  pattern: Pattern,
): void {
  if (pattern === 'zeros') native.fill(at, length, Uint8Array.of(0));
  else if (pattern === 'ones') native.fill(at, length, Uint8Array.of(0xff));
  else if (pattern === 'incrementing') native.fillIncrementing(at, length, 0);
  else if (typeof pattern === 'number') native.fill(at, length, dwordBytes(pattern));
  else if (typeof pattern === 'object' && pattern !== null && 'random' in pattern) {
    const percent = integer('pattern.random', pattern.random, 0, 100);
    const seed = pattern.seed === undefined ? currentScope().nextSeed() : unsigned64('pattern.seed', pattern.seed);
    native.fillRandom(at, length, seed, percent);
  } else throw wrongType('pattern', "'zeros', 'ones', 'incrementing', a dword or { random }", pattern);
}

function dwordBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, integer('pattern', value, 0, 0xffff_ffff), true);
  return bytes;
}
