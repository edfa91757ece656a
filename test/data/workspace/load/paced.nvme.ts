import { test } from '@doorbell/testkit';

// Long enough to look at from every side; whoever runs it cancels it.
test('reads at 2,000 IOPS for a minute', { timeoutMs: 90_000 }, async ({ nvme0n1 }) => {
  await nvme0n1.ioworker({ ioSize: 8, iops: 2000, timeS: 60, qdepth: 16 }).run();
});
