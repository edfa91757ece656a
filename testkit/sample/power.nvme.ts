import { expect, test } from '@doorbell/testkit';

test.describe('power cycle', { tags: ['power'] }, () => {
  test('a sudden one is counted as unsafe', async ({ nvme0, subsystem }) => {
    const before = await nvme0.smart();
    await subsystem.powerCycle();
    await nvme0.reset();
    const after = await nvme0.smart();
    expect(after.powerCycles).toBe(before.powerCycles + 1n);
    expect(after.unsafeShutdowns).toBe(before.unsafeShutdowns + 1n);
  });

  test('an announced one is not', async ({ nvme0, subsystem }) => {
    const before = await nvme0.smart();
    await subsystem.shutdown();
    await subsystem.powerCycle();
    await nvme0.reset();
    const after = await nvme0.smart();
    expect(after.powerCycles).toBe(before.powerCycles + 1n);
    expect(after.unsafeShutdowns).toBe(before.unsafeShutdowns);
  });

  test('flushed data survives', async ({ nvme0, nvme0n1, qpair, buf, subsystem }) => {
    const slba = 1000;
    buf.write('durable', 0);
    await nvme0n1.write(qpair, buf, { slba });
    await nvme0n1.flush(qpair);
    await subsystem.powerCycle();
    await nvme0.reset();

    await using again = await nvme0.createQpair();
    buf.fill('zeros');
    await nvme0n1.read(again, buf, { slba });
    expect(buf.toString('ascii', 0, 7)).toBe('durable');
  });
});
