import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const version = '1.100.0-fake';

export class Disposable {
  readonly #end: () => void;
  constructor(end: () => void) {
    this.#end = end;
  }
  static from(...items: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const item of items) item.dispose();
    });
  }
  dispose(): void {
    this.#end();
  }
}

type Listener<T> = (value: T) => unknown;

export class EventEmitter<T> {
  readonly listeners = new Set<Listener<T>>();
  disposed = false;
  readonly event = (listener: Listener<T>, _self?: unknown, disposables?: Disposable[]): Disposable => {
    const entry: Listener<T> = (value) => listener(value);
    this.listeners.add(entry);
    const disposable = new Disposable(() => this.listeners.delete(entry));
    disposables?.push(disposable);
    return disposable;
  };
  fire(value: T): void {
    for (const listener of [...this.listeners]) listener(value);
  }
  dispose(): void {
    this.disposed = true;
    this.listeners.clear();
  }
}

export class CancellationTokenSource {
  readonly #emitter = new EventEmitter<void>();
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.#emitter.event };
  cancel(): void {
    if (this.token.isCancellationRequested) return;
    this.token.isCancellationRequested = true;
    this.#emitter.fire();
  }
  dispose(): void {
    this.#emitter.dispose();
  }
}

interface UriParts {
  scheme?: string;
  authority?: string;
  path?: string;
  query?: string;
  fragment?: string;
}

export class Uri {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
  private constructor(parts: UriParts) {
    this.scheme = parts.scheme ?? 'file';
    this.authority = parts.authority ?? '';
    this.path = parts.path ?? '/';
    this.query = parts.query ?? '';
    this.fragment = parts.fragment ?? '';
  }
  static file(file: string): Uri {
    return new Uri({ scheme: 'file', path: decodeURIComponent(pathToFileURL(file).pathname) });
  }
  static from(parts: UriParts): Uri {
    return new Uri(parts);
  }
  static parse(text: string): Uri {
    const match = /^([a-z][\w+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/i.exec(text);
    if (!match) throw new Error(`not a URI: ${text}`);
    const [, scheme = '', authority = '', rest = '', query = '', fragment = ''] = match;
    const decode = decodeURIComponent;
    return new Uri({
      scheme,
      authority: decode(authority),
      path: decode(rest),
      query: decode(query),
      fragment: decode(fragment),
    });
  }
  static joinPath(base: Uri, ...segments: string[]): Uri {
    return base.with({ path: path.posix.join(base.path, ...segments) });
  }
  get fsPath(): string {
    return this.scheme === 'file' ? fileURLToPath(`file://${encodeURI(this.path)}`) : this.path;
  }
  with(change: UriParts): Uri {
    const { scheme, authority, path: own, query, fragment } = this;
    return new Uri({ scheme, authority, path: own, query, fragment, ...change });
  }
  toString(): string {
    const start = this.scheme === 'file' || this.authority ? `${this.scheme}://${this.authority}` : `${this.scheme}:`;
    const query = this.query ? `?${encodeURIComponent(this.query)}` : '';
    return `${start}${encodeURI(this.path)}${query}${this.fragment ? `#${encodeURIComponent(this.fragment)}` : ''}`;
  }
  toJSON(): unknown {
    return { $mid: 1, scheme: this.scheme, path: this.path };
  }
}

export class MarkdownString {
  isTrusted?: boolean | { readonly enabledCommands: readonly string[] };
  supportThemeIcons?: boolean;
  value: string;
  constructor(value = '', supportThemeIcons = false) {
    this.value = value;
    this.supportThemeIcons = supportThemeIcons;
  }
  appendMarkdown(value: string): this {
    this.value += value;
    return this;
  }
  appendText(value: string): this {
    this.value += value.replace(/[\\`*_{}[\]()#+\-.!~<>|]/g, '\\$&').replace(/\n/g, '\n\n');
    return this;
  }
  appendCodeblock(value: string, language = ''): this {
    // As VS Code does: a fence longer than any in the text.
    const longest = Math.max(2, ...[...value.matchAll(/^`+/gm)].map(([fence]) => fence.length));
    const fence = '`'.repeat(longest + 1);
    this.value += `\n${fence}${language}\n${value}\n${fence}\n`;
    return this;
  }
}

export class ThemeColor {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

export class ThemeIcon {
  readonly id: string;
  readonly color: ThemeColor | undefined;
  constructor(id: string, color?: ThemeColor) {
    this.id = id;
    this.color = color;
  }
}

export const l10n = {
  t(message: string | { message: string; args?: unknown[] }, ...args: unknown[]): string {
    const text = typeof message === 'string' ? message : message.message;
    const values = typeof message === 'string' ? args : (message.args ?? []);
    return text.replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)]));
  },
};
