/** Sizes, opcodes, data and recordings of an ioworker, checked. */
import type { NativeIoSequence, NativeIoSize, NativeIoWorkerSpec } from '../../nativeIoWorker.ts';
import { nvmOpcode } from '../../nvme/opcode.ts';
import { finite, integer, record, unsigned64, wrongType } from '../checks.ts';
import type { IoOpcode, IoSizes, IoWorkerOptions } from './ioWorkerOptions.ts';

const mostBlocks = 65_536;
const mostSizes = 1024;
const mostOpcodes = 16;
const copy = 0x19;
const mostWeight = 1_000_000;
/** 30 days: longer is a mistake in the unit. */
const mostUs = 30 * 86_400e6;

/** @throws TypeError, RangeError */
export function sizesOf(sizes: IoSizes, align: IoWorkerOptions['lbaAlign']): NativeIoSize[] {
  const weights = weightsOf(sizes);
  const alignOf = alignments(align, weights);
  if (weights.size === 0) throw new RangeError('ioSize names no size');
  if (weights.size > mostSizes) throw new RangeError(`ioSize has at most ${mostSizes} sizes, not ${weights.size}`);
  return [...weights].map(([blocks, weight]) => ({ blocks, weight, align: alignOf(blocks) }));
}

function weightsOf(sizes: IoSizes): Map<number, number> {
  const weights = new Map<number, number>();
  const add = (value: unknown, weight: number): void => {
    const blocks = integer('ioSize (blocks)', value, 1, mostBlocks);
    weights.set(blocks, (weights.get(blocks) ?? 0) + weight);
  };
  if (typeof sizes === 'number') add(sizes, 1);
  else if (Array.isArray(sizes)) for (const blocks of sizes) add(blocks, 1);
  else if (isRange(record(sizes, 'ioSize'))) for (const blocks of blocksOfRange(sizes as SizeRange)) add(blocks, 1);
  else {
    for (const [blocks, weight] of Object.entries(sizes)) {
      add(Number(blocks), integer(`ioSize[${blocks}] (weight)`, weight, 1, mostWeight));
    }
  }
  return weights;
}

interface SizeRange {
  readonly from: number;
  readonly to: number;
  readonly step?: number;
}

const isRange = (sizes: object): boolean => 'from' in sizes || 'to' in sizes;

function blocksOfRange({ from, to, step = 1 }: SizeRange): number[] {
  integer('ioSize.from (blocks)', from, 1, mostBlocks);
  integer('ioSize.to (blocks)', to, from, mostBlocks);
  integer('ioSize.step (blocks)', step, 1, mostBlocks);
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}

function alignments(
  align: IoWorkerOptions['lbaAlign'],
  sizes: ReadonlyMap<number, number>,
): (blocks: number) => number {
  if (align === undefined) return () => 0;
  const check = (value: unknown): number => integer('lbaAlign', value, 1, 2 ** 32 - 1);
  if (typeof align === 'number') {
    check(align);
    return () => align;
  }
  const bySize = new Map(
    Object.entries(record(align, 'lbaAlign')).map(([blocks, value]) => [Number(blocks), check(value)]),
  );
  for (const blocks of bySize.keys()) {
    if (!sizes.has(blocks)) throw new RangeError(`lbaAlign names ${blocks} blocks, which is no ioSize`);
  }
  return (blocks) => bySize.get(blocks) ?? 0;
}

/** @throws TypeError, RangeError */
export function opcodeOf(name: string, op: IoOpcode | string): number {
  const opcode = typeof op === 'string' && Object.hasOwn(nvmOpcode, op) ? nvmOpcode[op as keyof typeof nvmOpcode] : op;
  const number = typeof opcode === 'string' && opcode.trim() !== '' ? Number(opcode) : opcode;
  if (typeof number !== 'number' || Number.isNaN(number)) {
    throw wrongType(name, `an opcode: 0 to 255, or ${Object.keys(nvmOpcode).join(', ')}`, op);
  }
  if (number === copy) {
    throw new RangeError(`${name}: Copy (19h) needs a list of source ranges; send it through a queue pair`);
  }
  return integer(name, number, 0, 255);
}

/** @throws TypeError, RangeError */
export function opsOf({ readPercentage, opPercentage }: IoWorkerOptions): NativeIoWorkerSpec['ops'] {
  if (opPercentage === undefined) {
    const reads = integer('readPercentage', readPercentage ?? 100, 0, 100);
    return [
      { opcode: nvmOpcode.read, weight: reads },
      { opcode: nvmOpcode.write, weight: 100 - reads },
    ];
  }
  if (readPercentage !== undefined) throw new TypeError('give readPercentage or opPercentage, not both');
  const shares = Object.entries(record(opPercentage, 'opPercentage')).map(([op, share]) => ({
    opcode: opcodeOf('opPercentage', op),
    weight: integer(`opPercentage.${op}`, share, 0, 100),
  }));
  if (shares.length > mostOpcodes) throw new RangeError(`opPercentage has at most ${mostOpcodes} opcodes`);
  const sum = shares.reduce((total, { weight }) => total + weight, 0);
  if (sum !== 100) throw new RangeError(`the shares of opPercentage must sum up to 100, not ${sum}`);
  return shares;
}

/** @throws TypeError, RangeError */
export function dataOf(pattern: IoWorkerOptions['pattern'], seed: bigint): NativeIoWorkerSpec['data'] {
  const dword = (value: number) => ({ kind: 'dword' as const, dword: value, compressiblePercent: 0, seed });
  if (pattern === 'zeros') return dword(0);
  if (pattern === 'ones') return dword(0xffff_ffff);
  if (typeof pattern === 'number') return dword(integer('pattern', pattern, 0, 0xffff_ffff));
  if (pattern === 'incrementing') return { kind: 'incrementing', dword: 0, compressiblePercent: 0, seed };
  const random = pattern ?? { random: 0 };
  if (typeof random !== 'object' || !('random' in random)) {
    throw wrongType('pattern', "'zeros', 'ones', 'incrementing', a dword or { random }", pattern);
  }
  const own = random.seed === undefined ? seed : unsigned64('pattern.seed', random.seed);
  return {
    kind: 'random',
    dword: 0,
    compressiblePercent: integer('pattern.random', random.random, 0, 100),
    seed: own,
  };
}

const excluded = [
  'ioSize',
  'lbaStart',
  'lbaStep',
  'lbaAlign',
  'lbaRandom',
  'distribution',
  'readPercentage',
  'opPercentage',
  'fuaPercentage',
  'iops',
  'ioCount',
  'regionStart',
  'regionEnd',
] as const;

/** @throws TypeError, RangeError naming the step */
export function sequenceOf(options: IoWorkerOptions): NativeIoSequence | undefined {
  const { ioSequence } = options;
  if (ioSequence === undefined) return undefined;
  const other = excluded.find((name) => options[name] !== undefined);
  if (other !== undefined) throw new TypeError(`ioSequence says it all: ${other} cannot be given with it`);
  if (typeof ioSequence !== 'object' || ioSequence === null || !(Symbol.iterator in ioSequence)) {
    throw wrongType('ioSequence', 'a list of steps', ioSequence);
  }
  const steps = [...ioSequence].map(checkedStep);
  if (steps.length === 0) throw new RangeError('ioSequence has no step');
  steps.forEach(({ dueNs }, index) => {
    if (dueNs < (steps[index - 1]?.dueNs ?? 0n)) {
      throw new RangeError(`ioSequence[${index}] is due before the step before it: they go in order of time`);
    }
  });
  const opcodes = [...new Set(steps.map(({ opcode }) => opcode))];
  if (opcodes.length > mostOpcodes) throw new RangeError(`ioSequence has at most ${mostOpcodes} different opcodes`);
  return {
    opcodes,
    count: steps.length,
    dueNs: BigUint64Array.from(steps, ({ dueNs }) => dueNs),
    slba: BigUint64Array.from(steps, ({ slba }) => slba),
    blocks: Uint32Array.from(steps, ({ blocks }) => blocks),
    ops: Uint8Array.from(steps, ({ opcode }) => opcodes.indexOf(opcode)),
  };
}

type Step = NonNullable<IoWorkerOptions['ioSequence']> extends Iterable<infer Item> ? Item : never;

function checkedStep(step: Step, index: number): { dueNs: bigint; opcode: number; slba: bigint; blocks: number } {
  const place = `ioSequence[${index}]`;
  const isTuple = Array.isArray(step);
  const given = isTuple ? { atUs: step[0], op: step[1], slba: step[2], blockCount: step[3] } : record(step, place);
  const { atUs, op, slba, blockCount } = given as { atUs: number; op: IoOpcode; slba: bigint; blockCount: number };
  return {
    dueNs: BigInt(Math.round(finite(`${place}.atUs`, atUs, 0, mostUs) * 1000)),
    opcode: opcodeOf(`${place}.op`, op),
    slba: unsigned64(`${place}.slba`, slba),
    blocks: integer(`${place}.blockCount`, blockCount, 1, mostBlocks),
  };
}
