import { type FileHandle, open } from 'node:fs/promises';
import { type ColumnName, type Columns, rowsOf } from './batch.ts';
import type { BlockSummary } from './blockSummary.ts';
import { readChunk, readExactly, signature } from './chunk.ts';
import { blockSummary, decodeBlock, everyColumn } from './traceBlock.ts';
import type { TraceFacts, TraceRow, TraceTail } from './traceCommand.ts';
import { TraceDamage } from './traceDamage.ts';
import { parseFacts, parseTail } from './traceFacts.ts';
import { decodeFooter, decodeIndex, footerBytes, type IndexedBlock } from './traceIndex.ts';

/** Where a trace stops being readable, and why. Everything before it is there. */
export interface Damage {
  readonly offset: number;
  readonly reason: string;
}

interface Contents {
  readonly facts: TraceFacts;
  readonly blocks: readonly IndexedBlock[];
  readonly tail?: TraceTail;
  readonly damage?: Damage;
}

/** Reads a `.nvtrace` file block by block. A cut or damaged one is readable up to the damage. */
export class TraceReader {
  readonly facts: TraceFacts;
  readonly blocks: readonly IndexedBlock[];
  /** Of a recording that ended as it should. */
  readonly tail: TraceTail | undefined;
  #damage: Damage | undefined;

  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
    contents: Contents,
  ) {
    this.facts = contents.facts;
    this.blocks = contents.blocks;
    this.tail = contents.tail;
    this.#damage = contents.damage;
  }

  /** @throws TraceDamage when not even the facts at the file's head can be read: it is no trace. */
  static async open(path: string): Promise<TraceReader> {
    const file = await open(path, 'r');
    try {
      return new TraceReader(path, file, await readContents(file));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Known at once for a file cut short; for a block damaged in the middle once it was read. */
  get damage(): Damage | undefined {
    return this.#damage;
  }

  get commands(): number {
    return this.blocks.reduce((sum, { summary }) => sum + summary.commands, 0);
  }

  /** Time of the last command's submission in ns. */
  get durationNs(): number {
    return this.blocks.at(-1)?.summary.lastNs ?? 0;
  }

  /** @throws TraceDamage, which `damage` then keeps. */
  async read(block: IndexedBlock, wanted: ReadonlySet<ColumnName> = everyColumn): Promise<Columns> {
    try {
      const chunk = await readChunk(this.file, block.offset);
      if (chunk.type !== 'BLCK') throw new TraceDamage('the index names a block where there is none');
      return decodeBlock(chunk.payload, wanted);
    } catch (error) {
      if (error instanceof TraceDamage) this.#damage ??= { offset: block.offset, reason: error.message };
      throw error;
    }
  }

  /** Block by block up to the end or the damage, which `damage` then says. */
  async *columns(
    wanted: ReadonlySet<ColumnName> = everyColumn,
  ): AsyncGenerator<{ block: IndexedBlock; columns: Columns }> {
    for (const block of this.blocks) {
      let columns: Columns;
      try {
        columns = await this.read(block, wanted);
      } catch (error) {
        if (error instanceof TraceDamage) return;
        throw error;
      }
      yield { block, columns };
    }
  }

  async *rows(): AsyncGenerator<TraceRow> {
    for await (const { columns } of this.columns()) yield* rowsOf(columns);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

async function readContents(file: FileHandle): Promise<Contents> {
  const start = await readExactly(file, 0, signature.length).catch(() => Buffer.alloc(0));
  if (!start.equals(signature)) throw new TraceDamage('This is not a .nvtrace file: its first bytes are others.');
  const head = await readChunk(file, signature.length);
  if (head.type !== 'HEAD') throw new TraceDamage('the first chunk is not the facts');
  const facts = parseFacts(head.payload);
  return (await indexed(file, facts)) ?? (await scanned(file, facts, head.end));
}

/** By the index at the end; undefined where there is none, or it does not hold. */
async function indexed(file: FileHandle, facts: TraceFacts): Promise<Contents | undefined> {
  const { size } = await file.stat();
  try {
    const at = decodeFooter(await readExactly(file, Math.max(0, size - footerBytes), Math.min(size, footerBytes)));
    if (at === undefined || at >= size) return undefined;
    const index = await readChunk(file, at);
    if (index.type !== 'INDX' || index.end !== size - footerBytes) return undefined;
    const blocks = decodeIndex(index.payload);
    const last = blocks.at(-1)?.offset ?? signature.length;
    const tail = await readChunk(file, (await readChunk(file, last)).end);
    return tail.type === 'TAIL' ? { facts, blocks, tail: parseTail(tail.payload) } : undefined;
  } catch (error) {
    if (error instanceof TraceDamage) return undefined;
    throw error;
  }
}

/** Chunk by chunk from the start: what a recorder that was killed, a full disk or a bad copy left. */
async function scanned(file: FileHandle, facts: TraceFacts, start: number): Promise<Contents> {
  const blocks: IndexedBlock[] = [];
  let tail: TraceTail | undefined;
  let offset = start;
  try {
    for (;;) {
      const chunk = await readChunk(file, offset);
      if (chunk.type === 'BLCK') blocks.push({ offset, summary: checkedOrder(blockSummary(chunk.payload), blocks) });
      else if (chunk.type === 'TAIL') tail = parseTail(chunk.payload);
      else if (chunk.type === 'HEAD') throw new TraceDamage('another trace begins here');
      else throw new TraceDamage('its last 16 bytes are missing or damaged');
      offset = chunk.end;
    }
  } catch (error) {
    if (!(error instanceof TraceDamage)) throw error;
    return { facts, blocks, damage: { offset, reason: error.message }, ...(tail && { tail }) };
  }
}

function checkedOrder(summary: BlockSummary, before: readonly IndexedBlock[]): BlockSummary {
  const last = before.at(-1)?.summary.lastNs ?? 0;
  if (summary.firstNs < last) throw new TraceDamage('a block is older than the one before it');
  return summary;
}
