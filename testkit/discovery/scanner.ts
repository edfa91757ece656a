/** Discovery of many files: reads, parses and remembers them by content, and follows their relative imports to the `test`s they use. */
import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { type Program, parseSource } from './ast.ts';
import { relativeModules, TestBindings } from './bindings.ts';
import { faultOf, testsOf } from './parseTests.ts';
import { fileId } from './testId.ts';
import type { DiscoveredFile } from './types.ts';

/** The text of a file. Throws when there is none. */
export type ReadText = (path: string) => string;

interface Remembered {
  readonly hash: string;
  /** Relative modules it imports, and what they exported then. */
  readonly modules: readonly string[];
  readonly exported: string;
  readonly result: DiscoveredFile;
}

const maxRemembered = 20_000;
const maxTextLength = 4_000_000;
const none: ReadonlySet<string> = new Set();
const extensions = ['', '.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '/index.ts', '/index.js'];

export class Scanner {
  private readonly remembered = new Map<string, Remembered>();
  /** Exports of modules, as of the current request. */
  private modules = new Map<string, ReadonlySet<string>>();

  constructor(private readonly readText: ReadText) {}

  /** @param paths absolute */
  scan(root: string, paths: readonly string[]): DiscoveredFile[] {
    this.modules = new Map();
    return paths.map((path) => {
      try {
        return this.discover(root, path, this.readText(path));
      } catch (error) {
        return { file: fileId(root, path), tests: [], fault: faultOf(error) };
      }
    });
  }

  /** With the text an editor has instead of the file's. */
  parse(root: string, path: string, text: string): DiscoveredFile {
    this.modules = new Map();
    return this.discover(root, path, text);
  }

  private discover(root: string, path: string, text: string): DiscoveredFile {
    const file = fileId(root, path);
    if (text.length > maxTextLength) return { file, tests: [], fault: tooLong };
    const hash = createHash('sha1').update(file).update('\0').update(text).digest('base64');
    const known = this.remembered.get(path);
    if (known?.hash === hash && known.exported === this.signature(path, known.modules)) return known.result;
    return this.remember(path, hash, this.parsed(path, file, text));
  }

  private parsed(path: string, file: string, text: string): Omit<Remembered, 'hash'> {
    try {
      const program = parseSource(text);
      const modules = relativeModules(program);
      const exported = this.signature(path, modules);
      const tests = testsOf(file, program, text, (specifier) => this.exportsOf(path, specifier));
      return { modules, exported, result: { file, tests } };
    } catch (error) {
      return { modules: [], exported: '', result: { file, tests: [], fault: faultOf(error) } };
    }
  }

  private remember(path: string, hash: string, parsed: Omit<Remembered, 'hash'>): DiscoveredFile {
    this.remembered.delete(path);
    this.remembered.set(path, { hash, ...parsed });
    const [oldest] = this.remembered.keys();
    if (this.remembered.size > maxRemembered && oldest !== undefined) this.remembered.delete(oldest);
    return parsed.result;
  }

  private signature(path: string, modules: readonly string[]): string {
    return modules.map((specifier) => [...this.exportsOf(path, specifier)].join()).join(';');
  }

  private exportsOf(importer: string, specifier: string): ReadonlySet<string> {
    if (!/^\.\.?\//.test(specifier)) return none;
    const base = resolve(dirname(importer), specifier);
    for (const candidate of candidates(base)) {
      const known = this.modules.get(candidate);
      if (known) return known;
      const text = this.tryRead(candidate);
      if (text !== undefined) return this.exportsOfModule(candidate, text);
    }
    this.modules.set(base, none);
    return none;
  }

  private exportsOfModule(path: string, text: string): ReadonlySet<string> {
    this.modules.set(path, none); // an import cycle ends here
    const program = tryParse(text);
    if (program === undefined) return none;
    const exported = new TestBindings(program, (specifier) => this.exportsOf(path, specifier)).exported(program);
    this.modules.set(path, exported);
    return exported;
  }

  private tryRead(path: string): string | undefined {
    try {
      const text = this.readText(path);
      return text.length > maxTextLength ? undefined : text;
    } catch {
      return undefined;
    }
  }
}

const tooLong = { message: `The file is longer than ${maxTextLength} characters.`, line: 0, column: 0 };

/** TypeScript lets `./x.js` name `./x.ts`. */
function candidates(base: string): string[] {
  const source = /\.[cm]?js$/.test(base) ? [base.replace(/js$/, 'ts')] : [];
  return [...source, ...extensions.map((extension) => `${base}${extension}`)];
}

function tryParse(text: string): Program | undefined {
  try {
    return parseSource(text);
  } catch {
    return undefined;
  }
}
