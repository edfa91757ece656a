import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { moduleSyntaxPlugin } from './moduleSyntax.ts';

/** A source file that could not be parsed; the message shows the place. */
export class TranspileError extends Error {
  override readonly name = 'SyntaxError';
  constructor(
    message: string,
    readonly file: string,
    /** 1-based. */
    readonly line: number,
    readonly column: number,
  ) {
    super(message);
    this.stack = `SyntaxError: ${message}\n    at ${file}:${line}:${column}`;
  }
}

interface Transpiled {
  readonly source: string;
  readonly code: string;
  readonly map: SourceMap;
}

interface BabelError extends Error {
  readonly loc?: { readonly line: number; readonly column: number };
}

type Babel = typeof import('@babel/standalone');

const cache = new Map<string, Transpiled>();
let babel: Babel | undefined;

/** Takes 100 ms, so the host does it while nobody waits. */
export function loadBabel(): Babel {
  // A require in a function keeps the bundle's copy asleep until it is needed.
  babel ??= require('@babel/standalone') as Babel;
  return babel;
}

/** Code of a TypeScript or modern JavaScript module as CommonJS, with its source map inside. Files that did not change are free. */
export function transpile(file: string): string {
  const source = readFileSync(file, 'utf8');
  const known = cache.get(file);
  if (known?.source === source) return known.code;
  const { code, map } = transform(file, source);
  const comment = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;
  const done = { source, code: `${code}\n${comment}\n`, map: new SourceMap(map) };
  cache.set(file, done);
  return done.code;
}

/** Where a line and column (1-based) of transpiled code are in its source. */
export function originalPosition(file: string, line: number, column: number): { line: number; column: number } {
  const entry = cache.get(file)?.map.findEntry(line - 1, column - 1);
  if (!entry || !('originalLine' in entry)) return { line, column };
  return { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}

export function isTranspiled(file: string): boolean {
  return cache.has(file);
}

function transform(file: string, source: string): { code: string; map: SourceMapPayload } {
  try {
    const result = loadBabel().transform(source, {
      filename: file,
      babelrc: false,
      configFile: false,
      sourceType: /\.[cm]?js$/.test(file) ? 'unambiguous' : 'module',
      presets: /\.[cm]?tsx?$/.test(file) ? [['typescript', { onlyRemoveTypeImports: false }]] : [],
      plugins: [moduleSyntaxPlugin, 'transform-explicit-resource-management', 'transform-modules-commonjs'],
      sourceMaps: true,
      sourceFileName: file,
      // Line numbers are right even where nobody maps them: in a stack the test itself prints.
      retainLines: true,
      highlightCode: false,
    });
    return { code: result?.code ?? '', map: result?.map as unknown as SourceMapPayload };
  } catch (error) {
    throw asTranspileError(error as BabelError, file);
  }
}

function asTranspileError(error: BabelError, file: string): Error {
  if (!error.loc) return error;
  const message = error.message.replace(`${file}: `, '').replace(/ \(\d+:\d+\)/, '');
  return new TranspileError(message, file, error.loc.line, error.loc.column + 1);
}
