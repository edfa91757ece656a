import { type FileHandle, open } from 'node:fs/promises';
import { Batch } from './batch.ts';
import { minuteNs } from './blockSummary.ts';
import { type ChunkType, chunkParts, signature } from './chunk.ts';
import { encodeBlock } from './traceBlock.ts';
import type { TraceFacts, TraceRow, TraceTail } from './traceCommand.ts';
import { encodeFooter, encodeIndex, type IndexedBlock } from './traceIndex.ts';

export const formatVersion = 1;

/**
 * Writes a `.nvtrace` file as rows come: whole blocks reach the file while recording goes on, so what a killed
 * recorder leaves behind is readable up to its last block. Memory: a few blocks, whatever the length of the trace.
 */
export class TraceWriter {
  readonly #file: FileHandle;
  readonly #index: IndexedBlock[] = [];
  #offset = 0;
  #batch = new Batch();
  #minuteEnd = minuteNs;
  #last = 0;
  #commands = 0;
  #writing: Promise<void> = Promise.resolve();
  #spare: Batch | undefined;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Creates or replaces the file. */
  static async create(path: string, facts: TraceFacts): Promise<TraceWriter> {
    const writer = new TraceWriter(await open(path, 'w', 0o644));
    try {
      await writer.#append([signature]);
      await writer.#chunk('HEAD', Buffer.from(JSON.stringify({ format: formatVersion, ...facts })));
    } catch (error) {
      await writer.#file.close();
      throw error;
    }
    return writer;
  }

  get commands(): number {
    return this.#commands;
  }

  /** Bytes in the file so far. */
  get bytes(): number {
    return this.#offset;
  }

  /** Rows come in the order of their times. Await {@link drain} every few ten thousand of them. */
  add(row: TraceRow): void {
    if (row.timeNs < this.#last) throw new RangeError(`time ${row.timeNs} comes after ${this.#last}`);
    if (row.timeNs >= this.#minuteEnd || !this.#batch.hasRoomFor(row.ranges.length)) this.#flush();
    if (this.#batch.count === 0) this.#minuteEnd = (Math.floor(row.timeNs / minuteNs) + 1) * minuteNs;
    this.#batch.add(row);
    this.#last = row.timeNs;
    this.#commands += 1;
  }

  /** Until every full block is in the file; rejects with the error that kept one from it. */
  drain(): Promise<void> {
    return this.#writing;
  }

  /** Ends the current block here, so that a recording that is slow to fill one is on the disk in time. */
  async checkpoint(): Promise<void> {
    this.#flush();
    await this.drain();
  }

  /** Completes the file. */
  async finish(tail: Omit<TraceTail, 'commands'>): Promise<void> {
    try {
      await this.checkpoint();
      await this.#chunk('TAIL', Buffer.from(JSON.stringify({ commands: this.#commands, ...tail })));
      const at = this.#offset;
      await this.#chunk('INDX', encodeIndex(this.#index));
      await this.#append([encodeFooter(at)]);
    } finally {
      await this.#file.close();
    }
  }

  /** Closes the file where it is, without an index: after an error. */
  async abandon(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#file.close();
  }

  #flush(): void {
    if (this.#batch.count === 0) return;
    const full = this.#batch;
    this.#batch = this.#spare ?? new Batch();
    this.#spare = undefined;
    this.#writing = this.#writing.then(() => this.#block(full));
    // Whoever drains or finishes hears of a failure; until then it is not an unhandled one.
    this.#writing.catch(() => undefined);
  }

  async #block(batch: Batch): Promise<void> {
    const { summary, payload } = await encodeBlock(batch);
    batch.count = 0;
    batch.ranges = 0;
    this.#spare = batch;
    this.#index.push({ offset: this.#offset, summary });
    await this.#chunk('BLCK', payload);
  }

  async #chunk(type: ChunkType, payload: Uint8Array): Promise<void> {
    await this.#append(chunkParts(type, payload));
  }

  async #append(parts: Uint8Array[]): Promise<void> {
    let left = Buffer.concat(parts);
    while (left.length > 0) {
      const { bytesWritten } = await this.#file.write(left, 0, left.length, this.#offset);
      this.#offset += bytesWritten;
      left = left.subarray(bytesWritten);
    }
  }
}
