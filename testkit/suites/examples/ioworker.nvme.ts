import { expect, test } from '@doorbell/testkit';

test('ioworker simplified: what is left out has a default', async ({ nvme0n1, log }) => {
  const result = await nvme0n1.ioworker({ timeS: 0.5 }).run();
  log(`${Math.round(result.iops)} IOPS, ${Math.round(result.mbPerS)} MB/s, CPU ${Math.round(result.cpuPercent)} %`);
  expect(result.end).toBe('completed');
  expect(result.reads).toBe(result.ios);
});

test('IOPS against queue count', async ({ nvme0n1, log, progress }) => {
  const counts = [1, 2, 4];
  for (const [index, queues] of counts.entries()) {
    const workers = Array.from({ length: queues }, () => nvme0n1.ioworker({ ioSize: 8, qdepth: 16, timeS: 0.3 }));
    const results = await Promise.all(workers.map((worker) => worker.run()));
    const iops = results.reduce((sum, result) => sum + result.iops, 0);
    log(`${queues} queues: ${Math.round(iops / 1000)} K IOPS`);
    expect(new Set(results.map(({ qid }) => qid)).size).toBe(queues);
    for (const result of results) expect(result.ios).toBeGreaterThan(0);
    progress('queues', index + 1, counts.length);
  }
});

test('latency against IOPS', async ({ nvme0n1, log }) => {
  for (const iops of [1000, 5000, 20_000]) {
    const result = await nvme0n1.ioworker({ ioSize: 8, iops, timeS: 0.5, qdepth: 32 }).run();
    const { avgUs, maxUs } = result.latency.all;
    log(`${iops} IOPS: average ${avgUs.toFixed(1)} us, longest ${maxUs.toFixed(0)} us`);
    // The pace is a limit: a busy machine may fall behind it, never run ahead.
    expect(result.iops).toBeLessThan(iops * 1.02 + 10);
    expect(result.ios).toBeGreaterThan(0);
  }
});

test('percentiles, and a series while it runs', async ({ nvme0n1, log }) => {
  const percentiles = [50, 90, 99, 99.9];
  await using worker = nvme0n1.ioworker({
    ioSize: 8,
    readPercentage: 70,
    timeS: 1,
    outputPercentileLatency: percentiles,
  });
  const series: number[] = [];
  let before = 0;
  const timer = setInterval(() => {
    const ios = Number(worker.counters()?.ios ?? 0n);
    series.push(ios - before);
    before = ios;
  }, 250);
  const { latency, ios } = await worker.run();
  clearInterval(timer);
  log(`commands each 250 ms: ${series.join(', ')}`);
  const found = percentiles.map((percent) => latency.all.percentilesUs.get(percent) ?? Number.NaN);
  log(`percentiles: ${percentiles.map((percent, index) => `${percent} % ${found[index]} us`).join(', ')}`);
  expect(found).toEqual([...found].sort((a, b) => a - b));
  expect(latency.all.maxUs).toBeGreaterThanOrEqual(found.at(-1) ?? 0);
  expect(series.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(ios);
});
