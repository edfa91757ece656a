/** Reads a trace for a picture: a coarse one of the whole first, then finer ones. */

import { TraceDamage } from '../traceDamage.ts';
import type { IndexedBlock } from '../traceIndex.ts';
import type { TraceReader } from '../traceReader.ts';
import { type TraceView, ViewBuilder, type ViewRequest, viewColumns } from './traceView.ts';

/** A picture is handed on at most this often while the trace is read. */
const pictureMs = 250;
/** How long commands before the stretch may still be in flight in it. */
const reachBackNs = 10e9;
const firstStride = 32;

export interface MakeOptions {
  readonly onPicture: (view: TraceView) => void;
  readonly isCancelled: () => boolean;
  /** Monotonic ms. */
  readonly now?: () => number;
}

/** The last picture handed on is whole, unless it was cancelled. */
export async function makeView(reader: TraceReader, request: ViewRequest, options: MakeOptions): Promise<void> {
  const { onPicture, isCancelled, now = () => performance.now() } = options;
  const lbaEnd = reader.blocks.reduce((end, { summary }) => Math.max(end, summary.lbaEnd), 0);
  const builder = new ViewBuilder(request, lbaEnd);
  const blocks = strided(blocksOf(reader, request));
  const total = blocks.reduce((sum, { summary }) => sum + summary.commands, 0);
  let done = 0;
  let shown = now();
  for (const block of blocks) {
    if (isCancelled()) return;
    try {
      builder.add(await reader.read(block, viewColumns));
    } catch (error) {
      // The reader keeps the damage, and what is before it is shown.
      if (!(error instanceof TraceDamage)) throw error;
    }
    done += block.summary.commands;
    if (now() - shown < pictureMs || done === total) continue;
    shown = now();
    onPicture(builder.result(done / total));
  }
  if (!isCancelled()) onPicture(builder.result(1));
}

function blocksOf({ blocks }: TraceReader, { fromNs, toNs }: ViewRequest): IndexedBlock[] {
  return blocks.filter(({ summary }) => summary.lastNs >= fromNs - reachBackNs && summary.firstNs < toNs);
}

/** Every 32nd first, then those between: any beginning of it is spread over the whole. */
export function strided<T>(items: readonly T[]): T[] {
  const out: T[] = [];
  const taken = new Uint8Array(items.length);
  for (let stride = firstStride; stride >= 1; stride = Math.floor(stride / 2)) {
    for (let at = 0; at < items.length; at += stride) {
      if (taken[at] === 1) continue;
      taken[at] = 1;
      out.push(items[at] as T);
    }
  }
  return out;
}
