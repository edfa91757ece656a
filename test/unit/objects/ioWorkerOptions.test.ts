import assert from 'node:assert/strict';
import type { IoWorkerOptions } from '../../../testkit/objects/ioworker/ioWorkerOptions.ts';
import { ioWorkerOutputs } from '../../../testkit/objects/ioworker/ioWorkerOutputs.ts';
import { ioWorkerSpec } from '../../../testkit/objects/ioworker/ioWorkerSpec.ts';

const place = { nsid: 1, lbaBytes: 512, nsze: 1000n, mqes: 63, commandTimeoutMs: 9, nextSeed: () => 77n };
const specOf = (options: IoWorkerOptions) => ioWorkerSpec({ timeS: 1, ...options }, place);

describe('the options of an ioworker', () => {
  it('have defaults that fit the controller', () => {
    const spec = ioWorkerSpec({ timeS: 1.5 }, place);
    assert.deepEqual(spec.sizes, [{ blocks: 8, weight: 1, align: 0 }]);
    assert.deepEqual(spec.ops, [
      { opcode: 2, weight: 100 },
      { opcode: 1, weight: 0 },
    ]);
    assert.deepEqual([spec.qdepth, spec.randomPercent, spec.regionStart, spec.regionEnd], [63, 100, 0n, 1000n]);
    assert.deepEqual([spec.timeMs, spec.ioCount, spec.iops, spec.seed, spec.commandTimeoutMs], [1500, 0n, 0, 77n, 9]);
    assert.deepEqual([spec.priority, spec.fuaPercent, spec.continueOnError, spec.intervalMs], [2, 0, false, 1000]);
    assert.deepEqual(spec.data, { kind: 'random', dword: 0, compressiblePercent: 0, seed: 77n });
  });

  it('take sizes as a number, a list, a range or by weight', () => {
    const sizes = (ioSize: IoWorkerOptions['ioSize']) =>
      specOf({ ioSize: ioSize ?? 8 }).sizes.map(({ blocks, weight }) => [blocks, weight]);
    assert.deepEqual(sizes(16), [[16, 1]]);
    assert.deepEqual(sizes([8, 1, 8]), [
      [8, 2],
      [1, 1],
    ]);
    assert.deepEqual(sizes({ from: 2, to: 8, step: 3 }), [
      [2, 1],
      [5, 1],
      [8, 1],
    ]);
    assert.deepEqual(sizes({ 1: 4, 8: 67 }), [
      [1, 4],
      [8, 67],
    ]);
  });

  it('take an alignment for all sizes or by size', () => {
    const aligns = (lbaAlign: number | Record<number, number>) =>
      specOf({ ioSize: [1, 8], lbaAlign }).sizes.map(({ align }) => align);
    assert.deepEqual(aligns(4), [4, 4]);
    assert.deepEqual(aligns({ 8: 8 }), [0, 8]);
    assert.throws(() => aligns({ 16: 8 }), /lbaAlign names 16 blocks, which is no ioSize/);
  });

  it('take opcodes by name and number, with shares that sum up to 100', () => {
    assert.deepEqual(specOf({ opPercentage: { read: 60, datasetManagement: 30, 129: 10 } }).ops, [
      { opcode: 0x81, weight: 10 },
      { opcode: 0x02, weight: 60 },
      { opcode: 0x09, weight: 30 },
    ]);
    assert.throws(() => specOf({ opPercentage: { read: 60 } }), /must sum up to 100, not 60/);
    assert.throws(() => specOf({ opPercentage: { read: 100 }, readPercentage: 5 }), /not both/);
    assert.throws(() => specOf({ opPercentage: { copy: 100 } }), /Copy \(19h\) needs a list of source ranges/);
    assert.throws(() => specOf({ opPercentage: { 256: 100 } }), /0 to 255, not 256/);
    assert.throws(() => specOf({ opPercentage: { raed: 100 } as object }), /an opcode/);
  });

  it('go on sequentially where a start or a step is given', () => {
    assert.equal(specOf({ lbaStep: -8 }).randomPercent, 0);
    assert.equal(specOf({ lbaStep: -8 }).lbaStep, -8n);
    assert.equal(specOf({ lbaStart: 5 }).lbaStart, 5n);
    assert.equal(specOf({ lbaRandom: 30 }).randomPercent, 30);
    assert.throws(() => specOf({ lbaStep: 8, lbaRandom: true }), /lbaRandom is 100 %/);
    assert.throws(() => specOf({ lbaStart: 1000 }), /lbaStart 1000 is outside the region 0..1,000/);
    assert.throws(() => specOf({ lbaStep: 1.5 }), /lbaStep must be an integer of -2\^63/);
    assert.throws(() => ioWorkerSpec({ lbaStep: 0 }, place), /lbaStep 0 needs an end/);
    assert.throws(() => ioWorkerSpec({}, place), /random ioworker needs an end/);
    assert.equal(ioWorkerSpec({ lbaRandom: false }, place).ioCount, 0n);
  });

  it('take a distribution of 100 integers with the sum 10,000', () => {
    const even = Array<number>(100).fill(100);
    assert.deepEqual(specOf({ distribution: even }).distribution, even);
    assert.throws(() => specOf({ distribution: [10_000] }), /has 100 integers, not 1/);
    assert.throws(() => specOf({ distribution: even.with(3, 99) }), /sum up to 10,000, not 9,999/);
    assert.throws(() => specOf({ distribution: even, lbaRandom: false }), /lbaRandom is 0 %/);
  });

  it('take every pattern of a buffer', () => {
    const kind = (pattern: IoWorkerOptions['pattern']) => specOf({ pattern: pattern ?? 'zeros' }).data;
    assert.deepEqual([kind('zeros').kind, kind('zeros').dword], ['dword', 0]);
    assert.equal(kind('ones').dword, 0xffff_ffff);
    assert.equal(kind(0xabcd).dword, 0xabcd);
    assert.equal(kind('incrementing').kind, 'incrementing');
    assert.deepEqual(
      [kind({ random: 40, seed: 3n }).compressiblePercent, kind({ random: 40, seed: 3n }).seed],
      [40, 3n],
    );
    assert.throws(() => kind({ random: 101 }), RangeError);
    assert.throws(() => kind('zeroes' as 'zeros'), TypeError);
  });

  it('take a recording, in order of time, and nothing beside it', () => {
    const { sequence } = ioWorkerSpec(
      {
        ioSequence: [[0, 'write', 8, 8], { atUs: 1.5, op: 0x02, slba: 2n ** 40n, blockCount: 1 }],
      },
      place,
    );
    assert.deepEqual(sequence?.opcodes, [1, 2]);
    assert.deepEqual([...(sequence?.dueNs ?? [])], [0n, 1500n]);
    assert.deepEqual([...(sequence?.slba ?? [])], [8n, 2n ** 40n]);
    assert.deepEqual([...(sequence?.blocks ?? [])], [8, 1]);
    assert.deepEqual([...(sequence?.ops ?? [])], [0, 1]);
    const late: IoWorkerOptions['ioSequence'] = [
      [5, 'read', 0, 1],
      [4, 'read', 0, 1],
    ];
    assert.throws(() => ioWorkerSpec({ ioSequence: late }, place), /ioSequence\[1\] is due before/);
    assert.throws(() => ioWorkerSpec({ ioSequence: [] }, place), /no step/);
    assert.throws(() => ioWorkerSpec({ ioSequence: [[0, 'read', 0, 0]] }, place), /ioSequence\[0\]\.blockCount/);
    assert.throws(
      () => ioWorkerSpec({ ioSequence: [[0, 'read', 0, 1]], iops: 5 }, place),
      /iops cannot be given with it/,
    );
  });

  it('must fit', () => {
    for (const bad of [{ qdepth: 64 }, { timeS: -1 }, { timeS: 1e-9 }, { seriesIntervalMs: 1 }, { cpu: -1 }]) {
      assert.throws(() => specOf(bad), RangeError, JSON.stringify(bad));
    }
    assert.throws(() => specOf({ qprio: 'highest' as 'high' }), /qprio must be 'urgent'/);
    assert.throws(() => specOf({ onError: 'ignore' as 'stop' }), /onError must be 'stop' or 'continue'/);
    assert.throws(() => specOf({ regionStart: 990, regionEnd: 996 }), /no room for ioSize 8/);
    assert.throws(() => specOf({ ioSize: { from: 8, to: 4 } }), /ioSize\.to/);
  });

  it('say what is put out', () => {
    assert.deepEqual(ioWorkerOutputs({}), { percentiles: [50, 90, 99, 99.9, 99.99], ioPerSecond: false, cmdlog: 0 });
    assert.throws(() => ioWorkerOutputs({ outputPercentileLatency: [101] }), RangeError);
    assert.throws(() => ioWorkerOutputs({ outputCmdlog: 2049 }), RangeError);
    assert.throws(() => ioWorkerOutputs({ outputIoPerSecond: true, seriesIntervalMs: 300 }), /divides 1,000/);
  });
});
