import * as vscode from 'vscode';

/** Where words of a test came from; undefined parts are unknown. */
export interface OutputPlace {
  readonly id?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

export interface OutputOptions {
  /** Takes merged text with `\r\n` line ends. */
  readonly write: (text: string, place: OutputPlace) => void;
  readonly intervalMs?: number;
  /** Characters of one repetition of a test (or of no test) that are passed on. */
  readonly maxCharacters?: number;
}

/** The words of tests on their way to the window: in order, merged, at most 20 writes a second a place, bounded for each repetition of a test. */
export class OutputQueue {
  readonly #options: Required<OutputOptions>;
  #pending: { text: string; place: OutputPlace }[] = [];
  readonly #taken = new Map<string, number>();
  readonly #dropped = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: OutputOptions) {
    this.#options = { intervalMs: 50, maxCharacters: 2_000_000, ...options };
  }

  push(text: string, place: OutputPlace = {}): void {
    const allowed = this.#allow(text, place);
    if (allowed === '') return;
    const last = this.#pending.at(-1);
    if (last && samePlace(last.place, place)) last.text += allowed;
    else this.#pending.push({ text: allowed, place });
    this.#timer ??= setTimeout(() => this.flush(), this.#options.intervalMs);
  }

  /** A test ended: writes what waits, says what was dropped of it, and gives its next repetition all the room. */
  endOf(id: string): void {
    this.flush();
    const lines = this.#dropped.get(id);
    if (lines !== undefined) this.#options.write(droppedText(lines), id === '' ? {} : { id });
    this.#dropped.delete(id);
    this.#taken.delete(id);
  }

  /** To be called before the run ends. */
  end(): void {
    this.flush();
    for (const id of [...this.#dropped.keys()]) this.endOf(id);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const pending = this.#pending;
    this.#pending = [];
    for (const { text, place } of pending) this.#options.write(text.replace(/\r?\n/g, '\r\n'), place);
  }

  #allow(text: string, place: OutputPlace): string {
    const key = place.id ?? '';
    const taken = this.#taken.get(key) ?? 0;
    const room = Math.max(0, this.#options.maxCharacters - taken);
    this.#taken.set(key, taken + text.length);
    if (text.length <= room) return text;
    const lost = text.slice(room).split('\n').length - 1;
    this.#dropped.set(key, (this.#dropped.get(key) ?? 0) + lost);
    return text.slice(0, room);
  }
}

function droppedText(lines: number): string {
  return `${vscode.l10n.t('… {0} lines dropped: the window takes no more from one test', lines)}\r\n`;
}

function samePlace(a: OutputPlace, b: OutputPlace): boolean {
  return a.id === b.id && a.file === b.file && a.line === b.line;
}
