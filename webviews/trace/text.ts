/** Numbers of a trace as text. */

const whole = new Intl.NumberFormat('en-US');
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 2 });

export const formatCount = (value: number): string => whole.format(value);
export const formatShort = (value: number): string => short.format(value);

/** `12.5 ms`; the unit is that of the span that is shown. */
export function formatTime(ns: number, spanNs: number): string {
  if (spanNs >= 120e9) return `${trimmed(ns / 60e9, 2)} min`;
  if (spanNs >= 1e9) return `${trimmed(ns / 1e9, 3)} s`;
  if (spanNs >= 1e6) return `${trimmed(ns / 1e6, 3)} ms`;
  return `${trimmed(ns / 1e3, 3)} us`;
}

const trimmed = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

export function formatMicros(ns: number): string {
  return (ns / 1000).toLocaleString('en-US', { maximumFractionDigits: 1 });
}

export const formatSeconds = (ns: number): string => (ns / 1e9).toFixed(6);

/** Round numbers inside a span, about `count` of them. */
export function ticks(from: number, to: number, count: number): number[] {
  const raw = (to - from) / Math.max(1, count);
  if (!(raw > 0)) return [];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10);
  const out: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) out.push(tick);
  return out;
}
