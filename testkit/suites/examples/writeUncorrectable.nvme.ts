import { expect, test } from '@doorbell/testkit';

const spec = 'NVM Command Set 1.0, Write Uncorrectable command';

test('write uncorrectable around the end of the namespace', { spec }, async ({ nvme0, nvme0n1, qpair, buf, skip }) => {
  if (!(await nvme0.identify()).oncs.writeUncorrectable) skip('no Write Uncorrectable');
  const { nsze } = nvme0n1;
  await nvme0n1.writeUncorrectable(qpair, { slba: nsze - 1n });
  await expect(nvme0n1.read(qpair, buf, { slba: nsze - 1n })).toRejectWithStatus('Unrecovered Read Error');
  for (const slba of [nsze, nsze + 1n]) {
    await expect(nvme0n1.writeUncorrectable(qpair, { slba })).toRejectWithStatus('LBA Out of Range');
  }
  await expect(nvme0n1.writeUncorrectable(qpair, { slba: nsze - 1n, blockCount: 2 })).toRejectWithStatus(0x00, 0x80);

  // Writing the block makes it readable again.
  await nvme0n1.write(qpair, buf, { slba: nsze - 1n });
  await nvme0n1.read(qpair, buf, { slba: nsze - 1n });
});
