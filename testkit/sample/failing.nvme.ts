import { expect, test } from '@doorbell/testkit';

// These fail on purpose: see what a failure tells. `npm run demo` leaves them out.
test.describe('failing on purpose', { tags: ['demo-failure'] }, () => {
  test('a command the drive refuses', async ({ nvme0n1, qpair, buf }) => {
    await nvme0n1.write(qpair, buf, { slba: 0 });
    await nvme0n1.read(qpair, buf, { slba: nvme0n1.nsze });
  });

  test('data that is not what was expected', async ({ nvme0n1, qpair, buf }) => {
    buf.write('what the test wrote', 0);
    await nvme0n1.write(qpair, buf, { slba: 0 });
    await nvme0n1.read(qpair, buf, { slba: 0 });
    expect(buf.toString('ascii', 0, 19)).toBe('what the test hoped');
  });
});
