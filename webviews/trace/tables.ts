/** The hottest regions, and the commands one by one. */
import { element } from '../gauge/dom.ts';
import type { TraceLine, TracePicture } from '../protocol.ts';
import { formatCount, formatMicros, formatSeconds } from './text.ts';

export class RegionTable {
  readonly #body = element('tbody');
  readonly root = table(['First LBA', 'Blocks', 'Reads', 'Writes', 'Others'], this.#body, 'Most used LBAs');

  show({ regions }: TracePicture): void {
    this.#body.replaceChildren(
      ...regions.map(({ slba, blocks, reads, writes, others }) =>
        rowOf([slba, blocks, reads, writes, others].map(formatCount), 5),
      ),
    );
  }
}

export const linesShown = 100;

export interface LineEvents {
  lines(first: number): void;
}

/** A page of commands at a time. */
export class LineTable {
  readonly #body = element('tbody');
  readonly #where = element('span', { class: 'where', role: 'status' });
  readonly #buttons: readonly HTMLButtonElement[];
  readonly root: HTMLElement;
  #first = 0;
  #commands = 0;

  constructor(private readonly events: LineEvents) {
    const button = (label: string, to: () => number): HTMLButtonElement => {
      const made = element('button', { type: 'button' }, label);
      made.addEventListener('click', () => this.events.lines(Math.max(0, Math.min(to(), this.#commands - 1))));
      return made;
    };
    this.#buttons = [
      button('First', () => 0),
      button('Previous', () => this.#first - linesShown),
      button('Next', () => this.#first + linesShown),
      button('Last', () => this.#commands - linesShown),
    ];
    const columns = ['#', 'Time s', 'Command', 'Queue', 'CID', 'NSID', 'LBA', 'Blocks', '', 'Latency us', 'Status'];
    this.root = element(
      'section',
      { class: 'lines' },
      element('div', { class: 'bar' }, element('h2', {}, 'Commands'), ...this.#buttons, this.#where),
      element('div', { class: 'scroll', tabindex: '0' }, table(columns, this.#body, 'Commands')),
    );
  }

  show(lines: readonly TraceLine[], commands: number): void {
    this.#first = lines[0]?.index ?? 0;
    this.#commands = commands;
    const last = lines.at(-1)?.index ?? 0;
    this.#where.textContent =
      lines.length === 0
        ? 'No commands'
        : `${formatCount(this.#first + 1)} to ${formatCount(last + 1)} of ${formatCount(commands)}`;
    const [first, previous, next, end] = this.#buttons;
    for (const button of [first, previous]) button?.toggleAttribute('disabled', this.#first === 0);
    for (const button of [next, end]) button?.toggleAttribute('disabled', last + 1 >= commands);
    this.#body.replaceChildren(...lines.map(lineRow));
  }
}

function lineRow(line: TraceLine): HTMLTableRowElement {
  const latency = line.latencyNs === undefined ? '' : formatMicros(line.latencyNs);
  const numbers = [formatCount(line.index + 1), formatSeconds(line.timeNs)];
  const ids = [String(line.queue), String(line.cid), String(line.nsid)];
  const row = rowOf([...numbers, line.name, ...ids, line.place, line.blocks, line.notes, latency, line.status], 0);
  if (line.failed) row.classList.add('failed');
  for (const at of [0, 1, 3, 4, 5, 6, 7, 9]) row.cells[at]?.classList.add('number');
  return row;
}

function rowOf(texts: readonly string[], numbers: number): HTMLTableRowElement {
  return element(
    'tr',
    {},
    ...texts.map((text, index) => element('td', index < numbers ? { class: 'number' } : {}, text)),
  );
}

/** Columns whose cells are words: at the left. */
const textColumns: ReadonlySet<string> = new Set(['Command', '', 'Status']);

function table(columns: readonly string[], body: HTMLElement, label: string): HTMLTableElement {
  const cell = (name: string) =>
    element('th', { scope: 'col', class: textColumns.has(name) ? 'text' : 'number' }, name);
  const head = element('tr', {}, ...columns.map(cell));
  return element('table', { 'aria-label': label }, element('thead', {}, head), body);
}
