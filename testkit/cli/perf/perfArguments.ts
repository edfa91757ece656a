import { parseArgs } from 'node:util';
import { parseAddresses } from '../../machine/address.ts';
import { type AccessPattern, accessPatterns, type PerfRequest } from '../../perf/perfProtocol.ts';
import { UsageError } from '../exitCodes.ts';

export interface PerfCommandLine {
  readonly request: PerfRequest;
  readonly json: boolean;
}

export const perfUsage = `doorbell perf: measure a controller, without writing a test

  doorbell perf [options]    generated I/O on namespace 1, by the engine of ioworkers

Options
  --controller <address>   default: emulated, the emulated SSD
  --rw <pattern>           ${accessPatterns.join(', ')}; default randread
  --rwmixread <percent>    share of reads of rw and randrw; default 50
  --bs <size>              bytes of a command; default 4k
  --qd <n>                 commands outstanding on each queue; default 32
  --queues <n>             queue pairs, each with a thread; default 1. Sequential ones share the region out
  --region <size>          from LBA 0 on; default 1G, or all of the namespace
  --time <seconds>         default 10
  --iops <n>               of all queues together, evenly paced; default: as fast as possible
  --no-precondition        do not write all of the region first. Blocks never written are read without a media access
  --seed <n>               of addresses and data
  --allow-drive <serial>   the drive with this serial number may be written to (repeatable)
  --json                   as data: total.iops, percentiles in microseconds, ...

Sizes are in bytes, k, M and G are powers of 1024. Ctrl-C ends the measurement and shows what it has.
`;

const optionTypes = {
  controller: { type: 'string' },
  rw: { type: 'string' },
  rwmixread: { type: 'string' },
  bs: { type: 'string' },
  qd: { type: 'string' },
  queues: { type: 'string' },
  region: { type: 'string' },
  time: { type: 'string' },
  iops: { type: 'string' },
  'no-precondition': { type: 'boolean' },
  seed: { type: 'string' },
  'allow-drive': { type: 'string', multiple: true },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const gib = 2 ** 30;
const mostSeconds = 30 * 86_400;

/** Undefined when help was asked for. @throws UsageError */
export function parsePerfCommand(argv: readonly string[]): PerfCommandLine | undefined {
  const values = valuesOf(argv);
  if (values.help) return undefined;
  const { iops, seed } = values;
  const request: PerfRequest = {
    controller: controllerOf(values.controller ?? 'emulated'),
    allowedDrives: values['allow-drive'] ?? [],
    rw: patternOf(values.rw ?? 'randread'),
    readPercentage: whole('--rwmixread', values.rwmixread ?? '50', { least: 0, most: 100 }),
    blockBytes: size('--bs', values.bs ?? '4k'),
    qdepth: whole('--qd', values.qd ?? '32', { least: 1, most: 65_535 }),
    queues: whole('--queues', values.queues ?? '1', { least: 1, most: 65_535 }),
    regionBytes: size('--region', values.region ?? String(gib)),
    timeS: number('--time', values.time ?? '10', { least: 0.001, most: mostSeconds }),
    precondition: values['no-precondition'] !== true,
    ...(iops !== undefined && { iops: number('--iops', iops, { least: 0.001, most: 1e9 }) }),
    ...(seed !== undefined && { seed: BigInt(whole('--seed', seed, { least: 0, most: Number.MAX_SAFE_INTEGER })) }),
  };
  return { request, json: values.json === true };
}

function valuesOf(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: optionTypes, strict: true }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message} See: doorbell perf --help`);
  }
}

interface Limits {
  readonly least: number;
  readonly most: number;
}

function number(option: string, text: string, { least, most }: Limits): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} takes a number of ${least} to ${most}, not "${text}".`);
}

function whole(option: string, text: string, limits: Limits): number {
  const value = number(option, text, limits);
  if (Number.isSafeInteger(value)) return value;
  throw new UsageError(`${option} takes a whole number, not "${text}".`);
}

/** `4k`, `64M`, `1G`, `512` */
function size(option: string, text: string): number {
  const [, digits = '', unit = ''] = /^(\d+)([kKmMgG]?)$/.exec(text) ?? [];
  const bytes = Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase());
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new UsageError(`${option} takes a size such as 4k, 64M or 1G, not "${text}".`);
}

function patternOf(text: string): AccessPattern {
  const known = accessPatterns.find((pattern) => pattern === text);
  if (known) return known;
  throw new UsageError(`--rw takes ${accessPatterns.join(', ')}, not "${text}".`);
}

function controllerOf(text: string): string {
  try {
    return parseAddresses([text])[0]?.text ?? text;
  } catch (error) {
    throw new UsageError(`--controller: ${(error as Error).message}`);
  }
}
