import type { Chart } from 'chart.js';
import type { GaugeMark } from '../protocol.ts';
import { type Theme, withAlpha } from './theme.ts';

/** Between labels, and between a line and a label moved aside. */
const gap = 8;

/** Vertical lines at power events and resets, labelled above the plot where there is room. */
export function drawMarks(
  { ctx, chartArea, scales }: Pick<Chart, 'ctx' | 'chartArea' | 'scales'>,
  { marks, endMs, theme }: { marks: readonly GaugeMark[]; endMs: number; theme: Theme },
): void {
  const axis = scales.x;
  if (!axis || marks.length === 0) return;
  ctx.save();
  ctx.font = `${Math.round(theme.fontSize * 0.75)}px ${theme.font}`;
  ctx.textBaseline = 'bottom';
  ctx.lineWidth = 1;
  let free = Number.NEGATIVE_INFINITY;
  for (const mark of marks) {
    const x = Math.round(axis.getPixelForValue((mark.atMs - endMs) / 1000)) + 0.5;
    ctx.strokeStyle = theme.highContrast ? theme.mark : withAlpha(theme.mark, 0.8);
    ctx.setLineDash([3, 3]);
    ctx.beginPath();
    ctx.moveTo(x, chartArea.top);
    ctx.lineTo(x, chartArea.bottom);
    ctx.stroke();
    const width = ctx.measureText(mark.label).width;
    const centered = Math.min(Math.max(x - width / 2, chartArea.left), chartArea.right - width);
    const left = Math.max(centered, free + gap);
    if (left > x + gap || left + width > chartArea.right) continue;
    ctx.fillStyle = theme.mark;
    ctx.textAlign = 'left';
    ctx.fillText(mark.label, left, chartArea.top - 2);
    free = left + width;
  }
  ctx.restore();
}
