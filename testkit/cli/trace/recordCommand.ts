import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { type ImportResult, TraceImporter, UnknownRecording } from '../../trace/import/importer.ts';
import { readPipe } from '../../trace/import/pipe.ts';
import { Tracefs } from '../../trace/import/tracefs.ts';
import { resultLines } from '../../trace/traceText.ts';
import { ExitCode, type ExitCodeValue, UsageError } from '../exitCodes.ts';
import { interrupts } from '../interrupts.ts';
import { places } from '../places.ts';
import { ProgressLine } from './progressLine.ts';
import type { RecordingOptions } from './traceArguments.ts';

/** What has been recorded is on the disk after this time, however little it is. */
const checkpointMs = 10_000;

/** `doorbell trace import`. */
export async function importCommand(input: string, options: RecordingOptions): Promise<ExitCodeValue> {
  checkInput(input);
  const size = statSync(input).isFile() ? statSync(input).size : 0;
  return recordFrom(createReadStream(input, { highWaterMark: 1 << 20 }), options, size);
}

/** `doorbell trace record`. */
export async function recordCommand(input: string | undefined, options: RecordingOptions): Promise<ExitCodeValue> {
  if (input === undefined) return recordFrom(process.stdin, options, 0);
  checkInput(input);
  const isFile = statSync(input).isFile();
  return recordFrom(isFile ? createReadStream(input) : readPipe(input), options, 0);
}

/** `doorbell trace record --tracefs`. */
export async function tracefsCommand(folder: string, options: RecordingOptions): Promise<ExitCodeValue> {
  let tracefs: Tracefs;
  try {
    tracefs = Tracefs.start(folder);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  try {
    return await recordFrom(tracefs.stream, { ...options, recorder: 'ftrace' }, 0);
  } finally {
    tracefs.stop();
  }
}

function checkInput(input: string): void {
  if (!existsSync(input)) throw new UsageError(`${input} does not exist.`);
  if (statSync(input).isDirectory()) throw new UsageError(`${input} is a folder, not a recording.`);
}

export function checkOutput(output: string, force: boolean): void {
  if (!force && existsSync(output)) throw new UsageError(`${output} exists. Name another file, or add --force.`);
}

async function recordFrom(source: Readable, options: RecordingOptions, size: number): Promise<ExitCodeValue> {
  checkOutput(options.output, options.force);
  const { version } = JSON.parse(readFileSync(places.package, 'utf8')) as { version: string };
  const importer = new TraceImporter(options.output, { ...options, writer: `doorbell ${version}` });
  // The first Ctrl-C ends the recording as it should end; another does not wait for that.
  const stopping = interrupts((count) => {
    if (count > 1) process.exit(ExitCode.Cancelled);
    source.destroy();
  });
  let bytes = 0;
  const progress = new ProgressLine(() => progressText(importer, bytes, size));
  try {
    let checkpointed = Date.now();
    for await (const chunk of untilStopped(source)) {
      bytes += chunk.length;
      await importer.feed(chunk);
      if (Date.now() - checkpointed < checkpointMs) continue;
      await importer.checkpoint();
      checkpointed = Date.now();
    }
    const result = await importer.finish();
    progress.dispose();
    return report(options.output, result);
  } catch (error) {
    await importer.abandon();
    if (error instanceof UnknownRecording) throw new UsageError(error.message);
    throw error;
  } finally {
    progress.dispose();
    stopping.dispose();
  }
}

async function* untilStopped(source: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of source) yield chunk as Buffer;
  } catch (error) {
    // What destroy() does to a reader is the end of the recording, not a failure.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

function progressText(importer: TraceImporter, bytes: number, size: number): string {
  const share = size > 0 ? `${Math.floor((100 * bytes) / size)} %, ` : '';
  const count = (value: number): string => value.toLocaleString('en-US');
  return `${share}${count(importer.lines)} lines, ${count(importer.commands)} commands, ${count(importer.tally.leftCount)} left out`;
}

function report(output: string, result: ImportResult): ExitCodeValue {
  process.stdout.write(`${output}\n${resultLines(result).join('\n')}\n`);
  return ExitCode.Passed;
}
