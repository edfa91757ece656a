import type { NativeIoWorkerSpec } from '../../nativeIoWorker.ts';
import { finite, integer, record, thousands, unsigned64, wrongType } from '../checks.ts';
import { dataOf, opsOf, sequenceOf, sizesOf } from './ioWorkerMix.ts';
import type { IoWorkerOptions } from './ioWorkerOptions.ts';

/** What the options are checked against. @internal */
export interface IoWorkerPlace {
  readonly nsid: number;
  readonly lbaBytes: number;
  readonly nsze: bigint;
  /** CAP.MQES */
  readonly mqes: number;
  readonly commandTimeoutMs: number;
  /** For the seed, when none is given. */
  readonly nextSeed: () => bigint;
}

/** All but what is known at the start only. @internal */
export type CheckedIoWorker = Omit<NativeIoWorkerSpec, 'gated'>;

const priorities = { urgent: 0, high: 1, medium: 2, low: 3 } as const;
/** 30 days: longer is a mistake in the unit. */
const maxTimeS = 30 * 86_400;
const slices = 100;
const distributionSum = 10_000;

/** @throws TypeError, RangeError naming the field and its limits @internal */
export function ioWorkerSpec(options: IoWorkerOptions, place: IoWorkerPlace): CheckedIoWorker {
  for (const [name, value] of Object.entries(record(options))) {
    if (value === null) throw wrongType(name, 'given or left out', value);
  }
  const sequence = sequenceOf(options);
  const seed = options.seed === undefined ? place.nextSeed() : unsigned64('seed', options.seed);
  const sizes = sizesOf(options.ioSize ?? 8, options.lbaAlign);
  const end = endOf(options);
  const addresses = addressesOf(options, place);
  if (sequence === undefined && !end.isLimited) checkWalk(addresses.randomPercent, addresses.lbaStep);
  const most = sequence ? 1 : Math.max(...sizes.map(({ blocks }) => blocks));
  return {
    nsid: place.nsid,
    lbaBytes: place.lbaBytes,
    sizes,
    ops: opsOf(options),
    ...addresses,
    ...region(options, place, most),
    fuaPercent: integer('fuaPercentage', options.fuaPercentage ?? 0, 0, 100),
    qdepth: integer('qdepth (up to CAP.MQES)', options.qdepth ?? Math.min(64, place.mqes), 1, place.mqes),
    priority: priorityOf(options.qprio ?? 'medium'),
    timeMs: end.timeMs,
    ioCount: end.ioCount,
    iops: finite('iops', options.iops ?? 0, 0, 1e9),
    seed,
    data: dataOf(options.pattern, seed),
    intervalMs: integer('seriesIntervalMs', options.seriesIntervalMs ?? 1000, 10, 60_000),
    commandTimeoutMs: integer('commandTimeoutMs', options.commandTimeoutMs ?? place.commandTimeoutMs, 0, 2 ** 32 - 1),
    continueOnError: onErrorOf(options.onError ?? 'stop'),
    ...(options.cpu !== undefined && { cpu: integer('cpu', options.cpu, 0, 65_535) }),
    ...(sequence && { sequence }),
  };
}

function endOf(options: IoWorkerOptions): { timeMs: number; ioCount: bigint; isLimited: boolean } {
  const timeMs = Math.round(finite('timeS', options.timeS ?? 0, 0, maxTimeS) * 1000);
  if (timeMs === 0 && options.timeS !== undefined && options.timeS > 0) {
    throw new RangeError(`timeS must be at least 0.001, not ${options.timeS}`);
  }
  const ioCount = BigInt(integer('ioCount', options.ioCount ?? 0, 0, Number.MAX_SAFE_INTEGER));
  return { timeMs, ioCount, isLimited: timeMs > 0 || ioCount > 0n };
}

function addressesOf(options: IoWorkerOptions, place: IoWorkerPlace) {
  const { lbaStart, lbaStep, distribution } = options;
  const isWalk = lbaStart !== undefined || lbaStep !== undefined;
  const randomPercent = percentOf('lbaRandom', options.lbaRandom ?? !isWalk);
  if (isWalk && randomPercent === 100) {
    throw new RangeError('lbaStart and lbaStep are of sequential commands, but lbaRandom is 100 %');
  }
  return {
    ...(lbaStart !== undefined && { lbaStart: lbaStartOf(lbaStart, options, place) }),
    ...(lbaStep !== undefined && { lbaStep: signed64('lbaStep', lbaStep) }),
    randomPercent,
    distribution: distribution === undefined ? [] : distributionOf(distribution, randomPercent),
  };
}

function lbaStartOf(lbaStart: number | bigint, options: IoWorkerOptions, { nsze }: IoWorkerPlace): bigint {
  const lba = unsigned64('lbaStart', lbaStart);
  const start = unsigned64('regionStart', options.regionStart ?? 0);
  const end = unsigned64('regionEnd', options.regionEnd ?? nsze);
  if (lba >= start && lba < end) return lba;
  throw new RangeError(
    `lbaStart ${lba} is outside the region ${thousands(start)}..${thousands(end)} (end not included)`,
  );
}

function signed64(name: string, value: number | bigint): bigint {
  if (typeof value !== 'bigint' && typeof value !== 'number') throw wrongType(name, 'a number or a bigint', value);
  const step = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof step === 'bigint' && BigInt.asIntN(64, step) === step) return step;
  throw new RangeError(`${name} must be an integer of -2^63 to 2^63-1 (a bigint beyond 2^53-1), not ${value}`);
}

function distributionOf(shares: readonly number[], randomPercent: number): number[] {
  if (!Array.isArray(shares)) throw wrongType('distribution', `an array of ${slices} integers`, shares);
  if (shares.length !== slices) throw new RangeError(`distribution has ${slices} integers, not ${shares.length}`);
  if (randomPercent === 0) throw new RangeError('distribution is of random commands, but lbaRandom is 0 %');
  const checked = shares.map((share, index) => integer(`distribution[${index}]`, share, 0, distributionSum));
  const sum = checked.reduce((total, share) => total + share, 0);
  if (sum === distributionSum) return checked;
  throw new RangeError(`distribution must sum up to ${thousands(distributionSum)}, not ${thousands(sum)}`);
}

function checkWalk(randomPercent: number, lbaStep: bigint | undefined): void {
  if (randomPercent > 0) throw new RangeError('a random ioworker needs an end: give timeS or ioCount');
  if (lbaStep === 0n) throw new RangeError('an ioworker with lbaStep 0 needs an end: give timeS or ioCount');
}

function region(
  options: IoWorkerOptions,
  { nsze }: IoWorkerPlace,
  blocks: number,
): { regionStart: bigint; regionEnd: bigint } {
  const regionStart = unsigned64('regionStart', options.regionStart ?? 0);
  const regionEnd = unsigned64('regionEnd', options.regionEnd ?? nsze);
  if (regionStart + BigInt(blocks) <= regionEnd) return { regionStart, regionEnd };
  throw new RangeError(
    `the region ${thousands(regionStart)}..${thousands(regionEnd)} (end not included) has no room for ioSize ${thousands(blocks)}`,
  );
}

function priorityOf(name: string): number {
  if (Object.hasOwn(priorities, name)) return priorities[name as keyof typeof priorities];
  throw wrongType('qprio', "'urgent', 'high', 'medium' or 'low'", name);
}

function onErrorOf(onError: string): boolean {
  if (onError === 'stop' || onError === 'continue') return onError === 'continue';
  throw wrongType('onError', "'stop' or 'continue'", onError);
}

function percentOf(name: string, value: boolean | number): number {
  if (typeof value === 'boolean') return value ? 100 : 0;
  return integer(name, value, 0, 100);
}
