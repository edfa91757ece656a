/** Reads a trace and hands its commands to the ioworkers that play it, never far ahead of them. */
import type { NativeIoCommands, NativeIoWorker } from '../nativeIoWorker.ts';
import { rowsOf } from '../trace/batch.ts';
import { RecordedTimes } from '../trace/replay/recordedTimes.ts';
import { type PlannedCommand, type RowPlanner, replayedOpcodes } from '../trace/replay/rowPlan.ts';
import { TraceFlag, type TraceRow } from '../trace/traceCommand.ts';
import type { TraceReader } from '../trace/traceReader.ts';

/** Commands handed over at once, and those waiting for an ioworker at most: 24 bytes each. */
const chunkCommands = 8192;
const mostWaiting = 400_000;
const pauseMs = 20;

/** Commands for one ioworker. */
class Chunk {
  readonly dueNs = new BigUint64Array(chunkCommands);
  readonly slba = new BigUint64Array(chunkCommands);
  readonly blocks = new Uint32Array(chunkCommands);
  readonly ops = new Uint8Array(chunkCommands);
  readonly fua = new Uint8Array(chunkCommands);
  count = 0;

  add(dueNs: number, op: number, { slba, blocks, fua }: PlannedCommand): void {
    const at = this.count++;
    this.dueNs[at] = BigInt(dueNs);
    this.slba[at] = BigInt(slba);
    this.blocks[at] = blocks;
    this.ops[at] = op;
    this.fua[at] = fua ? 1 : 0;
  }

  take(): NativeIoCommands {
    const { count, dueNs, slba, blocks, ops, fua } = this;
    this.count = 0;
    const cut = { dueNs: dueNs.slice(0, count), slba: slba.slice(0, count), blocks: blocks.slice(0, count) };
    return { count, ...cut, ops: ops.slice(0, count), fua: fua.slice(0, count) };
  }
}

export interface FeedOptions {
  readonly speed: number | 'max';
  readonly signal: AbortSignal;
  /** Enough is waiting for the ioworkers to begin, or everything. Called once. */
  readonly onReady: () => void;
}

export class ReplayFeed {
  sent = 0;
  recorded = 0;
  /** Of the last command, since the first. */
  plannedNs = 0;
  readonly recordedTimes = new Map<number, RecordedTimes>();
  readonly #chunks: readonly Chunk[];
  #first: number | undefined;
  #isReady = false;

  constructor(
    private readonly workers: readonly NativeIoWorker[],
    /** The ioworker of a recorded queue. */
    private readonly workerOf: ReadonlyMap<number, number>,
    private readonly planner: RowPlanner,
    private readonly options: FeedOptions,
  ) {
    this.#chunks = workers.map(() => new Chunk());
  }

  /** Returns when everything was handed over, or it was stopped. */
  async run(reader: TraceReader): Promise<void> {
    try {
      for await (const { columns } of reader.columns()) {
        for (const row of rowsOf(columns)) {
          this.recorded += 1;
          this.#row(row);
        }
        this.#flushAll();
        if (this.#waiting() > mostWaiting) await this.#pause();
        if (this.options.signal.aborted) return;
      }
    } finally {
      this.#flushAll();
      for (const worker of this.workers) worker.endFeed();
      this.#ready();
    }
  }

  #row(row: TraceRow): void {
    const planned = this.planner.plan(row);
    const chunk = this.#chunks[this.workerOf.get(row.queue) ?? 0];
    if (planned.length === 0 || !chunk) return;
    this.#first ??= row.timeNs;
    const dueNs = this.options.speed === 'max' ? 0 : Math.round((row.timeNs - this.#first) / this.options.speed);
    this.plannedNs = dueNs;
    const op = replayedOpcodes.indexOf(row.opcode);
    for (const command of planned) {
      chunk.add(dueNs, op, command);
      if (chunk.count === chunkCommands) this.#flush(this.#chunks.indexOf(chunk));
    }
    this.sent += planned.length;
    if (row.flags & TraceFlag.Timed) this.#recordedOf(row.opcode).add(row.latencyNs);
  }

  #recordedOf(opcode: number): RecordedTimes {
    const present = this.recordedTimes.get(opcode) ?? new RecordedTimes();
    this.recordedTimes.set(opcode, present);
    return present;
  }

  #flushAll(): void {
    for (let index = 0; index < this.#chunks.length; index += 1) this.#flush(index);
  }

  #flush(index: number): void {
    const chunk = this.#chunks[index];
    if (chunk && chunk.count > 0) this.workers[index]?.feed(chunk.take());
  }

  #waiting(): number {
    return Math.max(0, ...this.workers.map(({ fed }) => fed));
  }

  /** Until half of what waits has been sent. */
  async #pause(): Promise<void> {
    this.#ready();
    while (this.#waiting() > mostWaiting / 2 && !this.options.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  #ready(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    this.options.onReady();
  }
}
