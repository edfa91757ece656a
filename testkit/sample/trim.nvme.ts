import { DmaBuffer, expect, test } from '@doorbell/testkit';

test('a trimmed block reads as zeros', async ({ nvme0, nvme0n1, qpair, buf, skip }) => {
  const { oncs } = await nvme0.identify();
  if (!oncs.datasetManagement) skip('no Dataset Management command');
  const slba = 64;
  buf.write('soon forgotten', 0);
  await nvme0n1.write(qpair, buf, { slba });

  const ranges = new DmaBuffer(4096);
  ranges.setDsmRange(0, slba, 1);
  await nvme0n1.dsm(qpair, ranges, { ranges: 1, deallocate: true });

  await nvme0n1.read(qpair, buf, { slba });
  expect(buf.toString('ascii', 0, 14)).toBe('\0'.repeat(14));
});
