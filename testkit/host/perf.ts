/** `doorbell perf`: the ioworkers of tests, without a test. */
import { Controller } from '../objects/controller.ts';
import type { IoWorker } from '../objects/ioworker/ioWorker.ts';
import type { IoWorkerOptions } from '../objects/ioworker/ioWorkerOptions.ts';
import type { IoWorkerResult } from '../objects/ioworker/ioWorkerResult.ts';
import { Latency } from '../objects/ioworker/latency.ts';
import type { Namespace } from '../objects/namespace.ts';
import {
  type PerfLatency,
  type PerfProgress,
  type PerfReport,
  type PerfRequest,
  perfPercentiles,
} from '../perf/perfProtocol.ts';

const progressMs = 250;
const preconditionBytes = 131_072;
const unitBytes = 512_000;

/** What a measurement cannot be made of; the message is for the user. */
export class PerfError extends Error {
  override readonly name = 'PerfError';
}

export interface PerfWatch {
  readonly onProgress: (progress: PerfProgress) => void;
  readonly signal: AbortSignal;
}

/** @throws PerfError, and what opening the controller throws */
export async function runPerf(request: PerfRequest, watch: PerfWatch): Promise<PerfReport> {
  await using controller = await Controller.open(request.controller);
  const namespace = controller.namespace(1);
  const blocks = blocksOf(request, namespace);
  const regionEnd = regionOf(request, namespace, blocks);
  if (request.precondition) await precondition(namespace, regionEnd, watch);
  const before = await controller.smart();
  const plans = plansOf(request, { blocks, regionEnd });
  const workers = watch.signal.aborted ? [] : plans.map((plan) => namespace.ioworker(plan));
  const results = await watched(workers, watch, { phase: 'measure', expected: request.timeS });
  const after = await controller.smart();
  return {
    controller: request.controller,
    model: controller.identifyData.model,
    serial: controller.identifyData.serial,
    lbaBytes: namespace.lbaBytes,
    regionBytes: regionEnd * namespace.lbaBytes,
    preconditionedBytes: request.precondition ? regionEnd * namespace.lbaBytes : 0,
    ...summaryOf(results),
    media: {
      bytesRead: Number(after.dataUnitsRead - before.dataUnitsRead) * unitBytes,
      bytesWritten: Number(after.dataUnitsWritten - before.dataUnitsWritten) * unitBytes,
    },
  };
}

function blocksOf({ blockBytes }: PerfRequest, { lbaBytes, metadataBytes }: Namespace): number {
  if (metadataBytes > 0) throw new PerfError('namespace 1 has metadata: format it without, or measure in a test');
  if (blockBytes % lbaBytes === 0) return blockBytes / lbaBytes;
  throw new PerfError(`--bs ${blockBytes} is no multiple of the logical block of ${lbaBytes} bytes`);
}

function regionOf({ regionBytes, queues }: PerfRequest, { lbaBytes, nsze }: Namespace, blocks: number): number {
  const region = Math.min(Number(nsze), Math.floor(regionBytes / lbaBytes));
  if (region >= blocks * queues) return region;
  throw new PerfError(`a region of ${region * lbaBytes} bytes has no room for a command of each of ${queues} queues`);
}

/** Unwritten blocks need no media read: that would measure another thing. */
async function precondition(namespace: Namespace, regionEnd: number, watch: PerfWatch): Promise<void> {
  const ioSize = Math.min(regionEnd, Math.max(1, Math.floor(preconditionBytes / namespace.lbaBytes)));
  const options: IoWorkerOptions = { ioSize, lbaRandom: false, readPercentage: 0, regionEnd, qdepth: 16 };
  const expected = regionEnd * namespace.lbaBytes;
  const [result] = await watched([namespace.ioworker(options)], watch, { phase: 'precondition', expected });
  if (result?.end !== 'completed' && !watch.signal.aborted) {
    throw new PerfError(`preconditioning ended: ${result?.end}, ${result?.firstError?.name ?? 'no error status'}`);
  }
}

/** Sequential queues have a part of the region each; random ones all of it. */
function plansOf(request: PerfRequest, place: { blocks: number; regionEnd: number }): IoWorkerOptions[] {
  const { rw, queues, qdepth, timeS, iops, seed, readPercentage } = request;
  const isRandom = rw.startsWith('rand');
  const share = Math.floor(place.regionEnd / queues);
  const reads = rw.endsWith('rw') ? readPercentage : rw.endsWith('read') ? 100 : 0;
  return Array.from({ length: queues }, (_, index) => ({
    ioSize: place.blocks,
    lbaRandom: isRandom,
    regionStart: isRandom ? 0 : index * share,
    regionEnd: isRandom ? place.regionEnd : (index + 1) * share,
    readPercentage: reads,
    qdepth,
    timeS,
    outputIoPerSecond: true,
    outputPercentileLatency: perfPercentiles,
    allowError: true,
    ...(iops !== undefined && { iops: iops / queues }),
    ...(seed !== undefined && { seed: seed + BigInt(index) }),
  }));
}

interface Phase {
  readonly phase: PerfProgress['phase'];
  /** Seconds to measure, or bytes to write. */
  readonly expected: number;
}

async function watched(workers: readonly IoWorker[], watch: PerfWatch, phase: Phase): Promise<IoWorkerResult[]> {
  const beganMs = performance.now();
  let before = { atMs: beganMs, ios: 0, bytes: 0 };
  const timer = setInterval(() => {
    const now = { atMs: performance.now(), ...countsOf(workers) };
    const seconds = (now.atMs - before.atMs) / 1000;
    const done = phase.phase === 'measure' ? (now.atMs - beganMs) / 1000 / phase.expected : now.bytes / phase.expected;
    const [iops, mbPerS] = [(now.ios - before.ios) / seconds, (now.bytes - before.bytes) / seconds / 1e6];
    watch.onProgress({ phase: phase.phase, done: Math.min(1, done), iops, mbPerS });
    before = now;
  }, progressMs);
  const stop = () => void Promise.allSettled(workers.map((worker) => worker.stop()));
  watch.signal.addEventListener('abort', stop);
  if (watch.signal.aborted) stop();
  try {
    return await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    clearInterval(timer);
    watch.signal.removeEventListener('abort', stop);
    await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
  }
}

function countsOf(workers: readonly IoWorker[]): { ios: number; bytes: number } {
  const all = workers.map((worker) => worker.counters());
  const sum = (name: 'ios' | 'bytes') => all.reduce((total, counters) => total + Number(counters?.[name] ?? 0n), 0);
  return { ios: sum('ios'), bytes: sum('bytes') };
}

function summaryOf(results: readonly IoWorkerResult[]) {
  const sum = (of: (result: IoWorkerResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const most = (of: (result: IoWorkerResult) => number): number => Math.max(0, ...results.map(of));
  const elapsedS = most((result) => result.elapsedS);
  const [ios, bytes] = [sum((result) => result.ios), sum((result) => result.bytesRead + result.bytesWritten)];
  const rate = (amount: number): number => (elapsedS > 0 ? amount / elapsedS : 0);
  const ioPerSecond = secondsOf(results);
  const firstError = results.find((result) => result.firstError !== undefined)?.firstError?.name;
  const due = results.flatMap(({ latencyFromDue }) => (latencyFromDue ? [latencyFromDue.all] : []));
  return {
    ends: [...new Set(results.map(({ end }) => end))],
    ...(firstError !== undefined && { firstError }),
    elapsedS,
    total: { ios, bytes, iops: rate(ios), mbPerS: rate(bytes) / 1e6, errors: sum(({ errors }) => errors) },
    read: latencyOf(results.map(({ latency }) => latency.read)),
    write: latencyOf(results.map(({ latency }) => latency.write)),
    all: latencyOf(results.map(({ latency }) => latency.all)),
    ...(due.length > 0 && { fromDue: latencyOf(due) }),
    unsent: sum(({ unsent }) => unsent),
    ioPerSecond,
    deviation: deviationOf(ioPerSecond),
    cpuPercent: sum(({ cpuPercent }) => cpuPercent),
    startSkewUs: most(({ startSkewUs }) => startSkewUs),
  };
}

/** Only seconds that every queue lasted for. */
function secondsOf(results: readonly IoWorkerResult[]): number[] {
  const series = results.map(({ ioPerSecond = [] }) => ioPerSecond);
  const seconds = series.length === 0 ? 0 : Math.min(...series.map(({ length }) => length));
  return Array.from({ length: seconds }, (_, second) => series.reduce((sum, counts) => sum + (counts[second] ?? 0), 0));
}

function deviationOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

function latencyOf(parts: readonly Latency[]): PerfLatency {
  const { count, minUs, avgUs, maxUs, percentilesUs } = Latency.merged(parts, perfPercentiles);
  return { count, minUs, avgUs, maxUs, percentilesUs: Object.fromEntries(percentilesUs) };
}
