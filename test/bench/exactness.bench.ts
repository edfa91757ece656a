// How exact the figures of ioworkers are on the real clock of this machine: pace, injected delays, consistency; and fio's beside them.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { Controller } from '../../testkit/objects/controller.ts';
import type { IoWorkerResult } from '../../testkit/objects/ioworker/ioWorkerResult.ts';
import type { Namespace } from '../../testkit/objects/namespace.ts';
import type { Row } from './row.ts';

const paceS = 5;
const consistencyS = 30;
const regionBytes = 64 * 2 ** 20;
const delaysMs = [10, 25, 100];

export async function bench(): Promise<Row[]> {
  await using nvme0 = await Controller.open('emulated:?name=exactness');
  const namespace = nvme0.namespace(1);
  const regionEnd = BigInt(regionBytes / namespace.lbaBytes);
  await namespace.ioworker({ ioSize: 256, lbaRandom: false, readPercentage: 0, regionEnd }).run();
  const rows: Row[] = [];
  for (const iops of [1234, 500_000]) rows.push(await pace(namespace, iops));
  for (const delayMs of delaysMs) rows.push(await delay(nvme0, namespace, delayMs));
  rows.push(await consistency(namespace, regionEnd));
  rows.push(fio());
  return rows;
}

async function pace(namespace: Namespace, iops: number): Promise<Row> {
  const options = { iops, timeS: paceS, qdepth: 64, outputIoPerSecond: true };
  const { ioPerSecond = [], maxLagUs, unsent } = await namespace.ioworker(options).run();
  const [least, most] = [Math.min(...ioPerSecond), Math.max(...ioPerSecond)];
  const stalls = `lag ${(maxLagUs / 1000).toFixed(1)} ms, unsent ${unsent}`;
  const goal = iops < 10_000 ? `${iops - 1}..${iops + 1}` : `+-${iops / 1000}`;
  return { what: `${iops} IOPS, each second (${stalls})`, value: `${least}..${most}`, goal };
}

/** The emulated SSD holds every command back by so long; the ioworker does not know. */
async function delay(nvme0: Controller, namespace: Namespace, delayMs: number): Promise<Row> {
  const fault = nvme0.faults.delay(delayMs, { queue: 'io', times: Number.POSITIVE_INFINITY });
  const { latency } = await namespace.ioworker({ qdepth: 1, ioCount: 20 }).run();
  fault.remove();
  const off = (latency.all.percentile(50) / 1000 / delayMs - 1) * 100;
  return { what: `median latency, ${delayMs} ms injected`, value: `${off.toFixed(2)} %`, goal: '1 %' };
}

async function consistency(namespace: Namespace, regionEnd: bigint): Promise<Row> {
  const options = { timeS: consistencyS, qdepth: 32, regionEnd, outputIoPerSecond: true };
  const result: IoWorkerResult = await namespace.ioworker(options).run();
  const slowest = result.iopsConsistency(99.9).toFixed(1);
  const what = `emulated SSD, 4 KiB random read, ${consistencyS} s (slowest second ${slowest} %)`;
  return { what, value: deviation(result.ioPerSecond ?? []) };
}

interface FioJob {
  readonly jobs: readonly { readonly read: { iops: number; iops_mean: number; iops_stddev: number } }[];
}

/** Another device: a file in memory, through the kernel. What it tells is how steady fio is on this machine. */
function fio(): Row {
  const what = `fio io_uring, a RAM file: a different device, ${consistencyS} s`;
  const file = path.join('/dev/shm', `doorbell-bench-${process.pid}`);
  const given = { rw: 'randread', bs: '4k', iodepth: '32', size: `${regionBytes}`, runtime: `${consistencyS}` };
  const args = Object.entries({
    ...given,
    name: 'bench',
    ioengine: 'io_uring',
    filename: file,
    'output-format': 'json',
  });
  const made = spawnSync('fio', [...args.map(([name, value]) => `--${name}=${value}`), '--time_based'], {
    encoding: 'utf8',
    timeout: (consistencyS + 30) * 1000,
  });
  rmSync(file, { force: true });
  if (made.error) return { what, value: 'no fio (apt-get install fio)' };
  if (made.status !== 0) return { what, value: (made.stderr || made.stdout).trim().split('\n')[0] ?? 'failed' };
  const { read } = (JSON.parse(made.stdout.slice(made.stdout.indexOf('{'))) as FioJob).jobs[0]!;
  const share = (read.iops_stddev / read.iops_mean) * 100;
  return { what, value: `${Math.round(read.iops).toLocaleString('en-US')} /s +- ${share.toFixed(1)} %` };
}

function deviation(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return `${Math.round(mean).toLocaleString('en-US')} /s +- ${((Math.sqrt(variance) / mean) * 100).toFixed(1)} %`;
}
