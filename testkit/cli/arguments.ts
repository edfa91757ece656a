import { parseArgs } from 'node:util';
import { parseAddresses } from '../machine/address.ts';
import { parsePower } from '../power/powerSpec.ts';
import { UsageError } from './exitCodes.ts';

export const reporterNames = ['spec', 'json', 'junit', 'html'] as const;
export type ReporterName = (typeof reporterNames)[number];

export interface RunOptions {
  readonly patterns: readonly string[];
  readonly grep?: string;
  /** Serial numbers of drives that may be written to. */
  readonly allowedDrives: readonly string[];
  readonly tags: readonly string[];
  readonly notTags: readonly string[];
  readonly repeat: number;
  readonly untilFailure: boolean;
  readonly bail: boolean;
  readonly seed?: string;
  /** Addresses of nvme0, nvme1, ..., understood; none is the emulated SSD. */
  readonly controllers: readonly string[];
  /** What switches the supply of each of them; none is the usual of each. */
  readonly power: readonly string[];
  readonly timeoutMs: number;
  readonly fresh: boolean;
  readonly reporter: ReporterName;
  /** File for the report; the terminal then shows the spec form. */
  readonly output?: string;
}

export type Command =
  | { readonly name: 'run'; readonly options: RunOptions }
  | { readonly name: 'list'; readonly patterns: readonly string[]; readonly json: boolean }
  | { readonly name: 'doctor'; readonly json: boolean }
  | { readonly name: 'bind' | 'unbind'; readonly addresses: readonly string[] }
  | { readonly name: 'perf' | 'trace'; readonly argv: readonly string[] }
  /** `address`: of the emulated SSD. */
  | { readonly name: 'serve'; readonly socket: string; readonly address: string }
  | { readonly name: 'help' }
  | { readonly name: 'version' };

export const usage = `doorbell: run NVMe tests

  doorbell run [file | folder | glob]...   run tests; without arguments all *.nvme.ts below this folder
  doorbell list [file | folder | glob]...  show the tests without running them
  doorbell doctor                          check that tests can run here, on which drives, and say what to do if not
  doorbell bind <address>...               take NVMe controllers from the kernel, for tests (needs root)
  doorbell unbind <address>...             give them back to the kernel (needs root)
  doorbell perf [options]                  measure a controller without writing a test: doorbell perf --help
  doorbell trace record | import | info | replay | convert
                                           record workloads and look into them: doorbell trace --help
  doorbell serve --socket <path>           serve the emulated SSD to other processes (vfio-user) until Ctrl-C

Options of run
  --grep <expression>      only tests whose full title matches
  --tag <tag>              only tests with one of these tags (repeatable)
  --no-tag <tag>           not the tests with one of these tags (repeatable)
  --repeat <n>             run everything n times
  --until-failure          repeat until a test fails (at most --repeat times, if given)
  --bail                   stop at the first failure
  --seed <text>            make random choices again as in a run that printed this seed
  --controller <address>   default: emulated, the emulated SSD. A second one is nvme1 of tests that take two.
                           0000:3d:00.0 (VFIO or SPDK), spdk:0000:3d:00.0, vfio-user:<socket>, tcp://<host>:4420/<nqn>
  --power <supply>         what switches the power of nvme0 (a second one: of nvme1): emulated, s3, slot, quarch:tcp://<host>,
                           command:{"off":"...","on":"..."}
  --allow-drive <serial>   the drive with this serial number may be written to (repeatable)
  --timeout <ms>           default time-out of a test, 60000
  --fresh                  a new driver host (and emulated SSD) for every repetition
  --reporter <name>        spec (default), json, junit, html (one file, with charts)
  --output <file>          write the report to a file and show the spec form here

Options of serve
  --socket <path>          where; its folder must be yours alone, and is made when it is missing
  --media <file>           what is written is kept there; without it in memory
  --profile <name>         how long commands take: fast (default), tlc
  --controller <address>   instead of both: any emulated SSD, as emulated?size=4G&namespaces=2

Options of list and doctor
  --json                   as data (also: --reporter json)

Exit codes: 0 passed, 1 failures, 2 wrong input, 3 the driver host or the addon failed, 130 cancelled
`;

const optionTypes = {
  grep: { type: 'string' },
  tag: { type: 'string', multiple: true },
  'no-tag': { type: 'string', multiple: true },
  repeat: { type: 'string' },
  'until-failure': { type: 'boolean' },
  bail: { type: 'boolean' },
  seed: { type: 'string' },
  controller: { type: 'string', multiple: true },
  power: { type: 'string', multiple: true },
  'allow-drive': { type: 'string', multiple: true },
  timeout: { type: 'string' },
  fresh: { type: 'boolean' },
  reporter: { type: 'string' },
  output: { type: 'string' },
  json: { type: 'boolean' },
  socket: { type: 'string' },
  media: { type: 'string' },
  profile: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

type Values = ReturnType<typeof parse>['values'];

/** @throws UsageError */
export function parseCommand(argv: readonly string[]): Command {
  // They have options of their own.
  if (argv[0] === 'trace' || argv[0] === 'perf') return { name: argv[0], argv: argv.slice(1) };
  const { values, positionals } = parse(argv);
  const [name, ...patterns] = positionals;
  if (values.help || (name === undefined && !values.version) || name === 'help') return { name: 'help' };
  if (values.version) return { name: 'version' };
  if (name === 'run') return { name, options: runOptions(values, patterns) };
  if (name === 'list') return { name, patterns, json: isJson(values) };
  if (name === 'doctor') return { name, json: isJson(values) };
  if (name === 'bind' || name === 'unbind') return { name, addresses: patterns };
  if (name === 'serve') return { name, ...serveOptions(values) };
  throw new UsageError(
    `There is no command "${name}". There are: run, list, doctor, perf, bind, unbind, trace, serve.`,
  );
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: optionTypes, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function runOptions(values: Values, patterns: readonly string[]): RunOptions {
  const { grep, seed, output } = values;
  if (grep !== undefined) checkExpression(grep);
  const untilFailure = values['until-failure'] ?? false;
  return {
    patterns,
    controllers: controllersOf(values.controller ?? []),
    power: (values.power ?? []).map(powerOf),
    allowedDrives: values['allow-drive'] ?? [],
    tags: values.tag ?? [],
    notTags: values['no-tag'] ?? [],
    repeat: count('--repeat', values.repeat, untilFailure ? Number.MAX_SAFE_INTEGER : 1),
    untilFailure,
    bail: values.bail ?? false,
    timeoutMs: count('--timeout', values.timeout, 60_000),
    fresh: values.fresh ?? false,
    reporter: reporterOf(values.reporter),
    ...(grep !== undefined && { grep }),
    ...(seed !== undefined && { seed }),
    ...(output !== undefined && { output }),
  };
}

function serveOptions({ socket, media, profile, controller = [] }: Values): { socket: string; address: string } {
  if (socket === undefined) throw new UsageError('serve needs --socket <path>.');
  const shorthand = media !== undefined || profile !== undefined;
  if (controller.length > (shorthand ? 0 : 1)) {
    throw new UsageError('serve takes one --controller, and then neither --media nor --profile.');
  }
  const address =
    controller[0] ??
    `emulated${media === undefined ? '' : `:${media}`}${profile === undefined ? '' : `?profile=${profile}`}`;
  if (!/^emulated([:?]|$)/.test(address))
    throw new UsageError(`serve: "${address}" is not the address of an emulated SSD.`);
  return { socket, address };
}

function isJson(values: Values): boolean {
  return values.json === true || reporterOf(values.reporter) === 'json';
}

function controllersOf(addresses: readonly string[]): string[] {
  try {
    return parseAddresses(addresses).map(({ text }) => text);
  } catch (error) {
    throw new UsageError(`--controller: ${(error as Error).message}`);
  }
}

function powerOf(text: string): string {
  try {
    parsePower(text);
    return text;
  } catch (error) {
    throw new UsageError(`--power: ${(error as Error).message}`);
  }
}

function checkExpression(grep: string): void {
  try {
    new RegExp(grep);
  } catch (error) {
    throw new UsageError(`--grep: ${(error as Error).message}.`);
  }
}

function count(option: string, value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const parsed = Number(value);
  if (Number.isSafeInteger(parsed) && parsed > 0) return parsed;
  throw new UsageError(`${option} takes a whole number from 1, not "${value}".`);
}

function reporterOf(name = 'spec'): ReporterName {
  const known = reporterNames.find((reporter) => reporter === name);
  if (known) return known;
  throw new UsageError(`There is no reporter "${name}". There are: ${reporterNames.join(', ')}.`);
}
