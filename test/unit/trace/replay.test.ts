import assert from 'node:assert/strict';
import { RecordedTimes } from '../../../testkit/trace/replay/recordedTimes.ts';
import { type ReplayTarget, RowPlanner } from '../../../testkit/trace/replay/rowPlan.ts';
import { emptyRow, type TraceRow } from '../../../testkit/trace/traceCommand.ts';
import { emptyTrim, readAt } from './support.ts';

const target: ReplayTarget = { lbaBytes: 512, start: 0, end: 1000, mostBlocks: 256 };
const same = { lbaBytes: 512, lbaEnd: 1000, scale: true, readOnly: false };
const planner = (to: Partial<ReplayTarget> = {}, options: Partial<typeof same> = {}): RowPlanner =>
  new RowPlanner({ ...target, ...to }, { ...same, ...options });
const write = (slba: number, length: number, change: Partial<TraceRow> = {}): TraceRow => ({
  ...readAt(0, slba),
  ...{ opcode: 1, length },
  ...change,
});

describe('what a replay sends', () => {
  it('is the command itself where it fits, FUA kept', () => {
    assert.deepEqual(planner().plan(write(10, 8, { control: 0x4000 })), [{ slba: 10, blocks: 8, fua: true }]);
    assert.deepEqual(planner().plan({ ...emptyRow(), queue: 1 }), [{ slba: 0, blocks: 1, fua: false }]);
  });

  it('stays inside the region when LBAs are scaled, the last block included', () => {
    const scaled = planner({ start: 100, end: 200 }, { lbaEnd: 1000 });
    for (let slba = 0; slba <= 992; slba += 1) {
      for (const { slba: to, blocks } of scaled.plan(write(slba, 8)))
        assert.ok(to >= 100 && to + blocks <= 200, `${slba} -> ${to}`);
    }
    assert.deepEqual(scaled.plan(write(500, 8)), [{ slba: 150, blocks: 8, fua: false }]);
    assert.deepEqual(scaled.left, {});
  });

  it('leaves out what is beyond the region otherwise, and says so', () => {
    const strict = planner({ start: 100, end: 200 }, { scale: false });
    assert.deepEqual(strict.plan(write(92, 8)), [{ slba: 192, blocks: 8, fua: false }]);
    assert.deepEqual(strict.plan(write(93, 8)), []);
    assert.deepEqual(strict.left, { 'beyond the region': 1 });
  });

  it('divides what is larger than the drive takes, but no range of a deallocation', () => {
    const planned = planner();
    assert.deepEqual(
      planned.plan(write(0, 600)).map(({ slba, blocks }) => [slba, blocks]),
      [
        [0, 256],
        [256, 256],
        [512, 88],
      ],
    );
    assert.deepEqual(
      planned.plan(emptyTrim(0, [900, 5])).map(({ slba, blocks }) => [slba, blocks]),
      [
        [0, 900],
        [1, 5],
      ],
    );
    assert.deepEqual(planned.changed, {
      'larger than the drive takes: divided': 1,
      'Dataset Management of several ranges: a command for each': 1,
    });
  });

  it('converts between sizes of logical blocks', () => {
    const large = planner({ lbaBytes: 4096, end: 125 });
    assert.deepEqual(large.plan(write(16, 8)), [{ slba: 2, blocks: 1, fua: false }]);
    assert.deepEqual(large.plan(write(17, 2)), [{ slba: 2, blocks: 1, fua: false }]);
    assert.deepEqual(large.changed, { 'rounded to the logical blocks of the drive': 1 });
    assert.deepEqual(planner({}, { lbaBytes: 4096, lbaEnd: 125 }).plan(write(2, 1)), [
      { slba: 16, blocks: 8, fua: false },
    ]);
  });

  it('leaves out what it may not or cannot send, by reason', () => {
    const reader = planner({}, { readOnly: true });
    assert.equal(reader.plan(readAt(0, 0)).length, 1);
    for (const row of [write(0, 8), emptyTrim(0, [8])]) assert.deepEqual(reader.plan(row), []);
    const all = planner();
    for (const change of [{ queue: 0 }, { opcode: 5 }, { opcode: 0x19 }, { status: 0x4080, flags: 1 }])
      assert.deepEqual(all.plan(write(0, 8, change)), []);
    assert.deepEqual(reader.left, { 'not a read': 2 });
    assert.deepEqual(all.left, {
      'admin command': 1,
      'the trace has not all that this command needs': 2,
      'failed when it was recorded': 1,
    });
  });
});

describe('recorded latencies', () => {
  it('are counted within 1 %, from nanoseconds to hours', () => {
    const times = new RecordedTimes();
    assert.equal(times.times(), undefined);
    for (let index = 1; index <= 1000; index += 1) times.add(index * 1000);
    const { count, avgUs, maxUs, percentilesUs } = times.times()!;
    assert.deepEqual([count, avgUs, maxUs], [1000, 500.5, 1000]);
    for (const [percent, expected] of [
      [50, 500],
      [90, 900],
      [99, 990],
    ] as const) {
      assert.ok(Math.abs(percentilesUs[percent]! / expected - 1) < 0.01, `${percent}: ${percentilesUs[percent]}`);
    }
    times.add(3600e9 * 5);
    assert.equal(times.times()!.maxUs, 18e9);
  });
});
