import assert from 'node:assert/strict';
import type { TraceRow } from '../../../testkit/trace/traceCommand.ts';
import { TraceReader } from '../../../testkit/trace/traceReader.ts';
import { indexAt, tableRows } from '../../../testkit/trace/view/commandTable.ts';
import type { TraceView, ViewRequest } from '../../../testkit/trace/view/traceView.ts';
import { makeView, strided } from '../../../testkit/trace/view/viewMaker.ts';
import { moved, part, zoomed } from '../../../webviews/trace/stretch.ts';
import { ticks } from '../../../webviews/trace/text.ts';
import { emptyTrim, readAt, temporaryFolders, writeTrace } from './support.ts';

describe('the picture of a trace', () => {
  const file = temporaryFolders();
  const whole: ViewRequest = { fromNs: 0, toNs: 1000, fromLba: 0, toLba: 100, columns: 10, rows: 10 };

  async function pictures(rows: readonly TraceRow[], request = whole, now?: () => number): Promise<TraceView[]> {
    const path = file('a.nvtrace');
    await writeTrace(path, rows);
    const reader = await TraceReader.open(path);
    const made: TraceView[] = [];
    await makeView(reader, request, {
      onPicture: (view) => made.push(view),
      isCancelled: () => false,
      ...(now && { now }),
    });
    await reader.close();
    return made;
  }
  const last = async (...args: Parameters<typeof pictures>): Promise<TraceView> => (await pictures(...args)).at(-1)!;
  const cell = ({ cells }: TraceView, kind: number, row: number, column: number): number =>
    cells[(kind * 10 + row) * 10 + column]!;

  it('has a point in every row a command touches, in the colour of its kind', async () => {
    const view = await last([readAt(0, 0), { ...readAt(150, 15), length: 20, opcode: 1 }, emptyTrim(999, [1, 1, 98])]);
    assert.equal(cell(view, 0, 0, 0), 1);
    assert.deepEqual(
      [1, 2, 3, 4].map((row) => cell(view, 1, row, 1)),
      [1, 1, 1, 0],
    );
    assert.deepEqual(
      [0, 9].map((row) => cell(view, 2, row, 9)),
      [3, 1],
    );
    assert.equal(
      view.cells.reduce((sum, count) => sum + count, 0),
      1 + 3 + 12,
    );
  });

  it('counts what is in the stretch only', async () => {
    const view = await last([readAt(99, 0), readAt(100, 0), readAt(199, 0), readAt(200, 0)], {
      ...whole,
      fromNs: 100,
      toNs: 200,
    });
    assert.deepEqual([view.commands, view.reads.reduce((sum, count) => sum + count, 0)], [2, 2]);
  });

  it('averages the commands in flight exactly, those from before the stretch too', async () => {
    const row = (timeNs: number, latencyNs: number): TraceRow => ({ ...readAt(timeNs, 0), latencyNs });
    const view = await last([row(0, 1000), row(100, 350), row(950, 10_000)]);
    assert.deepEqual([...view.depth], [1, 2, 2, 2, 1.5, 1, 1, 1, 1, 1.5]);
    const later = await last([row(0, 1000), row(100, 350), row(950, 10_000)], { ...whole, fromNs: 400, toNs: 500 });
    assert.deepEqual([...later.depth], [2, 2, 2, 2, 2, 1, 1, 1, 1, 1]);
  });

  it('knows the sizes and the regions used most', async () => {
    const rows = [readAt(0, 0), readAt(1, 0), { ...readAt(2, 50), opcode: 1, length: 9 }];
    const { sizes, regions } = await last(rows);
    assert.deepEqual(sizes, [
      { from: 5, to: 8, reads: 2, writes: 0 },
      { from: 9, to: 16, reads: 0, writes: 1 },
    ]);
    assert.deepEqual(regions, [
      { slba: 0, blocks: 1, reads: 2, writes: 0, others: 0 },
      { slba: 50, blocks: 1, reads: 0, writes: 1, others: 0 },
    ]);
  });

  it('comes coarse first, from all over the trace, and whole in the end', async () => {
    const minutes = Array.from({ length: 64 }, (_, index) => readAt(index * 60e9, 0));
    let time = 0;
    const made = await pictures(minutes, { ...whole, toNs: 64 * 60e9 }, () => (time += 300));
    assert.ok(made.length > 10);
    const first = made[1]!;
    assert.ok(first.share < 0.1 && first.reads[0]! > 0 && first.reads[5]! > 0);
    assert.deepEqual([made.at(-1)!.share, made.at(-1)!.commands], [1, 64]);
    assert.deepEqual(strided([0, 1, 2, 3]).sort(), [0, 1, 2, 3]);
  });
});

describe('the table of commands', () => {
  const file = temporaryFolders();

  it('reads pages over block borders, and finds a time', async () => {
    const path = file('a.nvtrace');
    await writeTrace(path, [
      ...Array.from({ length: 10 }, (_, index) => readAt(index * 20e9, 2 ** 33 + index)),
      emptyTrim(300e9, [7, 8]),
    ]);
    const reader = await TraceReader.open(path);
    const rows = await tableRows(reader, 2, 3);
    assert.deepEqual(
      rows.map(({ index, place, blocks, name, status }) => [index, place, blocks, name, status]),
      [2, 3, 4].map((index) => [index, String(2 ** 33 + index), '8', 'Read', 'Successful Completion (0h/00h)']),
    );
    assert.deepEqual(
      (await tableRows(reader, 10, 5)).map(({ place, blocks }) => [place, blocks]),
      [['0 (+1)', '7 (+1)']],
    );
    assert.deepEqual(await tableRows(reader, 11, 5), []);
    assert.deepEqual([await indexAt(reader, 0), await indexAt(reader, 70e9), await indexAt(reader, 1e15)], [0, 4, 10]);
    await reader.close();
  });
});

describe('zooming and moving', () => {
  const all = { fromNs: 0, toNs: 1000, fromLba: 0, toLba: 1000 };

  it('stays inside the trace, and never nearer than one can see', () => {
    assert.deepEqual(zoomed(all, all, 2), all);
    assert.deepEqual(zoomed(all, all, 0.5), { fromNs: 250, toNs: 750, fromLba: 250, toLba: 750 });
    assert.deepEqual(moved({ fromNs: 0, toNs: 500, fromLba: 500, toLba: 1000 }, all, -0.2, 0.2), {
      fromNs: 0,
      toNs: 500,
      fromLba: 500,
      toLba: 1000,
    });
    const near = zoomed(all, all, 1e-9);
    assert.deepEqual([near.toNs - near.fromNs, near.toLba - near.fromLba], [100, 8]);
    assert.deepEqual(part(all, all, { x: 0.9, y: 0.1 }, { x: 0.5, y: 0.2 }), {
      fromNs: 500,
      toNs: 900,
      fromLba: 100,
      toLba: 200,
    });
  });

  it('marks axes at round numbers', () => {
    assert.deepEqual(ticks(0, 100, 5), [0, 20, 40, 60, 80, 100]);
    assert.deepEqual(ticks(3, 3, 5), []);
  });
});
