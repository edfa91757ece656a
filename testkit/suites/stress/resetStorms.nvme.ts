import { type Controller, expect, test } from '@doorbell/testkit';
import { expectCounts, powerCounts } from './counts.ts';
import { VerifiedLoad } from './verifiedLoad.ts';

const storms = 10;

const resets: Readonly<Record<string, (nvme0: Controller) => Promise<void>>> = {
  'controller reset': (nvme0) => nvme0.disable(),
  'function level reset': (nvme0) => nvme0.resetBy('flr'),
  'hot reset': (nvme0) => nvme0.resetBy('hot'),
  'NVM subsystem reset': (nvme0) => nvme0.subsystem.nssr(),
};

// A reset ends what is outstanding, and loses no data that was written: power stays.
test.each(Object.keys(resets))(
  '%s under mixed load',
  { tags: ['destructive', 'slow'], timeoutMs: 300_000 },
  async ({ nvme0, nvme0n1, verify, progress }, kind) => {
    const load = new VerifiedLoad(nvme0n1, verify, { writeCache: true });
    await load.prepare(nvme0);
    const before = await powerCounts(nvme0);
    for (let storm = 1; storm <= storms; storm += 1) {
      const workers = load.start();
      await load.underWay(workers);
      await resets[kind]?.(nvme0);
      expect(await load.ends(workers)).toEqual(['reset', 'reset']);
      await nvme0.reset();
      await load.settle(nvme0);
      await load.check();
      progress(kind, storm, storms);
    }
    await expectCounts(nvme0, before, { cycles: 0 });
    expect(load.durableWrites).toBeGreaterThan(0);
  },
);
