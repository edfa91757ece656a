/** Traces in temporary folders, for tests. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ImportOptions, type ImportResult, TraceImporter } from '../../../testkit/trace/import/importer.ts';
import { emptyRow, noRanges, type TraceFacts, TraceFlag, type TraceRow } from '../../../testkit/trace/traceCommand.ts';
import { TraceReader } from '../../../testkit/trace/traceReader.ts';
import { TraceWriter } from '../../../testkit/trace/traceWriter.ts';

export const recordings = path.resolve('test/data/traces');

/** A folder that is gone after each test of the suite. */
export function temporaryFolders(): (name: string) => string {
  const made: string[] = [];
  afterEach(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return (name) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'doorbell-trace-'));
    made.push(folder);
    return path.join(folder, name);
  };
}

export const facts: TraceFacts = {
  source: 'qemu',
  controller: 'a drive',
  capacityBlocks: '18446744073709551615',
  lbaBytes: 512,
  startTime: '2026-11-22T06:19:20.306Z',
  clock: 'wall',
  queues: 'sqid',
  writer: 'doorbell test',
  notes: { why: 'because' },
};

export interface Imported extends ImportResult {
  readonly rows: readonly TraceRow[];
  readonly facts: TraceFacts;
}

export async function importText(
  text: string | Buffer,
  file: string,
  options: Partial<ImportOptions> = {},
): Promise<Imported> {
  const importer = new TraceImporter(file, { writer: 'doorbell test', ...options });
  await importer.feed(Buffer.from(text));
  const result = await importer.finish();
  const reader = await TraceReader.open(file);
  try {
    return { ...result, facts: reader.facts, rows: await rowsOf(reader) };
  } finally {
    await reader.close();
  }
}

export const recording = (name: string): Buffer => readFileSync(path.join(recordings, name));

export async function rowsOf(reader: TraceReader): Promise<TraceRow[]> {
  const rows: TraceRow[] = [];
  for await (const row of reader.rows()) rows.push(row);
  return rows;
}

export async function writeTrace(file: string, rows: Iterable<TraceRow>, head: TraceFacts = facts): Promise<void> {
  const writer = await TraceWriter.create(file, head);
  let count = 0;
  for (const row of rows) {
    writer.add(row);
    if (++count % 50_000 === 0) await writer.drain();
  }
  await writer.finish({ left: { 'admin command': 3 }, counts: { lines: 7 } });
}

/** mulberry32: the same numbers for the same seed, everywhere. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Rows with every field used up to its limits. */
export function* randomRows(count: number, seed: number, stepNs = 2e9): Generator<TraceRow> {
  const next = random(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  let timeNs = below(1e9);
  for (let index = 0; index < count; index += 1) {
    const trim = next() < 0.1;
    yield {
      ...emptyRow(),
      ...{ timeNs, latencyNs: below(2 ** 40), opcode: trim ? 9 : below(256), flags: below(16), queue: below(65_536) },
      ...{ cid: below(65_536), nsid: below(2 ** 32), cdw10: below(2 ** 32), cdw11: below(2 ** 32) },
      ...{ length: below(2 ** 32), control: below(65_536), cdw13: below(2 ** 32), cdw14: below(2 ** 32) },
      ...{ cdw15: below(2 ** 32), status: below(32_768), dw0: below(2 ** 32) },
      ranges: trim ? Array.from({ length: below(257) }, () => randomRange(below)) : noRanges,
    };
    timeNs += below(stepNs);
  }
}

const randomRange = (below: (limit: number) => number) => ({
  attributes: below(2 ** 32),
  length: below(2 ** 32),
  low: below(2 ** 32),
  high: below(2 ** 32),
});

/** A read of 8 blocks every `stepNs`. */
export const readAt = (timeNs: number, slba: number): TraceRow => ({
  ...emptyRow(),
  ...{ timeNs, latencyNs: 80_000, opcode: 2, flags: TraceFlag.Completed | TraceFlag.Timed, queue: 1, nsid: 1 },
  ...{ cdw10: slba % 2 ** 32, cdw11: Math.floor(slba / 2 ** 32), length: 8 },
});

/** A Dataset Management command that deallocates ranges of these lengths, at LBA 0, 1, 2, ... */
export const emptyTrim = (timeNs: number, lengths: readonly number[]): TraceRow => ({
  ...emptyRow(),
  ...{ timeNs, opcode: 9, queue: 1, nsid: 1, cdw10: lengths.length - 1, cdw11: 4 },
  ranges: lengths.map((length, low) => ({ attributes: 0, length, low, high: 0 })),
});
