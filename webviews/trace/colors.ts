/** The gauge's theme, and a colour for each kind of command. */
import { readTheme, type Theme, withAlpha } from '../gauge/theme.ts';
import type { TraceKind } from '../protocol.ts';

export interface TraceTheme extends Theme {
  readonly kinds: Readonly<Record<TraceKind, string>>;
}

export function readTraceTheme(): TraceTheme {
  const theme = readTheme();
  const [blue = theme.foreground, orange = blue, green = blue, purple = blue] = theme.series;
  return { ...theme, kinds: { read: blue, write: orange, trim: green, zeroes: purple, other: theme.muted } };
}

/** Red, green and blue, 0..255, of any colour a theme may name. */
export function rgbOf(color: string): readonly number[] {
  return (withAlpha(color, 1).match(/[\d.]+/g) ?? ['128', '128', '128']).slice(0, 3).map(Number);
}
