import { test } from '@doorbell/testkit';

test('never seen', async ({ nvme0 }) => {
  await nvme0.identify(;
});
