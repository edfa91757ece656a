import { expect, test } from '@doorbell/testkit';
import { expectCounts, powerCounts } from './counts.ts';
import { VerifiedLoad } from './verifiedLoad.ts';

const cycles = 10;

// Power goes under a mixed load, again and again. Every durable write must be there afterwards, every other one old or new.
test.each([{ cache: 'off', writeCache: false }])(
  'dirty cycles under mixed load, write cache $cache',
  { tags: ['power', 'destructive', 'slow'], timeoutMs: 300_000 },
  async ({ nvme0, nvme0n1, subsystem, verify, progress, skip }, { writeCache }) => {
    const { midIo, name, why } = subsystem.power.describe();
    if (!midIo) skip(`power cannot go in the middle of I/O, ${name}: ${why}`);
    const load = new VerifiedLoad(nvme0n1, verify, { writeCache });
    await load.prepare(nvme0);
    const before = await powerCounts(nvme0);
    for (let cycle = 1; cycle <= cycles; cycle += 1) {
      const workers = load.start();
      await load.underWay(workers);
      await subsystem.powerOff();
      expect(await load.ends(workers)).toEqual(['power-lost', 'power-lost']);
      await subsystem.powerOn();
      await nvme0.reset();
      await load.settle(nvme0);
      await load.check();
      await expectCounts(nvme0, before, { cycles: cycle });
      progress('power cycles', cycle, cycles);
    }
    expect(load.durableWrites).toBeGreaterThan(0);
  },
);

test('clean cycles under mixed load lose nothing and are not unsafe', {
  tags: ['power', 'destructive', 'slow'],
  timeoutMs: 300_000,
}, async ({ nvme0, nvme0n1, subsystem, verify }) => {
  const load = new VerifiedLoad(nvme0n1, verify, { writeCache: true });
  await load.prepare(nvme0);
  const before = await powerCounts(nvme0);
  for (let cycle = 1; cycle <= 3; cycle += 1) {
    const workers = load.start();
    await load.underWay(workers);
    for (const worker of workers) worker.stop();
    expect(await load.ends(workers)).toEqual(['stopped', 'stopped']);
    await subsystem.shutdown();
    await subsystem.powerCycle();
    await load.settle(nvme0);
    await load.check();
    await expectCounts(nvme0, before, { cycles: cycle, unsafe: 0 });
  }
});
