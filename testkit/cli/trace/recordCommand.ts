import { existsSync, readFileSync, statSync } from 'node:fs';
import { type ImportResult, UnknownRecording } from '../../trace/import/importer.ts';
import {
  type RecordingJob,
  type RecordingProgress,
  record,
  recordTracefs,
  sourceOf,
} from '../../trace/import/recording.ts';
import { TracefsError } from '../../trace/import/tracefs.ts';
import { resultLines } from '../../trace/traceText.ts';
import { ExitCode, type ExitCodeValue, UsageError } from '../exitCodes.ts';
import { interrupts } from '../interrupts.ts';
import { places } from '../places.ts';
import { ProgressLine } from './progressLine.ts';
import type { RecordingOptions } from './traceArguments.ts';

/** `doorbell trace import`. */
export async function importCommand(input: string, options: RecordingOptions): Promise<ExitCodeValue> {
  checkInput(input);
  const size = statSync(input).isFile() ? statSync(input).size : 0;
  return run(options, size, (job, stop) => record(sourceOf(input), job, stop));
}

/** `doorbell trace record`. */
export async function recordCommand(input: string | undefined, options: RecordingOptions): Promise<ExitCodeValue> {
  if (input !== undefined) checkInput(input);
  return run(options, 0, (job, stop) => record(input === undefined ? process.stdin : sourceOf(input), job, stop));
}

/** `doorbell trace record --tracefs`. */
export function tracefsCommand(folder: string, options: RecordingOptions): Promise<ExitCodeValue> {
  return run(options, 0, (job, stop) => recordTracefs(folder, job, stop));
}

function checkInput(input: string): void {
  if (!existsSync(input)) throw new UsageError(`${input} does not exist.`);
  if (statSync(input).isDirectory()) throw new UsageError(`${input} is a folder, not a recording.`);
}

export function checkOutput(output: string, force: boolean): void {
  if (!force && existsSync(output)) throw new UsageError(`${output} exists. Name another file, or add --force.`);
}

type Work = (job: RecordingJob, stop: AbortSignal) => Promise<ImportResult>;

async function run(options: RecordingOptions, size: number, work: Work): Promise<ExitCodeValue> {
  checkOutput(options.output, options.force);
  const { version } = JSON.parse(readFileSync(places.package, 'utf8')) as { version: string };
  const stop = new AbortController();
  // The first Ctrl-C ends the recording as it should end; another does not wait for that.
  const stopping = interrupts((count) => {
    if (count > 1) process.exit(ExitCode.Cancelled);
    stop.abort();
  });
  let latest: RecordingProgress = { bytes: 0, lines: 0, commands: 0, left: 0 };
  const onProgress = (progress: RecordingProgress): void => {
    latest = progress;
  };
  const line = new ProgressLine(() => progressText(latest, size));
  try {
    const result = await work({ ...options, writer: `doorbell ${version}`, onProgress }, stop.signal);
    line.dispose();
    process.stdout.write(`${options.output}\n${resultLines(result).join('\n')}\n`);
    return ExitCode.Passed;
  } catch (error) {
    if (error instanceof UnknownRecording || error instanceof TracefsError) throw new UsageError(error.message);
    throw error;
  } finally {
    line.dispose();
    stopping.dispose();
  }
}

function progressText({ bytes, lines, commands, left }: RecordingProgress, size: number): string {
  const share = size > 0 ? `${Math.floor((100 * bytes) / size)} %, ` : '';
  const count = (value: number): string => value.toLocaleString('en-US');
  return `${share}${count(lines)} lines, ${count(commands)} commands, ${count(left)} left out`;
}
