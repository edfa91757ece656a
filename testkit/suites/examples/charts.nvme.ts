import { test as base, Controller, type IoWorkerResult, type Namespace } from '@doorbell/testkit';

// The gallery of every SSD review, as outputs of tests. See the charts in VS Code, or in one file:
//   doorbell run charts.nvme.ts --reporter html --output report.html

/** The drive of the run; where that is the emulated SSD, one with flash behind it: the `tlc` profile. */
const test = base.extend<{ drive: Namespace }>({
  drive: async ({ nvme0, nvme0n1 }, use) => {
    if (!nvme0.address.startsWith('emulated')) return use(nvme0n1);
    await using flash = await Controller.open('emulated:?profile=tlc&size=256M&name=gallery');
    await use(flash.namespace(1));
  },
});

const intervalMs = 100;

/** Seconds and 10^6 bytes a second, or thousands of commands a second, of every full interval. */
function overTime({ series }: IoWorkerResult, of: 'MB/s' | 'kIOPS'): [number, number][] {
  const values = of === 'MB/s' ? series.bytes.map((bytes) => bytes / 1e6) : series.ios.map((ios) => ios / 1e3);
  const seconds = series.intervalMs / 1000;
  return values.slice(0, series.fullIntervals).map((value, index) => [(index + 1) * seconds, value / seconds]);
}

/** Of a namespace that may be large: a part that one pass covers within seconds. */
function regionOf({ nsze, lbaBytes }: Namespace, bytes: number): bigint {
  const wanted = BigInt(Math.floor(bytes / lbaBytes));
  return wanted < nsze ? wanted : nsze;
}

test('sequential write, first and third pass', async ({ drive, report, log }) => {
  const regionEnd = regionOf(drive, 128 * 2 ** 20);
  const series = [];
  for (const name of ['first pass', 'second pass', 'third pass']) {
    const result = await drive
      .ioworker({ ioSize: 256, lbaRandom: false, readPercentage: 0, qdepth: 8, regionEnd, seriesIntervalMs: 10 })
      .run();
    log(`${name}: ${result.mbPerS.toFixed(0)} MB/s`);
    const points = overTime(result, 'MB/s');
    if (name !== 'second pass')
      series.push({ name, points: points.length > 0 ? points : [[0, result.mbPerS] as const] });
  }
  report.chart({ title: '128 KiB sequential write', x: { label: 'time (s)' }, y: { label: 'MB/s' }, series });
});

test('4 KiB random write over time', async ({ drive, report }) => {
  const regionEnd = regionOf(drive, 64 * 2 ** 20);
  const result = await drive
    .ioworker({ ioSize: 8, readPercentage: 0, qdepth: 32, timeS: 2, regionEnd, seriesIntervalMs: intervalMs })
    .run();
  const series = [{ name: 'random write', points: overTime(result, 'kIOPS') }];
  report.chart({ title: '4 KiB random write', x: { label: 'time (s)' }, y: { label: 'thousand IOPS' }, series });
});

test('latency against IOPS', async ({ drive, report }) => {
  const regionEnd = regionOf(drive, 16 * 2 ** 20);
  // Blocks never written are read without a media access.
  await drive.ioworker({ ioSize: 256, lbaRandom: false, readPercentage: 0, regionEnd }).run();
  const rates = [500, 1000, 2000, 4000, 8000];
  const results: IoWorkerResult[] = [];
  for (const iops of rates) results.push(await drive.ioworker({ iops, timeS: 0.3, qdepth: 64, regionEnd }).run());
  const line = (name: string, of: (result: IoWorkerResult) => number) => ({
    name,
    points: results.map((result, index) => [rates[index] ?? 0, Math.max(of(result), 0.001)] as const),
  });
  report.chart({
    title: '4 KiB random read: latency from the due time against the rate asked for',
    x: { label: 'IOPS', logarithmic: true },
    y: { label: 'latency (us)', logarithmic: true },
    series: [
      line('average', ({ latencyFromDue }) => latencyFromDue?.all.avgUs ?? 0),
      line('99 %', ({ latencyFromDue }) => latencyFromDue?.all.percentile(99) ?? 0),
      line('99.9 %', ({ latencyFromDue }) => latencyFromDue?.all.percentile(99.9) ?? 0),
    ],
  });
});
