import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseAddresses } from '../../machine/address.ts';
import { type Recorder, recorders } from '../../trace/import/detect.ts';
import type { ReplayRequest } from '../../trace/replay/replayProtocol.ts';
import { UsageError } from '../exitCodes.ts';

export interface RecordingOptions {
  readonly output: string;
  readonly force: boolean;
  readonly lbaBytes?: number;
  readonly recorder?: Recorder;
  readonly device?: string;
}

export type TraceCommandLine =
  | { readonly name: 'record'; readonly input?: string; readonly tracefs?: string; readonly options: RecordingOptions }
  | { readonly name: 'import'; readonly input: string; readonly options: RecordingOptions }
  | { readonly name: 'info'; readonly input: string; readonly json: boolean; readonly check: boolean }
  | { readonly name: 'convert'; readonly input: string; readonly output: string; readonly force: boolean }
  | { readonly name: 'replay'; readonly request: ReplayRequest; readonly json: boolean }
  | { readonly name: 'help' };

export const traceUsage = `doorbell trace: record, look into and convert workloads (vTracer)

  doorbell trace record -o <file.nvtrace> [input]   record standard input, a FIFO or a file until it ends or Ctrl-C
  doorbell trace record -o <file.nvtrace> --tracefs [folder]
                                                    record this machine's NVMe commands (Linux tracepoints; root)
  doorbell trace import <recording> [-o <file.nvtrace>]
                                                    a recording from QEMU, ftrace, blkparse or fio becomes a trace
  doorbell trace info <file.nvtrace>                what is in a trace
  doorbell trace replay <file.nvtrace>              send its commands again to namespace 1 of a controller
  doorbell trace convert <file.nvtrace> -o <file>   to a fio I/O log, version 3; to .nvtrace: a copy with a whole index

Options
  -o, --output <file>      the file to write
  --force                  replace it if it exists
  --from <recorder>        ${recorders.join(', ')}; otherwise the first lines tell
  --lba-size <bytes>       of recorders that count in bytes or sectors; 512 if not given
  --device <name>          only this controller (ftrace: nvme0) or device (blkparse: 259,0); otherwise the first seen
  --check                  info: read every block
  --json                   info, replay: as data

Options of replay
  --controller <address>   default: emulated, the emulated SSD
  --speed <n | max>        times as fast as recorded (default 1), or as fast as the drive takes commands
  --queues <n>             queue pairs; default: as many as recorded
  --qd <n>                 commands outstanding on each queue; default 64
  --region <first>-<last>  only these LBAs are touched; default: all
  --no-scale               leave out commands beyond the region instead of scaling LBAs to it
  --read-only              send Read and Verify only
  --allow-drive <serial>   the drive with this serial number may be written to (repeatable)

QEMU, while it runs:  qemu-system-x86_64 ... -msg timestamp=on -trace 'pci_nvme_*' 2>&1 | doorbell trace record -o boot.nvtrace
`;

const optionTypes = {
  output: { type: 'string', short: 'o' },
  force: { type: 'boolean' },
  from: { type: 'string' },
  'lba-size': { type: 'string' },
  device: { type: 'string' },
  tracefs: { type: 'boolean' },
  check: { type: 'boolean' },
  json: { type: 'boolean' },
  controller: { type: 'string' },
  speed: { type: 'string' },
  queues: { type: 'string' },
  qd: { type: 'string' },
  region: { type: 'string' },
  'no-scale': { type: 'boolean' },
  'read-only': { type: 'boolean' },
  'allow-drive': { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = ReturnType<typeof parse>['values'];

/** @throws UsageError */
export function parseTraceCommand(argv: readonly string[]): TraceCommandLine {
  const { values, positionals } = parse(argv);
  const [name, input, ...rest] = positionals;
  if (values.help || name === undefined || name === 'help') return { name: 'help' };
  if (rest.length > 0) throw new UsageError(`trace ${name} takes one file, not also "${rest[0]}".`);
  if (name === 'record') return record(values, input);
  if (name === 'import') {
    const from = needed(input, 'trace import needs the recording to import.');
    return { name, input: from, options: recording(values, values.output ?? `${withoutExtension(from)}.nvtrace`) };
  }
  if (name === 'info') {
    const from = needed(input, 'trace info needs a .nvtrace file.');
    return { name, input: from, json: values.json ?? false, check: values.check ?? false };
  }
  if (name === 'convert') {
    const output = needed(values.output, 'trace convert needs -o and the file to write.');
    return { name, input: needed(input, 'trace convert needs a .nvtrace file.'), output, force: values.force ?? false };
  }
  if (name === 'replay') {
    const trace = path.resolve(needed(input, 'trace replay needs a .nvtrace file.'));
    return { name, request: replay(values, trace), json: values.json ?? false };
  }
  throw new UsageError(`There is no command "trace ${name}". There are: record, import, info, replay, convert.`);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: optionTypes, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function record(values: Values, input: string | undefined): TraceCommandLine {
  const options = recording(values, needed(values.output, 'trace record needs -o and the .nvtrace file to write.'));
  if (values.tracefs) return { name: 'record', tracefs: input ?? '/sys/kernel/tracing', options };
  return { name: 'record', options, ...(input !== undefined && input !== '-' && { input }) };
}

function recording(values: Values, output: string): RecordingOptions {
  return {
    output,
    force: values.force ?? false,
    ...(values.from !== undefined && { recorder: recorderNamed(values.from) }),
    ...(values['lba-size'] !== undefined && { lbaBytes: lbaSize(values['lba-size']) }),
    ...(values.device !== undefined && { device: values.device }),
  };
}

function replay(values: Values, trace: string): ReplayRequest {
  const { queues, region } = values;
  return {
    trace,
    controller: controllerOf(values.controller ?? 'emulated'),
    allowedDrives: values['allow-drive'] ?? [],
    speed: speedOf(values.speed ?? '1'),
    qdepth: whole('--qd', values.qd ?? '64', 65_535),
    scale: values['no-scale'] !== true,
    readOnly: values['read-only'] ?? false,
    ...(queues !== undefined && { queues: whole('--queues', queues, 65_535) }),
    ...(region !== undefined && { region: regionOf(region) }),
  };
}

function speedOf(text: string): number | 'max' {
  if (text === 'max') return text;
  const speed = text.trim() === '' ? Number.NaN : Number(text);
  if (speed >= 0.001 && speed <= 1e6) return speed;
  throw new UsageError(`--speed takes max or a number of 0.001 to 1000000, not "${text}".`);
}

function whole(option: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  throw new UsageError(`${option} takes a whole number of 1 to ${most}, not "${text}".`);
}

function regionOf(text: string): { start: number; end: number } {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  const region = { start: Number(first), end: Number(last) + 1 };
  if (Number.isSafeInteger(region.end) && region.start < region.end) return region;
  throw new UsageError(`--region takes the first and the last LBA, such as 0-2097151, not "${text}".`);
}

function controllerOf(text: string): string {
  try {
    return parseAddresses([text])[0]?.text ?? text;
  } catch (error) {
    throw new UsageError(`--controller: ${(error as Error).message}`);
  }
}

function recorderNamed(name: string): Recorder {
  const known = recorders.find((recorder) => recorder === name);
  if (known) return known;
  throw new UsageError(`--from knows ${recorders.join(', ')}, not "${name}".`);
}

function lbaSize(text: string): number {
  const bytes = Number(text);
  if (bytes >= 512 && bytes <= 65_536 && Number.isInteger(Math.log2(bytes))) return bytes;
  throw new UsageError(`--lba-size takes a power of two from 512 to 65536, not "${text}".`);
}

const withoutExtension = (file: string): string => file.replace(/\.[^./]*$/, '');

function needed(value: string | undefined, message: string): string {
  if (value === undefined || value === '') throw new UsageError(message);
  return value;
}
