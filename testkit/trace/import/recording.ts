/** From a source of bytes to a trace, until it ends or is stopped. */
import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { type ImportOptions, type ImportResult, TraceImporter } from './importer.ts';
import { readPipe } from './pipe.ts';
import { Tracefs } from './tracefs.ts';

export interface RecordingProgress {
  readonly bytes: number;
  readonly lines: number;
  readonly commands: number;
  /** Commands seen but not in the trace. */
  readonly left: number;
}

export interface RecordingJob extends ImportOptions {
  /** The .nvtrace file; replaced if it exists. */
  readonly output: string;
  /** Called after every piece; who shows it chooses how often. */
  readonly onProgress?: (progress: RecordingProgress) => void;
}

/** What has been recorded is on the disk after this time, however little it is. */
const checkpointMs = 10_000;

/** Stopping ends the trace as the source's end does. @throws UnknownRecording */
export async function record(source: Readable, job: RecordingJob, stop: AbortSignal): Promise<ImportResult> {
  const importer = new TraceImporter(job.output, job);
  const end = () => source.destroy();
  stop.addEventListener('abort', end, { once: true });
  if (stop.aborted) end();
  try {
    let bytes = 0;
    let checkpointed = Date.now();
    for await (const chunk of untilStopped(source)) {
      bytes += chunk.length;
      await importer.feed(chunk);
      job.onProgress?.({ bytes, lines: importer.lines, commands: importer.commands, left: importer.tally.leftCount });
      if (Date.now() - checkpointed < checkpointMs) continue;
      await importer.checkpoint();
      checkpointed = Date.now();
    }
    return await importer.finish();
  } catch (error) {
    await importer.abandon();
    throw error;
  } finally {
    stop.removeEventListener('abort', end);
    source.destroy();
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

/** A file, or a FIFO that may stay silent. */
export function sourceOf(path: string): Readable {
  return statSync(path).isFile() ? createReadStream(path, { highWaterMark: 1 << 20 }) : readPipe(path);
}

/** This machine's commands, until stopped. @throws Error that says what is missing */
export async function recordTracefs(folder: string, job: RecordingJob, stop: AbortSignal): Promise<ImportResult> {
  const tracefs = Tracefs.start(folder);
  try {
    return await record(tracefs.stream, { ...job, recorder: 'ftrace' }, stop);
  } finally {
    tracefs.stop();
  }
}
