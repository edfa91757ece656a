/** Brings a recording into a trace: bytes in, as they come; rows out. */
import type { TraceFacts, TraceRow, TraceTail } from '../traceCommand.ts';
import { TraceWriter } from '../traceWriter.ts';
import { CommandStream } from './commandStream.ts';
import { parserFor, type Recorder, recorderOf } from './detect.ts';
import { LineCutter } from './lines.ts';
import type { ParserOptions, TraceParser } from './parser.ts';
import { Tally } from './tally.ts';
import { textBetween } from './words.ts';

/** The text is of no recorder that is known; the message says what was expected. */
export class UnknownRecording extends Error {
  override readonly name = 'UnknownRecording';
}

export interface ImportOptions extends Partial<ParserOptions> {
  /** Otherwise found out by the first lines. */
  readonly recorder?: Recorder;
  /** Name and version of the program that writes the file. */
  readonly writer: string;
}

export interface ImportResult extends TraceTail {
  readonly bytes: number;
}

/** Lines among which the recorder's mark has to be: other programs' messages may come first. */
const longestSearch = 10_000;
/** Rows handed to the file at once: bounds memory. */
const batchBytes = 256 * 1024;

export class TraceImporter {
  readonly tally = new Tally();
  readonly #stream: CommandStream;
  readonly #cutter = new LineCutter((bytes, from, to) => this.#line(bytes, from, to));
  readonly #options: ParserOptions;
  #parser: TraceParser | undefined;
  #writer: TraceWriter | undefined;
  #rows: TraceRow[] = [];
  #searched = 0;

  constructor(
    private readonly path: string,
    private readonly options: ImportOptions,
  ) {
    this.#options = { lbaBytes: options.lbaBytes ?? 512, ...(options.device && { device: options.device }) };
    this.#stream = new CommandStream((row) => this.#row(row), this.tally);
    if (options.recorder) this.#start(options.recorder);
  }

  get commands(): number {
    return (this.#writer?.commands ?? 0) + this.#rows.length;
  }

  get lines(): number {
    return this.#cutter.lines;
  }

  /** Resolves when the file has taken what these bytes gave. @throws UnknownRecording */
  async feed(chunk: Buffer): Promise<void> {
    for (let from = 0; from < chunk.length; from += batchBytes) {
      this.#cutter.feed(chunk.subarray(from, from + batchBytes));
      if (this.#rows.length > 0) await this.#open();
      await this.#writer?.drain();
    }
  }

  /** What has come so far is on the disk when it resolves. */
  async checkpoint(): Promise<void> {
    await this.#writer?.checkpoint();
  }

  /** Completes the file. @throws UnknownRecording when nothing in the text was a recorder's. */
  async finish(): Promise<ImportResult> {
    this.#cutter.end();
    if (!this.#parser) throw new UnknownRecording(unknownText);
    this.#parser.end();
    const writer = await this.#open();
    this.tally.count('lines', this.#cutter.lines);
    this.tally.count('lines too long', this.#cutter.tooLong);
    const { left, counts } = this.tally;
    await writer.finish({ left, counts });
    return { commands: writer.commands, left, counts, bytes: writer.bytes };
  }

  /** Ends where it is, after an error. */
  async abandon(): Promise<void> {
    await this.#writer?.abandon();
  }

  #line(bytes: Uint8Array, from: number, to: number): void {
    if (this.#parser) {
      this.#parser.line(bytes, from, to);
      return;
    }
    const recorder = recorderOf(textBetween(bytes, from, Math.min(to, from + 1024)));
    if (recorder) {
      this.#start(recorder).line(bytes, from, to);
      return;
    }
    this.tally.count('lines of other events');
    this.#searched += 1;
    if (this.#searched >= longestSearch) throw new UnknownRecording(unknownText);
  }

  #start(recorder: Recorder): TraceParser {
    this.#parser = parserFor(recorder, { stream: this.#stream, tally: this.tally, options: this.#options });
    return this.#parser;
  }

  /** The file's facts are known when the first command is. */
  #row(row: TraceRow): void {
    if (this.#writer) this.#writer.add(row);
    else this.#rows.push(row);
  }

  async #open(): Promise<TraceWriter> {
    if (this.#writer) return this.#writer;
    const writer = await TraceWriter.create(this.path, this.#facts());
    for (const row of this.#rows) writer.add(row);
    this.#rows = [];
    this.#writer = writer;
    return writer;
  }

  #facts(): TraceFacts {
    const facts = this.#parser?.facts();
    if (!facts) throw new UnknownRecording(unknownText);
    const zero = this.#stream.zero;
    const isWall = facts.clock === 'wall' && zero !== undefined;
    return {
      ...facts,
      ...(isWall && { startTime: new Date(zero.seconds * 1000 + Math.floor(zero.ns / 1e6)).toISOString() }),
      writer: this.options.writer,
    };
  }
}

const unknownText =
  "This is no recording vTracer knows: neither QEMU's pci_nvme_* trace, nor ftrace with nvme or block events, nor " +
  "blkparse's default format, nor a fio I/O log. If it is one after all, name it with --from.";
