/** LBA against time: a cell of the picture is two pixels wide; its colour says what was done there, its strength how often. */
import { element } from '../gauge/dom.ts';
import type { TraceKind, TracePicture, TraceStretch } from '../protocol.ts';
import { rgbOf, type TraceTheme } from './colors.ts';
import { formatShort, formatTime, ticks } from './text.ts';

export const kinds: readonly TraceKind[] = ['read', 'write', 'trim', 'zeroes', 'other'];
const cellPixels = 2;
const fewCommands = 3000;
const margin = { left: 64, right: 8, top: 8, bottom: 24 };

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface ScatterEvents {
  /** Between two points, 0..1 of the plot. */
  select(a: Point, b: Point): void;
  pick(at: Point): void;
  wheel(factor: number, at: Point): void;
}

export class Scatter {
  readonly root: HTMLElement;
  readonly canvas = element('canvas', { class: 'scatter', tabindex: '0', role: 'img' });
  readonly #image = document.createElement('canvas');
  #drag: { from: Point; to: Point } | undefined;
  #picture: TracePicture | undefined;
  #stretch: TraceStretch | undefined;

  constructor(
    private theme: TraceTheme,
    private readonly events: ScatterEvents,
  ) {
    this.root = element('div', { class: 'plot' }, this.canvas);
    this.canvas.addEventListener('pointerdown', (event) => this.#down(event));
    this.canvas.addEventListener('pointermove', (event) => this.#move(event));
    this.canvas.addEventListener('pointerup', (event) => this.#up(event));
    this.canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
  }

  /** Cells that fit at the present size. */
  get cells(): { columns: number; rows: number } {
    const { width, height } = this.#plot();
    const cells = (pixels: number): number => Math.min(1000, Math.max(10, Math.floor(pixels / cellPixels)));
    return { columns: cells(width), rows: cells(height) };
  }

  show(picture: TracePicture | undefined, stretch: TraceStretch, hidden: ReadonlySet<TraceKind>): void {
    this.#picture = picture;
    this.#stretch = stretch;
    if (picture) this.#paintCells(picture, hidden);
    this.draw();
  }

  restyle(theme: TraceTheme): void {
    this.theme = theme;
  }

  draw(): void {
    const { clientWidth, clientHeight } = this.canvas;
    const ratio = window.devicePixelRatio;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    const context = this.canvas.getContext('2d');
    if (!context || !this.#stretch) return;
    context.scale(ratio, ratio);
    context.imageSmoothingEnabled = false;
    this.#axes(context, this.#stretch);
    this.#image2d(context, this.#stretch);
    this.#selection(context);
  }

  #plot(): { left: number; top: number; width: number; height: number } {
    const { clientWidth, clientHeight } = this.canvas;
    return {
      left: margin.left,
      top: margin.top,
      width: Math.max(1, clientWidth - margin.left - margin.right),
      height: Math.max(1, clientHeight - margin.top - margin.bottom),
    };
  }

  /** The picture may be of another stretch than the one shown, until its own comes: it is moved and scaled. */
  #image2d(context: CanvasRenderingContext2D, shown: TraceStretch): void {
    if (!this.#picture) return;
    const { left, top, width, height } = this.#plot();
    const { stretch } = this.#picture;
    const x = (ns: number): number => left + ((ns - shown.fromNs) / (shown.toNs - shown.fromNs)) * width;
    const y = (lba: number): number => top + height - ((lba - shown.fromLba) / (shown.toLba - shown.fromLba)) * height;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    const [x0, y0] = [x(stretch.fromNs), y(stretch.toLba)];
    context.drawImage(this.#image, x0, y0, x(stretch.toNs) - x0, y(stretch.fromLba) - y0);
    context.restore();
  }

  #paintCells({ cells, columns, rows, commands }: TracePicture, hidden: ReadonlySet<TraceKind>): void {
    this.#image.width = columns;
    this.#image.height = rows;
    const context = this.#image.getContext('2d');
    if (!context) return;
    const counts = new Uint16Array(cells);
    const image = context.createImageData(columns, rows);
    const colors = kinds.map((kind) => rgbOf(this.theme.kinds[kind]));
    const size = rows * columns;
    for (const [index, kind] of kinds.entries()) {
      if (hidden.has(kind)) continue;
      const color = colors[index] as readonly number[];
      for (let cell = 0; cell < size; cell += 1) {
        const count = counts[index * size + cell] as number;
        if (count === 0) continue;
        blend(image.data, pixelOf(cell, columns, rows), color, count);
        // Few commands would be hard to see: their points are twice as large.
        if (commands < fewCommands && (cell + 1) % columns !== 0 && cell + columns < size) {
          for (const near of [1, columns, columns + 1])
            blend(image.data, pixelOf(cell + near, columns, rows), color, count);
        }
      }
    }
    context.putImageData(image, 0, 0);
  }

  #axes(context: CanvasRenderingContext2D, { fromNs, toNs, fromLba, toLba }: TraceStretch): void {
    const { left, top, width, height } = this.#plot();
    context.font = `${this.theme.fontSize - 1}px ${this.theme.font}`;
    context.fillStyle = this.theme.muted;
    context.strokeStyle = this.theme.grid;
    context.lineWidth = 1;
    context.textAlign = 'center';
    for (const tick of ticks(fromNs, toNs, width / 110)) {
      const x = left + ((tick - fromNs) / (toNs - fromNs)) * width;
      line(context, [x, top], [x, top + height]);
      context.fillText(formatTime(tick, toNs - fromNs), x, top + height + 16);
    }
    context.textAlign = 'right';
    for (const tick of ticks(fromLba, toLba, height / 40)) {
      const y = top + height - ((tick - fromLba) / (toLba - fromLba)) * height;
      line(context, [left, y], [left + width, y]);
      context.fillText(formatShort(tick), left - 6, y + 4);
    }
  }

  #selection(context: CanvasRenderingContext2D): void {
    if (!this.#drag) return;
    const { left, top, width, height } = this.#plot();
    const { from, to } = this.#drag;
    context.strokeStyle = this.theme.foreground;
    context.setLineDash([4, 3]);
    context.strokeRect(
      left + Math.min(from.x, to.x) * width,
      top + (1 - Math.max(from.y, to.y)) * height,
      Math.abs(to.x - from.x) * width,
      Math.abs(to.y - from.y) * height,
    );
    context.setLineDash([]);
  }

  #pointOf({ offsetX, offsetY }: MouseEvent): Point {
    const { left, top, width, height } = this.#plot();
    const share = (value: number): number => Math.min(1, Math.max(0, value));
    return { x: share((offsetX - left) / width), y: share(1 - (offsetY - top) / height) };
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.#drag = { from: this.#pointOf(event), to: this.#pointOf(event) };
  }

  #move(event: PointerEvent): void {
    if (!this.#drag) return;
    this.#drag = { ...this.#drag, to: this.#pointOf(event) };
    this.draw();
  }

  #up(event: PointerEvent): void {
    const drag = this.#drag;
    this.#drag = undefined;
    if (!drag) return;
    const to = this.#pointOf(event);
    const wide = Math.abs(to.x - drag.from.x) > 0.01 && Math.abs(to.y - drag.from.y) > 0.01;
    if (wide) this.events.select(drag.from, to);
    else this.events.pick(to);
    this.draw();
  }

  #wheel(event: WheelEvent): void {
    // With Ctrl, as editors do; a plain wheel scrolls the page.
    if (!event.ctrlKey) return;
    event.preventDefault();
    this.events.wheel(event.deltaY > 0 ? 1.25 : 0.8, this.#pointOf(event));
  }
}

function pixelOf(cell: number, columns: number, rows: number): number {
  const row = Math.floor(cell / columns);
  return 4 * ((rows - 1 - row) * columns + (cell % columns));
}

/** Over what is there: one command is well visible, thousands are full. */
function blend(data: Uint8ClampedArray, at: number, color: readonly number[], count: number): void {
  const alpha = Math.min(1, 0.55 + 0.15 * Math.log10(count + 1));
  const under = (data[at + 3] as number) / 255;
  const out = alpha + under * (1 - alpha);
  for (let channel = 0; channel < 3; channel += 1) {
    const mixed = (color[channel] as number) * alpha + (data[at + channel] as number) * under * (1 - alpha);
    data[at + channel] = mixed / out;
  }
  data[at + 3] = out * 255;
}

type Place = readonly [x: number, y: number];

function line(context: CanvasRenderingContext2D, from: Place, to: Place): void {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}
