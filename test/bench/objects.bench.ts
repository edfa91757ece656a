// What an author's code costs on the emulated SSD: awaited commands one by one, a full queue of them, and an ioworker beside it.
import { Controller } from '../../testkit/objects/controller.ts';
import { DmaBuffer } from '../../testkit/objects/dmaBuffer.ts';
import type { Namespace } from '../../testkit/objects/namespace.ts';
import type { Qpair } from '../../testkit/objects/qpair.ts';
import type { Row } from './row.ts';

const seconds = 1;
const samples = 5;

interface Device {
  readonly nvme0n1: Namespace;
  readonly qpair: Qpair;
  readonly buf: DmaBuffer;
}

export async function bench(): Promise<Row[]> {
  await using nvme0 = await Controller.open('emulated');
  const device = {
    nvme0n1: nvme0.namespace(),
    qpair: await nvme0.createQpair({ depth: 65 }),
    buf: new DmaBuffer(4096),
  };
  return [
    { what: 'awaited 4 KiB reads, one by one', value: perSecond(await oneByOne(device)), goal: '200,000 /s' },
    { what: 'awaited 4 KiB reads, 64 at a time', value: perSecond(await promises(device)) },
    {
      what: '4 KiB reads, 64 for each await of waitdone',
      value: perSecond(await batches(device)),
      goal: '1,000,000 /s',
    },
    { what: 'callback 4 KiB reads, 32 outstanding', value: perSecond(await callbacks(device)) },
    { what: 'DmaBuffer.slice of 4 KiB', value: `${copies(device.buf).toFixed(2)} us` },
    { what: 'ioworker, 4 KiB random reads, qdepth 32', value: perSecond(await ioworker(device)), goal: '1,000,000 /s' },
  ];
}

async function oneByOne({ nvme0n1, qpair, buf }: Device): Promise<number> {
  return rate(async () => {
    await nvme0n1.read(qpair, buf, { slba: 0, blockCount: 8 });
    return 1;
  });
}

async function promises({ nvme0n1, qpair, buf }: Device): Promise<number> {
  return rate(async () => {
    await Promise.all(Array.from({ length: 64 }, (_, at) => nvme0n1.read(qpair, buf, { slba: at * 8, blockCount: 8 })));
    return 64;
  });
}

async function batches({ nvme0n1, qpair, buf }: Device): Promise<number> {
  const consumed = (): void => undefined;
  return rate(async () => {
    for (let at = 0; at < 64; at += 1) nvme0n1.read(qpair, buf, { slba: at * 8, blockCount: 8 }, consumed);
    await qpair.waitdone(64);
    return 64;
  });
}

async function callbacks({ nvme0n1, qpair, buf }: Device): Promise<number> {
  let sent = 0;
  const until = performance.now() + seconds * 1000;
  const next = (): void => {
    if (performance.now() > until) return;
    sent += 1;
    nvme0n1.read(qpair, buf, { slba: (sent % 1000) * 8, blockCount: 8 }, next);
  };
  for (let started = 0; started < 32; started += 1) next();
  while (qpair.outstanding > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  return sent / seconds;
}

function copies(buf: DmaBuffer): number {
  const count = 20_000;
  const start = performance.now();
  for (let index = 0; index < count; index += 1) buf.slice();
  return ((performance.now() - start) * 1000) / count;
}

async function ioworker({ nvme0n1 }: Device): Promise<number> {
  return (await nvme0n1.ioworker({ ioSize: 8, qdepth: 32, timeS: seconds }).run()).iops;
}

/** The best of several: neighbours on a shared machine only ever make it slower. */
async function rate(run: () => Promise<number>): Promise<number> {
  let best = 0;
  for (let sample = 0; sample < samples; sample += 1) {
    let done = 0;
    const start = performance.now();
    while (performance.now() - start < (seconds * 1000) / samples) done += await run();
    best = Math.max(best, (done * 1000) / (performance.now() - start));
  }
  return best;
}

const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en-US')} /s`;
