import { test as base, DmaBuffer, expect, type Namespace, type Qpair } from '@doorbell/testkit';
import { type Fresh, freshSsd } from './freshSsd.ts';

const test = base.extend<Fresh>(freshSsd('dsm'));
const clause = 'NVM Command Set 1.0, Dataset Management command';
const errorRecovery = 0x05;
const dulbe = 1 << 16;

type Range = readonly [slba: number | bigint, blocks: number];

function rangesOf(ranges: readonly Range[]): DmaBuffer {
  const buffer = new DmaBuffer(4096);
  ranges.forEach(([slba, blocks], index) => {
    buffer.setDsmRange(index, slba, blocks);
  });
  return buffer;
}
const deallocate = (ns: Namespace, q: Qpair, ranges: readonly Range[]) =>
  ns.dsm(q, rangesOf(ranges), { ranges: ranges.length, deallocate: true });

/** Which of the first `count` blocks hold zeros. */
async function zeros(ns: Namespace, q: Qpair, count: number): Promise<number[]> {
  const buffer = new DmaBuffer(count * 512);
  await ns.read(q, buffer, { slba: 0, blockCount: count });
  const blocks = Array.from({ length: count }, (_, lba) => lba);
  return blocks.filter((lba) => buffer.slice(lba * 512, (lba + 1) * 512).every((byte) => byte === 0));
}
const written = async (ns: Namespace, q: Qpair, blockCount: number) => {
  await ns.write(q, new DmaBuffer(blockCount * 512, { pattern: 'ones' }), { slba: 0, blockCount });
};

test('deallocates every range and nothing else; the blocks read as Identify says', { spec: clause }, async ({
  ns,
  q,
}) => {
  expect(ns.identifyData.dlfeat & 0b111).toBe(0b001);
  await written(ns, q, 40);
  await deallocate(ns, q, [
    [1, 2],
    [8, 8],
    [30, 1],
    [20, 0],
  ]);
  expect(await zeros(ns, q, 40)).toEqual([1, 2, 8, 9, 10, 11, 12, 13, 14, 15, 30]);
});

test('without AD it is a hint that changes nothing', { spec: clause }, async ({ ns, q }) => {
  await written(ns, q, 8);
  for (const hint of [{}, { integralRead: true }, { integralWrite: true }]) {
    await ns.dsm(q, rangesOf([[0, 8]]), { ranges: 1, ...hint });
  }
  expect(await zeros(ns, q, 8)).toEqual([]);
});

test('a range beyond the namespace fails the command', { spec: clause }, async ({ ns, q }) => {
  await written(ns, q, 8);
  for (const beyond of [
    [ns.nsze, 1],
    [ns.nsze - 1n, 2],
    [2n ** 63n, 1],
  ] as const) {
    await expect(deallocate(ns, q, [[0, 8], beyond])).toRejectWithStatus('LBA Out of Range');
  }
  expect(await zeros(ns, q, 8)).toEqual([]);
});

test('takes as many ranges as Identify says', {
  spec: 'NVM Command Set 1.0, Dataset Management Ranges Limit (DMRL)',
}, async ({ ssd, ns, q }) => {
  const limits = await ssd.identifyStructure({ cns: 0x06, csi: 0 });
  const most = limits.u(3);
  await written(ns, q, 512);
  const every2nd = (count: number): Range[] => Array.from({ length: count }, (_, i) => [i * 2, 1]);
  await deallocate(ns, q, every2nd(most));
  expect(await zeros(ns, q, 512)).toEqual(every2nd(most).map(([slba]) => Number(slba)));
  await expect(deallocate(ns, q, every2nd(most + 1))).toRejectWithStatus('Command Size Limit Exceeded');
  const blocks = limits.u(7, 4) + 1;
  await expect(deallocate(ns, q, [[0, blocks]])).toRejectWithStatus('Command Size Limit Exceeded');
});

test('deallocated blocks are an error where the host wants to know', {
  spec: 'NVM Command Set 1.0, Error Recovery (Feature Identifier 05h): DULBE',
}, async ({ ssd, ns, q, buf }) => {
  expect(ns.identifyData.nsfeat & (1 << 2)).toBe(1 << 2);
  await written(ns, q, 8);
  await deallocate(ns, q, [[2, 1]]);
  await ssd.setFeatures(errorRecovery, dulbe, { nsid: 1 });
  const range = { slba: 0, blockCount: 8 } as const;
  const status = 'Deallocated or Unwritten Logical Block';
  await expect(ns.read(q, buf, range)).toRejectWithStatus(status);
  expect((await ssd.errorLog(1))[0]?.lba).toBe(2n);
  await expect(ns.compare(q, buf, range)).toRejectWithStatus(status);
  await expect(ns.verify(q, range)).toRejectWithStatus(status);
  await expect(ns.read(q, buf, { slba: 100 })).toRejectWithStatus(status);
  await ns.writeZeroes(q, { slba: 2 });
  await ns.read(q, buf, range);
  await ns.writeZeroes(q, { slba: 2, deallocate: true });
  await expect(ns.read(q, buf, range)).toRejectWithStatus(status);
  await ssd.setFeatures(errorRecovery, 0, { nsid: 1 });
  await ns.read(q, buf, range);
});

test('deallocated blocks stay deallocated without power', { spec: clause, tags: ['power'] }, async ({ ssd, ns, q }) => {
  await written(ns, q, 8);
  await ns.flush(q);
  await deallocate(ns, q, [[0, 8]]);
  await ssd.subsystem.powerCycle();
  await ssd.reset();
  expect(await zeros(ns, await ssd.createQpair(), 8)).toHaveLength(8);
});
