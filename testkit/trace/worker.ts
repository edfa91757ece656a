/** Reads, writes and sums up traces beside the thread that asks: `dist/trace.cjs`. */
import { parentPort } from 'node:worker_threads';
import { exportIolog } from './export/iolog.ts';
import { record, recordTracefs, sourceOf } from './import/recording.ts';
import { TraceReader } from './traceReader.ts';
import { totalsOf } from './traceText.ts';
import { indexAt, tableRows } from './view/commandTable.ts';
import { makeView } from './view/viewMaker.ts';
import type { OpenedTrace, RecordingRequest, ToTraceWorker, TraceWork, WorkKind } from './workerProtocol.ts';

interface Context<K extends WorkKind> {
  readonly stop: AbortSignal;
  readonly meanwhile: (message: TraceWork[K]['meanwhile']) => void;
}

type Handlers = {
  readonly [K in WorkKind]: (ask: TraceWork[K]['ask'], context: Context<K>) => Promise<TraceWork[K]['answer']>;
};

const progressMs = 200;
const readers = new Map<string, Promise<TraceReader>>();

function readerOf(path: string): Promise<TraceReader> {
  const known = readers.get(path);
  if (known) return known;
  const opening = TraceReader.open(path);
  readers.set(path, opening);
  // One that cannot be opened is tried anew next time.
  opening.catch(() => readers.delete(path));
  return opening;
}

async function close(path: string): Promise<undefined> {
  const reader = readers.get(path);
  readers.delete(path);
  await (await reader)?.close();
  return undefined;
}

async function open(path: string): Promise<OpenedTrace> {
  // The file may be another one by now.
  await close(path).catch(() => undefined);
  const reader = await readerOf(path);
  const { facts, tail, damage } = reader;
  return { facts, totals: totalsOf(reader), ...(tail && { tail }), ...(damage && { damage }) };
}

function recording(
  ask: RecordingRequest,
  { stop, meanwhile }: Context<'record'>,
): Promise<TraceWork['record']['answer']> {
  let said = 0;
  const job = {
    ...ask,
    onProgress: (progress: TraceWork['record']['meanwhile']) => {
      if (performance.now() - said < progressMs) return;
      said = performance.now();
      meanwhile(progress);
    },
  };
  return ask.tracefs ? recordTracefs(ask.input, job, stop) : record(sourceOf(ask.input), job, stop);
}

const handlers: Handlers = {
  open: ({ path }) => open(path),
  close: ({ path }) => close(path),
  rows: async ({ path, first, count }) => tableRows(await readerOf(path), first, count),
  indexAt: async ({ path, timeNs }) => indexAt(await readerOf(path), timeNs),
  view: async ({ path, request }, { stop, meanwhile }) => {
    const reader = await readerOf(path);
    await makeView(reader, request, { onPicture: meanwhile, isCancelled: () => stop.aborted });
    return reader.damage;
  },
  record: recording,
  exportIolog: async ({ input, output }) => {
    const { entries, losses } = await exportIolog(input, output);
    return { entries, losses: losses as Record<string, number> };
  },
};

const running = new Map<number, AbortController>();

async function work(id: number, kind: WorkKind, ask: unknown): Promise<void> {
  const stop = new AbortController();
  running.set(id, stop);
  try {
    const handler = handlers[kind] as (ask: unknown, context: Context<WorkKind>) => Promise<unknown>;
    const meanwhile = (message: unknown) => parentPort?.postMessage({ id, meanwhile: message });
    parentPort?.postMessage({ id, answer: await handler(ask, { stop: stop.signal, meanwhile }) });
  } catch (error) {
    parentPort?.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  } finally {
    running.delete(id);
  }
}

parentPort?.on('message', (message: ToTraceWorker) => {
  if ('cancel' in message) running.get(message.id)?.abort();
  else void work(message.id, message.kind, message.ask);
});
