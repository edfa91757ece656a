/** Stretches of time and LBA: zooming and moving, never outside the trace, never narrower than one of either. */
import type { TraceStretch } from '../protocol.ts';

const narrowestNs = 100;
const narrowestLba = 8;

/** `factor` below 1 comes nearer. The point (0..1 of width and height) stays where it is. */
export function zoomed(
  stretch: TraceStretch,
  whole: TraceStretch,
  factor: number,
  at = { x: 0.5, y: 0.5 },
): TraceStretch {
  const [fromNs, toNs] = scaled(stretch.fromNs, stretch.toNs, factor, at.x);
  const [fromLba, toLba] = scaled(stretch.fromLba, stretch.toLba, factor, at.y);
  return inside({ fromNs, toNs, fromLba, toLba }, whole);
}

/** By shares of the width and height. */
export function moved(stretch: TraceStretch, whole: TraceStretch, x: number, y: number): TraceStretch {
  const [ns, lba] = [(stretch.toNs - stretch.fromNs) * x, (stretch.toLba - stretch.fromLba) * y];
  return inside(
    {
      fromNs: stretch.fromNs + ns,
      toNs: stretch.toNs + ns,
      fromLba: stretch.fromLba + lba,
      toLba: stretch.toLba + lba,
    },
    whole,
  );
}

/** The part between two points, each 0..1 of width and height (0 = lowest LBA). */
export function part(
  { fromNs, toNs, fromLba, toLba }: TraceStretch,
  whole: TraceStretch,
  a: { x: number; y: number },
  b: { x: number; y: number },
): TraceStretch {
  const [ns, lba] = [toNs - fromNs, toLba - fromLba];
  return inside(
    {
      fromNs: fromNs + ns * Math.min(a.x, b.x),
      toNs: fromNs + ns * Math.max(a.x, b.x),
      fromLba: fromLba + lba * Math.min(a.y, b.y),
      toLba: fromLba + lba * Math.max(a.y, b.y),
    },
    whole,
  );
}

function scaled(from: number, to: number, factor: number, at: number): [number, number] {
  const fixed = from + (to - from) * at;
  return [fixed - (fixed - from) * factor, fixed + (to - fixed) * factor];
}

function inside(wanted: TraceStretch, whole: TraceStretch): TraceStretch {
  const [fromNs, toNs] = fitted([wanted.fromNs, wanted.toNs], [whole.fromNs, whole.toNs], narrowestNs);
  const [fromLba, toLba] = fitted([wanted.fromLba, wanted.toLba], [whole.fromLba, whole.toLba], narrowestLba);
  return { fromNs, toNs, fromLba, toLba };
}

type Span = [number, number];

function fitted([from, to]: Span, [low, high]: Span, narrowest: number): Span {
  const width = Math.min(high - low, Math.max(to - from, Math.min(narrowest, high - low)));
  const start = Math.min(Math.max(low, Math.floor(from)), high - width);
  return [start, start + width];
}
