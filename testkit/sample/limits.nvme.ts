import { expect, test } from '@doorbell/testkit';

test.describe('the end of the namespace', () => {
  test('the last block can be written', async ({ nvme0n1, qpair, buf }) => {
    await nvme0n1.write(qpair, buf, { slba: nvme0n1.nsze - 1n });
  });

  test('the block after it cannot', { spec: 'NVM Command Set 1.0, Read command' }, async ({ nvme0n1, qpair, buf }) => {
    const slba = nvme0n1.nsze;
    await expect(nvme0n1.read(qpair, buf, { slba })).toRejectWithStatus('LBA Out of Range');
    await expect(nvme0n1.write(qpair, buf, { slba })).toRejectWithStatus(0x0, 0x80);
  });
});

test.each([1, 2, 8])('%d blocks in one command', async ({ nvme0n1, qpair, buf }, blockCount) => {
  const slba = 100;
  buf.fill('ones');
  await nvme0n1.write(qpair, buf, { slba, blockCount });
  buf.fill('zeros');
  await nvme0n1.read(qpair, buf, { slba, blockCount });
  expect(buf.u(3, 0)).toBe(0xffffffff);
});
