import { expect, test } from '@doorbell/testkit';

// The JEDEC enterprise endurance workload (JESD219), its writes: sizes by weight, and addresses of which 5 % get half of the accesses.

/** Blocks of 512 bytes, and how often of 100. */
const ioSize = { 1: 4, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1, 8: 67, 16: 10, 32: 7, 64: 3, 128: 3 };
/** Commands of 4 KiB and more begin at a multiple of 4 KiB, smaller ones anywhere. */
const lbaAlign = Object.fromEntries(Object.keys(ioSize).map((blocks) => [blocks, Number(blocks) < 8 ? 1 : 8]));
/** Hundredths of the namespace in order, and how many of 10,000 accesses each gets. */
const distribution = [...Array<number>(5).fill(1000), ...Array<number>(15).fill(200), ...Array<number>(80).fill(25)];

test('JEDEC enterprise workload, write only', async ({ nvme0, nvme0n1, log, skip }) => {
  if (nvme0n1.lbaBytes !== 512 || nvme0n1.metadataBytes !== 0) skip('its sizes are in blocks of 512 bytes');
  const { dataUnitsWritten: before } = await nvme0.smart();
  const outputCmdlog = 2048;
  const result = await nvme0n1
    .ioworker({ ioSize, lbaAlign, distribution, readPercentage: 0, qdepth: 127, ioCount: 20_000, outputCmdlog })
    .run();
  expect(result.end).toBe('completed');
  expect(result.writes).toBe(20_000);

  const sent = (result.cmdlog ?? []).map(({ sqe }) => ({ slba: sqe.cdw10, blocks: (sqe.cdw12 & 0xffff) + 1 }));
  expect(sent.length).toBe(outputCmdlog);
  const hot = sent.filter(({ slba }) => slba < Number(nvme0n1.nsze) / 20).length / sent.length;
  const typical = sent.filter(({ blocks }) => blocks === 8).length / sent.length;
  log(
    `${Math.round(hot * 100)} % of the writes in the first 5 % of the namespace, ${Math.round(typical * 100)} % of 4 KiB`,
  );
  expect(Math.abs(hot - 0.5)).toBeLessThan(0.06);
  expect(Math.abs(typical - 0.67)).toBeLessThan(0.06);
  expect((await nvme0.smart()).dataUnitsWritten).toBeGreaterThan(before);
});
