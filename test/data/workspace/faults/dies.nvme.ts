import { DmaBuffer, test } from '@doorbell/testkit';

test('dies with commands in its logs', async ({ nvme0, nvme0n1 }) => {
  const buffer = new DmaBuffer(512);
  const qpair = await nvme0.createQpair({ depth: 8 });
  for (let slba = 0; slba < 3; slba += 1) await nvme0n1.read(qpair, buffer, { slba });
  process.kill(process.pid, 'SIGKILL');
});
