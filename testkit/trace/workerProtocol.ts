/** What the trace worker is asked, and what it answers. */
import type { Recorder } from './import/detect.ts';
import type { ImportResult } from './import/importer.ts';
import type { RecordingProgress } from './import/recording.ts';
import type { TraceFacts, TraceTail } from './traceCommand.ts';
import type { Damage } from './traceReader.ts';
import type { TraceTotals } from './traceText.ts';
import type { TableRow } from './view/commandTable.ts';
import type { TraceView, ViewRequest } from './view/traceView.ts';

export interface OpenedTrace {
  readonly facts: TraceFacts;
  readonly totals: TraceTotals;
  readonly tail?: TraceTail;
  readonly damage?: Damage;
}

export interface RecordingRequest {
  readonly output: string;
  /** A file or FIFO, or with `tracefs` that folder. */
  readonly input: string;
  readonly tracefs: boolean;
  readonly writer: string;
  readonly recorder?: Recorder;
  readonly lbaBytes?: number;
}

/** Each kind of work: what it is asked, what it says meanwhile, what it answers. */
export interface TraceWork {
  open: { ask: { readonly path: string }; meanwhile: never; answer: OpenedTrace };
  view: {
    ask: { readonly path: string; readonly request: ViewRequest };
    meanwhile: TraceView;
    answer: Damage | undefined;
  };
  rows: {
    ask: { readonly path: string; readonly first: number; readonly count: number };
    meanwhile: never;
    answer: readonly TableRow[];
  };
  indexAt: { ask: { readonly path: string; readonly timeNs: number }; meanwhile: never; answer: number };
  close: { ask: { readonly path: string }; meanwhile: never; answer: undefined };
  record: { ask: RecordingRequest; meanwhile: RecordingProgress; answer: ImportResult };
  exportIolog: {
    ask: { readonly input: string; readonly output: string };
    meanwhile: never;
    answer: { readonly entries: number; readonly losses: Readonly<Record<string, number>> };
  };
}

export type WorkKind = keyof TraceWork;

export type ToTraceWorker =
  | { readonly id: number; readonly kind: WorkKind; readonly ask: unknown }
  | { readonly id: number; readonly cancel: true };

export type FromTraceWorker =
  | { readonly id: number; readonly meanwhile: unknown }
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: string };
