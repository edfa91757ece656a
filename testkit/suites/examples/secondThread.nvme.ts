import { expect, test, thread } from '@doorbell/testkit';

test('ioworker, SMART temperature and trim from a second thread, on one controller', async ({
  nvme0,
  nvme0n1,
  log,
}) => {
  const half = nvme0n1.nsze / 2n;
  await using worker = nvme0n1.ioworker({ ioSize: 8, readPercentage: 50, timeS: 1, regionEnd: half });
  const data = { slba: Number(half), blockCount: 64 };
  await using trimming = thread(new URL('./trim.worker.ts', import.meta.url), { controller: nvme0, data });

  const temperatures: number[] = [];
  for (let at = 0; at < 10; at += 1) {
    temperatures.push((await nvme0.smart()).temperatureCelsius);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { ios, end } = await worker.run();
  const trimmed = await trimming.stop();
  log(
    `${ios} commands, ${trimmed} trims, ${Math.min(...temperatures)} to ${Math.max(...temperatures)} degrees Celsius`,
  );
  expect(end).toBe('completed');
  expect(trimmed).toBeGreaterThan(0);
  for (const temperature of temperatures) expect(temperature).toBeLessThan(100);
});
