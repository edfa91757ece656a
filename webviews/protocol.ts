/** Messages between the extension and the gauge webview. JSON only: no bigint (numbers or decimal strings). */

/** One sample of one controller, already a rate: computed by the extension from cumulative counters. */
export interface GaugeSample {
  /** Unix ms. */
  readonly atMs: number;
  readonly controller: string;
  /** 10^6 bytes a second. */
  readonly megabytesPerSecond: number;
  readonly iops: number;
}

/** A mark on the history: power, reset. */
export interface GaugeMark {
  readonly atMs: number;
  readonly label: string;
}

export type ToGauge =
  /** The whole history (at most the newest 240 samples a controller), on becoming visible. */
  | { readonly type: 'hydrate'; readonly samples: readonly GaugeSample[]; readonly marks: readonly GaugeMark[] }
  | { readonly type: 'samples'; readonly samples: readonly GaugeSample[] }
  | { readonly type: 'mark'; readonly mark: GaugeMark }
  /** The driver host is gone or idle; the last values stay, dimmed. */
  | { readonly type: 'state'; readonly live: boolean };

export interface ChartAxisData {
  readonly label: string;
  readonly logarithmic?: boolean;
  readonly min?: number;
}

/** `Chart` of testkit/report/chart.ts. */
export interface ChartData {
  readonly title: string;
  readonly kind?: 'line' | 'scatter' | 'bar';
  readonly x: ChartAxisData;
  readonly y: ChartAxisData;
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
}

/** Everything there is to show: charts of the latest run of each test, newest test first. */
export interface ToCharts {
  readonly type: 'charts';
  readonly tests: readonly { readonly title: string; readonly charts: readonly ChartData[] }[];
}

export interface FromCharts {
  readonly type: 'ready';
}

export type FromGauge = { readonly type: 'ready' } | { readonly type: 'pause'; readonly paused: boolean };

/** A stretch of time (ns since the trace's first instant) and of LBAs. */
export interface TraceStretch {
  readonly fromNs: number;
  readonly toNs: number;
  readonly fromLba: number;
  readonly toLba: number;
}

/** Kinds of commands with a colour of their own, in the order of a picture's cells. */
export type TraceKind = 'read' | 'write' | 'trim' | 'zeroes' | 'other';

/** The head of a trace editor. */
export interface TraceHead {
  /** Name and value, in the order to show them. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly commands: number;
  readonly lbaBytes: number;
  /** All there is. */
  readonly whole: TraceStretch;
  /** Times are only an order. */
  readonly timeless: boolean;
  readonly damage?: string;
}

export interface TracePicture {
  readonly stretch: TraceStretch;
  readonly columns: number;
  readonly rows: number;
  /** Uint16: commands by kind, row (0 = lowest LBA) and column. */
  readonly cells: ArrayBuffer;
  /** Float32: commands in flight on average, by column. */
  readonly depth: ArrayBuffer;
  /** Uint32: commands sent, by column. */
  readonly reads: ArrayBuffer;
  readonly writes: ArrayBuffer;
  readonly commands: number;
  readonly sizes: readonly {
    readonly from: number;
    readonly to: number;
    readonly reads: number;
    readonly writes: number;
  }[];
  readonly regions: readonly {
    readonly slba: number;
    readonly blocks: number;
    readonly reads: number;
    readonly writes: number;
    readonly others: number;
  }[];
  /** Share of the stretch's commands it is made of. */
  readonly share: number;
}

export interface TraceLine {
  readonly index: number;
  readonly timeNs: number;
  readonly latencyNs?: number;
  readonly name: string;
  readonly queue: number;
  readonly cid: number;
  readonly nsid: number;
  readonly place: string;
  readonly blocks: string;
  readonly notes: string;
  readonly status: string;
  readonly failed: boolean;
}

export type ToTrace =
  | { readonly type: 'opened'; readonly head: TraceHead }
  /** `id` is that of the request; pictures become finer until `share` is 1. */
  | { readonly type: 'picture'; readonly id: number; readonly picture: TracePicture }
  | { readonly type: 'lines'; readonly lines: readonly TraceLine[] }
  | { readonly type: 'damage'; readonly text: string }
  | { readonly type: 'failed'; readonly text: string };

export type FromTrace =
  | { readonly type: 'ready' }
  | {
      readonly type: 'view';
      readonly id: number;
      readonly stretch: TraceStretch;
      readonly columns: number;
      readonly rows: number;
    }
  | { readonly type: 'lines'; readonly first: number; readonly count: number }
  /** Lines from the first command at or after a time. */
  | { readonly type: 'linesAt'; readonly timeNs: number; readonly count: number };
