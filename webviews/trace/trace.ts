/** A trace: LBA against time, queue depth, read share, sizes, most used LBAs, and every command. */
import { element } from '../gauge/dom.ts';
import { onThemeChange } from '../gauge/theme.ts';
import type { ToTrace, TraceHead, TraceKind, TracePicture, TraceStretch } from '../protocol.ts';
import { loadState, post, saveState } from './api.ts';
import { readTraceTheme } from './colors.ts';
import { Curve, SizeMix } from './curves.ts';
import { kinds, type Point, Scatter } from './scatter.ts';
import { moved, part, zoomed } from './stretch.ts';
import { LineTable, linesShown, RegionTable } from './tables.ts';
import { formatCount, formatShort, formatTime } from './text.ts';

const kindNames: Readonly<Record<TraceKind, string>> = {
  read: 'Reads',
  write: 'Writes',
  trim: 'Deallocates',
  zeroes: 'Write Zeroes',
  other: 'Others',
};
/** Zooming by wheel asks for the picture when it rests. */
const restMs = 60;

class TraceEditor {
  #theme = readTraceTheme();
  readonly #facts = element('dl', { class: 'facts' });
  readonly #notice = element('p', { class: 'notice', role: 'alert', hidden: '' });
  readonly #state = element('span', { class: 'state', role: 'status' });
  readonly #legend = element('div', { class: 'legend' });
  readonly #scatter = new Scatter(this.#theme, {
    select: (a, b) => this.#go((stretch, whole) => part(stretch, whole, a, b)),
    pick: (at) => this.#pick(at),
    wheel: (factor, at) => this.#go((stretch, whole) => zoomed(stretch, whole, factor, at)),
  });
  readonly #depthCanvas = element('canvas', { role: 'img' });
  readonly #shareCanvas = element('canvas', { role: 'img' });
  readonly #mixCanvas = element('canvas', { role: 'img' });
  readonly #depth = new Curve(this.#depthCanvas, undefined, formatShort);
  readonly #share = new Curve(this.#shareCanvas, 100, (value) => `${value.toFixed(0)} %`);
  readonly #mix = new SizeMix(this.#mixCanvas);
  readonly #regions = new RegionTable();
  readonly #lines = new LineTable({ lines: (first) => post({ type: 'lines', first, count: linesShown }) });
  readonly #hidden = new Set<TraceKind>();
  #head: TraceHead | undefined;
  #stretch: TraceStretch | undefined;
  #picture: TracePicture | undefined;
  #asked = 0;
  #timer = 0;

  constructor(root: HTMLElement) {
    const panel = (title: string, content: HTMLElement, kind: string): HTMLElement =>
      element(
        'section',
        { class: `panel ${kind}` },
        element('h2', {}, title),
        element('div', { class: 'body' }, content),
      );
    root.append(
      this.#facts,
      this.#notice,
      element('div', { class: 'bar' }, this.#legend, this.#state, ...this.#zoomButtons()),
      this.#scatter.root,
      panel('Queue depth', this.#depthCanvas, 'curve'),
      panel('Reads among reads and writes', this.#shareCanvas, 'curve'),
      element(
        'div',
        { class: 'side' },
        panel('Sizes', this.#mixCanvas, 'mix'),
        panel('Most used LBAs', this.#regions.root, 'regions'),
      ),
      this.#lines.root,
    );
    this.#makeLegend();
    this.#scatter.canvas.addEventListener('keydown', (event) => this.#key(event));
    onThemeChange(() => this.#restyle());
    new ResizeObserver(() => this.#resized()).observe(this.#scatter.canvas);
    window.addEventListener('message', (event: MessageEvent<ToTrace>) => this.#receive(event.data));
    post({ type: 'ready' });
  }

  #receive(message: ToTrace): void {
    if (message.type === 'opened') this.#opened(message.head);
    else if (message.type === 'picture') this.#pictured(message.id, message.picture);
    else if (message.type === 'lines') this.#lines.show(message.lines, this.#head?.commands ?? 0);
    else this.#say(message.text);
  }

  #opened(head: TraceHead): void {
    this.#head = head;
    const kept = loadState().stretch;
    this.#stretch = kept && kept.toNs <= head.whole.toNs && kept.toLba <= head.whole.toLba ? kept : head.whole;
    this.#facts.replaceChildren(
      ...head.facts.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
    );
    if (head.damage) this.#say(head.damage);
    else if (head.timeless) this.#say('This recording has no times: the time axis only keeps the order of commands.');
    this.#ask();
    post({ type: 'lines', first: 0, count: linesShown });
  }

  #say(text: string): void {
    this.#notice.textContent = text;
    this.#notice.hidden = false;
  }

  #ask(): void {
    if (!this.#stretch) return;
    this.#asked += 1;
    saveState({ stretch: this.#stretch });
    post({ type: 'view', id: this.#asked, stretch: this.#stretch, ...this.#scatter.cells });
    this.#state.textContent = 'Reading';
  }

  #askSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#ask(), restMs);
  }

  #pictured(id: number, picture: TracePicture): void {
    if (id !== this.#asked) return;
    this.#picture = picture;
    this.#draw();
  }

  #draw(): void {
    const stretch = this.#stretch ?? this.#head?.whole;
    if (!stretch) return;
    this.#scatter.show(this.#picture, stretch, this.#hidden);
    if (this.#picture) this.#drawPicture(this.#picture);
  }

  #drawPicture(picture: TracePicture): void {
    const depth = new Float32Array(picture.depth);
    const [reads, writes] = [new Uint32Array(picture.reads), new Uint32Array(picture.writes)];
    const share = (column: number): number | undefined => {
      const both = (reads[column] ?? 0) + (writes[column] ?? 0);
      return both === 0 ? undefined : (100 * (reads[column] ?? 0)) / both;
    };
    this.#depth.show(picture, (column) => depth[column], this.#theme);
    this.#share.show(picture, share, this.#theme);
    this.#mix.show(picture, this.#head?.lbaBytes ?? 512, this.#theme);
    this.#regions.show(picture);
    this.#describe(picture, depth);
  }

  #describe({ share, commands, stretch, sizes }: TracePicture, depth: Float32Array): void {
    const span = stretch.toNs - stretch.fromNs;
    const words = `${formatCount(commands)} commands from ${formatTime(stretch.fromNs, span)} to ${formatTime(stretch.toNs, span)}`;
    this.#state.textContent = share < 1 ? `Reading: ${Math.floor(share * 100)} %` : words;
    const lbas = `LBA ${formatCount(stretch.fromLba)} to ${formatCount(stretch.toLba)}`;
    this.#scatter.canvas.setAttribute('aria-label', `LBA against time: ${words}, ${lbas}`);
    const deepest = depth.reduce((most, value) => Math.max(most, value), 0);
    this.#depthCanvas.setAttribute('aria-label', `Queue depth: at most ${deepest.toFixed(1)}`);
    this.#shareCanvas.setAttribute('aria-label', 'Reads among reads and writes over time');
    this.#mixCanvas.setAttribute('aria-label', `Sizes of reads and writes: ${sizes.length} classes`);
  }

  #go(to: (stretch: TraceStretch, whole: TraceStretch) => TraceStretch): void {
    if (!this.#stretch || !this.#head) return;
    this.#stretch = to(this.#stretch, this.#head.whole);
    this.#draw();
    this.#askSoon();
  }

  #pick({ x }: Point): void {
    if (!this.#stretch) return;
    const timeNs = this.#stretch.fromNs + x * (this.#stretch.toNs - this.#stretch.fromNs);
    post({ type: 'linesAt', timeNs, count: linesShown });
  }

  #key(event: KeyboardEvent): void {
    const step = 0.2;
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, step],
      ArrowDown: [0, -step],
    };
    const move = moves[event.key];
    if (move) this.#go((stretch, whole) => moved(stretch, whole, move[0], move[1]));
    else if (event.key === '+' || event.key === '=') this.#go((stretch, whole) => zoomed(stretch, whole, 0.5));
    else if (event.key === '-') this.#go((stretch, whole) => zoomed(stretch, whole, 2));
    else if (event.key === '0') this.#go((_, whole) => whole);
    else if (event.key === 'Enter') this.#pick({ x: 0, y: 0 });
    else return;
    event.preventDefault();
  }

  #zoomButtons(): HTMLButtonElement[] {
    const button = (label: string, title: string, act: () => void): HTMLButtonElement => {
      const made = element('button', { type: 'button', title, 'aria-label': title }, label);
      made.addEventListener('click', act);
      return made;
    };
    return [
      button('+', 'Zoom in (+)', () => this.#go((stretch, whole) => zoomed(stretch, whole, 0.5))),
      button('-', 'Zoom out (-)', () => this.#go((stretch, whole) => zoomed(stretch, whole, 2))),
      button('All', 'Show the whole trace (0)', () => this.#go((_, whole) => whole)),
    ];
  }

  #makeLegend(): void {
    for (const kind of kinds) {
      const mark = element('span', { class: `mark ${kind}`, 'aria-hidden': 'true' });
      const chip = element('button', { type: 'button', class: 'chip', 'aria-pressed': 'true' }, mark, kindNames[kind]);
      chip.addEventListener('click', () => {
        if (!this.#hidden.delete(kind)) this.#hidden.add(kind);
        chip.setAttribute('aria-pressed', String(!this.#hidden.has(kind)));
        this.#draw();
      });
      this.#legend.append(chip);
    }
  }

  #restyle(): void {
    this.#theme = readTraceTheme();
    this.#scatter.restyle(this.#theme);
    this.#draw();
  }

  #resized(): void {
    this.#draw();
    if (this.#head) this.#askSoon();
  }
}

const root = document.getElementById('root');
if (root) new TraceEditor(root);
