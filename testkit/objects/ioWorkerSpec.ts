import type { NativeIoWorkerSpec } from '../nativeIoWorker.ts';
import { finite, integer, record, thousands, unsigned64, wrongType } from './checks.ts';

/** What an ioworker does. */
export interface IoWorkerOptions {
  /** Blocks of a command, 1..65,536. Default 8. */
  readonly ioSize?: number;
  /** First LBA of the region. Default 0. */
  readonly regionStart?: number | bigint;
  /** The LBA after its last. Default NSZE; beyond it the device's status tells. */
  readonly regionEnd?: number | bigint;
  /** Share of commands at a random address, %: true = 100, false = 0; the others go on sequentially and wrap. Default true. */
  readonly lbaRandom?: boolean | number;
  /** Share of reads, %; the others are writes. Default 100. */
  readonly readPercentage?: number;
  /** Seconds. Without it and without `ioCount` a sequential worker covers the region once; a random one needs one of them. */
  readonly timeS?: number;
  /** Commands. */
  readonly ioCount?: number;
  /** Commands outstanding, 1 to CAP.MQES. Default 64, or what the controller has. */
  readonly qdepth?: number;
  /** Commands a second, evenly paced. Default: as fast as possible. */
  readonly iops?: number;
  /** Of addresses, directions and data. Default: from the test's seed. */
  readonly seed?: number | bigint;
  /** Latency percentiles wanted. Default 50, 90, 99, 99.9, 99.99. */
  readonly percentiles?: readonly number[];
  /** Milliseconds a command may take; 0 = for ever. Default: the controller's {@link Timeouts}. */
  readonly commandTimeoutMs?: number;
  /** Resolve with the result when a command fails, instead of rejecting. */
  readonly allowError?: boolean;
}

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

const defaultPercentiles: readonly number[] = [50, 90, 99, 99.9, 99.99];
/** 30 days: longer is a mistake in the unit. */
const maxTimeS = 30 * 86_400;

/** @throws TypeError, RangeError naming the field and its limits @internal */
export function ioWorkerSpec(options: IoWorkerOptions, place: IoWorkerPlace): NativeIoWorkerSpec {
  for (const [name, value] of Object.entries(record(options))) {
    if (value === null) throw wrongType(name, 'given or left out', value);
  }
  const blocks = integer('ioSize (blocks)', options.ioSize ?? 8, 1, 65_536);
  const randomPercent = percentOf('lbaRandom', options.lbaRandom ?? true);
  const timeMs = Math.round(finite('timeS', options.timeS ?? 0, 0, maxTimeS) * 1000);
  const ioCount = BigInt(integer('ioCount', options.ioCount ?? 0, 0, Number.MAX_SAFE_INTEGER));
  if (timeMs === 0 && ioCount === 0n && randomPercent > 0) {
    throw new RangeError('a random ioworker needs an end: give timeS or ioCount');
  }
  return {
    nsid: place.nsid,
    lbaBytes: place.lbaBytes,
    blocks,
    ...region(options, place, blocks),
    randomPercent,
    readPercent: integer('readPercentage', options.readPercentage ?? 100, 0, 100),
    qdepth: integer('qdepth (up to CAP.MQES)', options.qdepth ?? Math.min(64, place.mqes), 1, place.mqes),
    timeMs,
    ioCount,
    iops: finite('iops', options.iops ?? 0, 0, 1e9),
    seed: options.seed === undefined ? place.nextSeed() : unsigned64('seed', options.seed),
    percentiles: percentilesOf(options.percentiles ?? defaultPercentiles),
    commandTimeoutMs: integer('commandTimeoutMs', options.commandTimeoutMs ?? place.commandTimeoutMs, 0, 2 ** 32 - 1),
  };
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

function percentOf(name: string, value: boolean | number): number {
  if (typeof value === 'boolean') return value ? 100 : 0;
  return integer(name, value, 0, 100);
}

function percentilesOf(list: readonly number[]): number[] {
  if (!Array.isArray(list)) throw wrongType('percentiles', 'an array of numbers', list);
  return list.map((value) => finite('percentiles', value, 0, 100));
}
