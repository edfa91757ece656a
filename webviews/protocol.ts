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

export type FromGauge = { readonly type: 'ready' } | { readonly type: 'pause'; readonly paused: boolean };
