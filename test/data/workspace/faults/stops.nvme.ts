import { DmaBuffer, test } from '@doorbell/testkit';

test('stops on a breakpoint', async ({ nvme0n1, qpair }) => {
  const buffer = new DmaBuffer(512);
  const answer = 42;
  await nvme0n1.read(qpair, buffer, { slba: answer });
  await new Promise((resolve) => setTimeout(resolve, 50_000));
});

test('waits until it is cancelled', async () => {
  await new Promise((resolve) => setTimeout(resolve, 50_000));
});

test('ends at once', async () => undefined);
