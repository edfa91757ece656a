/** `doorbell trace replay`: a recording on the engine of ioworkers. */
import { nativeAddon } from '../native.ts';
import type { NativeIoWorker, NativeIoWorkerResult } from '../nativeIoWorker.ts';
import { decodeStatus, formatStatus } from '../nvme/status.ts';
import { Controller } from '../objects/controller.ts';
import { Latency } from '../objects/ioworker/latency.ts';
import type { Namespace } from '../objects/namespace.ts';
import { driverError } from '../objects/nativeErrors.ts';
import {
  type ReplayProgress,
  type ReplayReport,
  type ReplayRequest,
  type ReplayTimes,
  replayPercentiles,
} from '../trace/replay/replayProtocol.ts';
import { RowPlanner, replayedOpcodes } from '../trace/replay/rowPlan.ts';
import { TraceReader } from '../trace/traceReader.ts';
import { ReplayFeed } from './replayFeed.ts';

const progressMs = 250;
/** Data of one queue's commands in flight, at most. */
const mostDataBytes = 64 * 2 ** 20;

/** What a replay cannot be made of; the message is for the user. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError';
}

export interface ReplayWatch {
  readonly onProgress: (progress: ReplayProgress) => void;
  readonly signal: AbortSignal;
}

/** @throws ReplayError, TraceDamage, and what opening the controller throws */
export async function runReplay(request: ReplayRequest, watch: ReplayWatch): Promise<ReplayReport> {
  const reader = await TraceReader.open(request.trace);
  try {
    if (reader.facts.clock === 'none' && request.speed !== 'max') {
      throw new ReplayError('This recording has no times. Replay it as fast as possible: --speed max');
    }
    const queues = await queuesOf(reader);
    if (queues.length === 0) throw new ReplayError('This trace has no I/O commands.');
    await using controller = await Controller.open(request.controller);
    const namespace = controller.namespace(1);
    const planner = plannerOf(request, reader, { controller, namespace });
    const count = Math.min(request.queues ?? queues.length, 65_535);
    const workers = await start(request, namespace, {
      count,
      mostBlocks: mostBlocksOf(request, controller, namespace),
    });
    return await play(request, watch, { reader, planner, workers, queues, controller });
  } finally {
    await reader.close();
  }
}

/** Recorded I/O queues, in order. */
async function queuesOf(reader: TraceReader): Promise<number[]> {
  const seen = new Uint8Array(65_536);
  for await (const { columns } of reader.columns(new Set(['queue'])))
    for (const queue of columns.queue) seen[queue] = 1;
  return Array.from(seen.keys()).filter((queue) => queue > 0 && seen[queue] === 1);
}

interface Place {
  readonly controller: Controller;
  readonly namespace: Namespace;
}

function plannerOf(request: ReplayRequest, reader: TraceReader, { controller, namespace }: Place): RowPlanner {
  if (namespace.metadataBytes > 0) throw new ReplayError('Namespace 1 has metadata: format it without.');
  const nsze = Number(namespace.nsze);
  const { start, end } = request.region ?? { start: 0, end: nsze };
  if (start >= end || end > nsze) {
    throw new ReplayError(`The region ${start} to ${end} is not inside namespace 1, which has ${nsze} blocks.`);
  }
  const lbaEnd = reader.blocks.reduce((most, { summary }) => Math.max(most, summary.lbaEnd), 0);
  const { lbaBytes } = namespace;
  const target = { lbaBytes, start, end, mostBlocks: mostBlocksOf(request, controller, namespace) };
  const { scale, readOnly } = request;
  return new RowPlanner(target, { lbaBytes: reader.facts.lbaBytes, lbaEnd, scale, readOnly });
}

function mostBlocksOf({ qdepth }: ReplayRequest, controller: Controller, { lbaBytes }: Namespace): number {
  const bytes = Math.min(controller.maxTransferBytes, mostDataBytes / qdepth);
  return Math.max(1, Math.min(65_536, Math.floor(bytes / lbaBytes)));
}

async function start(
  { qdepth, speed }: ReplayRequest,
  { controller, nsid, lbaBytes, nsze }: Namespace,
  { count, mostBlocks }: { count: number; mostBlocks: number },
): Promise<NativeIoWorker[]> {
  const none = {
    count: 0,
    dueNs: new BigUint64Array(0),
    slba: new BigUint64Array(0),
    blocks: new Uint32Array(0),
    ops: new Uint8Array(0),
  };
  const spec = {
    ...{ nsid, lbaBytes, sizes: [], ops: [], regionStart: 0n, regionEnd: nsze, randomPercent: 0, distribution: [] },
    ...{ fuaPercent: 0, qdepth, priority: 2, timeMs: 0, ioCount: 0n, iops: 0, seed: 1n, intervalMs: 1000 },
    data: { kind: 'random', dword: 0, compressiblePercent: 0, seed: 1n } as const,
    ...{ commandTimeoutMs: 60_000, continueOnError: true, gated: true },
    sequence: { ...none, opcodes: replayedOpcodes, open: true, unpaced: speed === 'max', mostBlocks },
  };
  const workers: NativeIoWorker[] = [];
  try {
    for (let index = 0; index < count; index += 1) workers.push(await controller.native.startIoWorker(spec));
    return workers;
  } catch (error) {
    await ended(workers);
    throw driverError(error, `${controller.address}, replay of ${count} queues`);
  }
}

/** Stops those there are. Gated ones have to begin to end. */
async function ended(workers: readonly NativeIoWorker[]): Promise<void> {
  for (const worker of workers) {
    worker.endFeed();
    worker.stop();
  }
  nativeAddon().beginIoWorkers([...workers]);
  await Promise.all(workers.map(({ done }) => done));
}

interface Play {
  readonly reader: TraceReader;
  readonly planner: RowPlanner;
  readonly workers: readonly NativeIoWorker[];
  readonly queues: readonly number[];
  readonly controller: Controller;
}

async function play(request: ReplayRequest, watch: ReplayWatch, parts: Play): Promise<ReplayReport> {
  const { reader, planner, workers, queues, controller } = parts;
  const workerOf = new Map(queues.map((queue, index) => [queue, index % workers.length]));
  const halt = new AbortController();
  const stop = () => {
    halt.abort();
    for (const worker of workers) worker.stop();
  };
  watch.signal.addEventListener('abort', stop, { once: true });
  if (watch.signal.aborted) stop();
  const feed = new ReplayFeed(workers, workerOf, planner, {
    speed: request.speed,
    signal: halt.signal,
    onReady: () => nativeAddon().beginIoWorkers([...workers]),
  });
  const timer = progress(reader.commands, workers, watch);
  // A queue that ends early would leave the feed waiting for it.
  const first = Promise.race(workers.map(({ done }) => done)).then(({ end }) => {
    if (end !== 'completed') halt.abort();
  });
  try {
    await feed.run(reader);
    const results = await Promise.all(workers.map(({ done }) => done));
    await first;
    return reportOf(request, { feed, planner, results, controller, reader });
  } catch (error) {
    await ended(workers);
    throw error;
  } finally {
    clearInterval(timer);
    watch.signal.removeEventListener('abort', stop);
  }
}

function progress(total: number, workers: readonly NativeIoWorker[], watch: ReplayWatch): NodeJS.Timeout {
  let before = { atMs: performance.now(), done: 0 };
  return setInterval(() => {
    const done = workers.reduce((sum, worker) => sum + Number(worker.counters().ios), 0);
    const atMs = performance.now();
    watch.onProgress({ done, total, iops: ((done - before.done) * 1000) / (atMs - before.atMs) });
    before = { atMs, done };
  }, progressMs);
}

interface Played {
  readonly feed: ReplayFeed;
  readonly planner: RowPlanner;
  readonly results: readonly NativeIoWorkerResult[];
  readonly controller: Controller;
  readonly reader: TraceReader;
}

function reportOf(request: ReplayRequest, { feed, planner, results, controller, reader }: Played): ReplayReport {
  const sum = (of: (result: NativeIoWorkerResult) => bigint): number =>
    results.reduce((total, result) => total + Number(of(result)), 0);
  const elapsedS = Math.max(0, ...results.map((result) => Number(result.elapsedNs) / 1e9));
  const completed = sum(({ reads, writes, others }) => reads + writes + others);
  const errors = sum((result) => result.errors);
  // One that was stopped has not sent all that it was given.
  const isWhole = results.every(({ end }) => end === 'completed');
  const failed = results.find(({ firstErrorStatus }) => firstErrorStatus !== 0);
  const lags = results.flatMap(({ lag }) => (lag ? [new Latency(lag, replayPercentiles)] : []));
  if (planner.scaled) planner.changed['LBAs scaled to the region'] = feed.sent;
  return {
    controller: request.controller,
    model: controller.identifyData.model,
    serial: controller.identifyData.serial,
    queues: results.length,
    ...{ recorded: feed.recorded, sent: isWhole ? feed.sent : completed + errors, completed, errors },
    ...(failed && { firstError: formatStatus(decodeStatus(failed.firstErrorStatus)) }),
    ends: [...new Set(results.map(({ end }) => end))],
    left: planner.left,
    changed: planner.changed,
    plannedS: feed.plannedNs / 1e9,
    elapsedS,
    iops: elapsedS > 0 ? completed / elapsedS : 0,
    ...(lags.length > 0 && { drift: timesOf(lags) }),
    ops: opsOf(feed, results),
    ...(reader.damage && { damage: reader.damage.reason }),
  };
}

function opsOf(feed: ReplayFeed, results: readonly NativeIoWorkerResult[]): ReplayReport['ops'] {
  return replayedOpcodes.flatMap((opcode) => {
    const parts = results.flatMap(({ ops }) => ops.filter((op) => op.opcode === opcode));
    const latency = timesOf(parts.map((part) => new Latency(part.latency, replayPercentiles)));
    const recorded = feed.recordedTimes.get(opcode)?.times();
    return latency.count === 0 ? [] : [{ opcode, latency, ...(recorded && { recorded }) }];
  });
}

function timesOf(parts: readonly Latency[]): ReplayTimes {
  const { count, avgUs, maxUs, percentilesUs } = Latency.merged(parts, replayPercentiles);
  return { count, avgUs, maxUs, percentilesUs: Object.fromEntries(percentilesUs) };
}
