import { expect, test } from '@doorbell/testkit';

test.describe('ioworker', () => {
  // Slow enough to watch: open the Performance Gauge while it runs.
  test('paced: 4 KiB reads, 2,000 a second', { tags: ['slow'] }, async ({ nvme0n1, log }) => {
    const result = await nvme0n1.ioworker({ ioSize: 8, iops: 2000, timeS: 3, qdepth: 16 }).run();
    log(`${result.ios} commands in ${result.elapsedS.toFixed(2)} s`);
    expect(result.ios).toBeGreaterThan(5000);
    expect(result.ios).toBeLessThan(6500);
  });

  test('as fast as it goes, reads and writes', async ({ nvme0n1, log }) => {
    const result = await nvme0n1.ioworker({ ioSize: 8, readPercentage: 70, timeS: 1, qdepth: 32 }).run();
    const { all } = result.latency;
    log(`${Math.round(result.iops / 1000)} K/s, ${Math.round(result.mbPerS)} MB/s`);
    log(`latency: average ${all.avgUs.toFixed(1)} us, 99 % within ${all.percentilesUs.get(99)?.toFixed(1)} us`);
    expect(result.end).toBe('completed');
    expect(result.reads).toBeGreaterThan(result.writes);
  });
});
