import assert from 'node:assert/strict';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import zlib from 'node:zlib';
import { decodeColumn } from '../../../testkit/trace/columnCodec.ts';
import { copyTrace } from '../../../testkit/trace/export/nvtrace.ts';
import { decodeBlock } from '../../../testkit/trace/traceBlock.ts';
import { emptyRow, type TraceRow } from '../../../testkit/trace/traceCommand.ts';
import { TraceDamage } from '../../../testkit/trace/traceDamage.ts';
import { TraceReader } from '../../../testkit/trace/traceReader.ts';
import { TraceWriter } from '../../../testkit/trace/traceWriter.ts';
import { facts, random, randomRows, readAt, rowsOf, temporaryFolders, writeTrace } from './support.ts';

const minute = 60e9;

async function open<T>(file: string, use: (reader: TraceReader) => Promise<T>): Promise<T> {
  const reader = await TraceReader.open(file);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

describe('the .nvtrace format', () => {
  const file = temporaryFolders();

  it('gives back what was written, to the last bit of every field', async () => {
    const rows = [...randomRows(3000, 1)];
    const path = file('a.nvtrace');
    await writeTrace(path, rows);
    await open(path, async (reader) => {
      assert.deepEqual(reader.facts, facts);
      assert.deepEqual(reader.tail, { commands: 3000, left: { 'admin command': 3 }, counts: { lines: 7 } });
      assert.deepEqual(await rowsOf(reader), rows);
      assert.equal(reader.damage, undefined);
    });
  });

  it('is the same file again when a trace is copied', async () => {
    const [from, to] = [file('a.nvtrace'), file('b.nvtrace')];
    await writeTrace(from, randomRows(3000, 2));
    await copyTrace(from, to);
    assert.ok(readFileSync(from).equals(readFileSync(to)));
  });

  it('cuts blocks at minutes and says what is in each', async () => {
    const path = file('a.nvtrace');
    await writeTrace(path, [readAt(1, 0), readAt(minute - 1, 8), readAt(minute, 100), readAt(90 * minute, 2 ** 40)]);
    await open(path, async ({ blocks, durationNs }) => {
      assert.deepEqual(
        blocks.map(({ summary: { minute, commands, reads, blocksRead, lbaEnd } }) => [
          minute,
          commands,
          reads,
          blocksRead,
          lbaEnd,
        ]),
        [
          [0, 2, 2, 16, 16],
          [1, 1, 1, 8, 108],
          [90, 1, 1, 8, 2 ** 40 + 8],
        ],
      );
      assert.equal(durationNs, 90 * minute);
    });
  });

  it('cuts blocks at their limits of commands and of ranges', async () => {
    const path = file('a.nvtrace');
    const ranges = Array.from({ length: 256 }, (_, low) => ({ attributes: 0, length: 1, low, high: 0 }));
    function* rows(): Generator<TraceRow> {
      for (let index = 0; index < 65_537; index += 1) yield readAt(index, index);
      for (let index = 0; index < 257; index += 1) yield { ...emptyRow(), timeNs: 65_537, opcode: 9, queue: 1, ranges };
    }
    await writeTrace(path, rows());
    await open(path, async (reader) => {
      assert.deepEqual(
        reader.blocks.map(({ summary }) => [summary.commands, summary.ranges]),
        [
          [65_536, 0],
          [257, 65_536],
          [1, 256],
        ],
      );
      assert.equal((await rowsOf(reader)).length, 65_537 + 257);
    });
  });

  it('holds a trace without commands', async () => {
    const path = file('a.nvtrace');
    await writeTrace(path, []);
    await open(path, async (reader) => assert.deepEqual([reader.commands, reader.damage], [0, undefined]));
  });

  it('refuses rows out of order', async () => {
    const writer = await TraceWriter.create(file('a.nvtrace'), facts);
    writer.add(readAt(10, 0));
    assert.throws(() => writer.add(readAt(9, 0)), RangeError);
    await writer.abandon();
  });
});

describe('a damaged .nvtrace file', () => {
  const file = temporaryFolders();

  /** Three blocks of 10 commands, a minute each. */
  async function threeBlocks(): Promise<{ path: string; offsets: number[]; size: number }> {
    const path = file('a.nvtrace');
    await writeTrace(
      path,
      Array.from({ length: 30 }, (_, index) => readAt(Math.floor(index / 10) * minute + index, index * 8)),
    );
    const offsets = await open(path, async ({ blocks }) => blocks.map(({ offset }) => offset));
    return { path, offsets, size: readFileSync(path).length };
  }

  it('keeps every whole block wherever it was cut, and says so', async () => {
    const { path, offsets, size } = await threeBlocks();
    const whole = readFileSync(path);
    for (let length = offsets[0]!; length < size; length += 7) {
      writeFileSync(path, whole);
      truncateSync(path, length);
      const kept = offsets.filter(
        (_, index) => (offsets[index + 1] ?? offsets[2]! + (offsets[2]! - offsets[1]!)) <= length,
      );
      await open(path, async (reader) => {
        const rows = await rowsOf(reader);
        assert.ok(rows.length >= 10 * (kept.length - 1) && rows.length % 10 === 0, `${rows.length} rows of ${length}`);
        assert.deepEqual(
          rows,
          Array.from({ length: rows.length }, (_, index) => readAt(Math.floor(index / 10) * minute + index, index * 8)),
        );
        assert.match(reader.damage?.reason ?? '', /ends here|last 16 bytes/);
      });
    }
  });

  it('keeps what is before a byte that changed, and never returns wrong commands', async () => {
    const { path, offsets } = await threeBlocks();
    const whole = readFileSync(path);
    const next = random(5);
    for (let index = 0; index < 200; index += 1) {
      const bytes = Buffer.from(whole);
      const at = offsets[0]! + Math.floor(next() * (whole.length - offsets[0]!));
      bytes[at] = bytes[at]! ^ (1 << Math.floor(next() * 8));
      writeFileSync(path, bytes);
      await open(path, async (reader) => {
        const rows = await rowsOf(reader);
        const before = offsets.filter((offset) => offset <= at).length - 1;
        assert.ok(rows.length >= 10 * Math.min(before, 3));
        assert.ok(rows.every((row, index) => row.cdw10 === index * 8));
        assert.ok(rows.length === 30 || reader.damage);
      });
    }
  });

  it('is named where nothing can be read', async () => {
    const path = file('a.nvtrace');
    for (const [text, message] of [
      ['fio version 3 iolog\n', /not a .nvtrace file/],
      ['', /not a .nvtrace file/],
    ] as const) {
      writeFileSync(path, text);
      await assert.rejects(TraceReader.open(path), message);
    }
    await writeTrace(path, []);
    const bytes = readFileSync(path);
    bytes[30] = bytes[30]! ^ 1;
    writeFileSync(path, bytes);
    await assert.rejects(TraceReader.open(path), /checksum of a HEAD chunk/);
  });

  it('cannot ask for more memory than its columns have', async () => {
    const bomb = zlib.deflateRawSync(Buffer.alloc(64 << 20));
    assert.throws(
      () => decodeColumn({ width: 1, compression: 1, base: 0, bytes: bomb }, 1, 65_536),
      (error: Error) => error instanceof TraceDamage && /cannot be decompressed/.test(error.message),
    );
  });

  it('names every wrong block instead of failing otherwise', async () => {
    const { path, offsets } = await threeBlocks();
    const payload = readFileSync(path).subarray(offsets[0]! + 8, offsets[1]! - 4);
    const next = random(9);
    for (let index = 0; index < 3000; index += 1) {
      const bytes = Buffer.from(payload);
      for (let flips = 0; flips < 3; flips += 1) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
      try {
        decodeBlock(bytes);
      } catch (error) {
        assert.ok(error instanceof TraceDamage, `${error}`);
      }
    }
  });
});
