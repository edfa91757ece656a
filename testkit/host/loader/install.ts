import Module from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { importHelper } from './moduleSyntax.ts';
import { esmOnlyFile, typescriptTwin } from './resolve.ts';
import { transpile } from './transpile.ts';

/** The parts of Node's CommonJS loader that are documented by use only. */
interface ModuleInternals {
  _resolveFilename(request: string, parent: Module | undefined, isMain: boolean, options?: object): string;
  _load(request: string, parent: Module, isMain: boolean): unknown;
  _resolveLookupPaths(request: string, parent: Module | undefined): string[] | null;
  readonly _extensions: Record<string, (module: CompilingModule, file: string) => void>;
  readonly _cache: Record<string, Module | undefined>;
  readonly _pathCache: Record<string, string>;
}

type CompilingModule = Module & { _compile(code: string, file: string): void };

const internals = Module as unknown as ModuleInternals;
const testkitName = '@doorbell/testkit';
const loadedFiles = new Set<string>();

/**
 * Makes `require` of this process load TypeScript, and `@doorbell/testkit` mean `testkit`: the host's own copy, whatever is
 * installed. Packages are found from the importing file, as everywhere.
 */
export function installLoader(testkit: object): void {
  provide(testkitName, testkit);
  provide(importHelper, importVia);
  hookResolution();
  for (const extension of ['.ts', '.mts', '.cts']) internals._extensions[extension] = compile;
  hookJavaScript();
}

/** Loads a file and what it imports, as if for the first time. @returns what it exports */
export function loadFresh(file: string): unknown {
  const parent = new Module('doorbell-run');
  parent.paths = [];
  return internals._load(file, parent, false);
}

/** Forgets every workspace file, so that the next run sees edits. Packages stay. */
export function purgeWorkspaceFiles(): void {
  for (const file of loadedFiles) delete internals._cache[file];
  for (const [request, file] of Object.entries(internals._pathCache)) {
    if (loadedFiles.has(file)) delete internals._pathCache[request];
  }
  loadedFiles.clear();
}

/** A module that exists only here. */
function provide(name: string, exported: unknown): void {
  const module = new Module(name);
  module.exports = exported;
  module.loaded = true;
  internals._cache[name] = module;
}

function hookResolution(): void {
  const original = internals._resolveFilename;
  internals._resolveFilename = (request, parent, isMain, options) => {
    if (request === testkitName || request === importHelper) return request;
    if (request.startsWith(`${testkitName}/`)) {
      throw new Error(`"${request}" cannot be imported: everything public is in "${testkitName}".`);
    }
    const twin = typescriptTwin(request, parent?.filename);
    if (twin) return twin;
    try {
      return original.call(Module, request, parent, isMain, options);
    } catch (error) {
      const found = isUnexported(error) && esmOnlyFile(request, internals._resolveLookupPaths(request, parent) ?? []);
      if (found) return found;
      throw error;
    }
  };
}

/** JavaScript of the workspace that is written as a module is transpiled too: Node could load it, but never reload it. */
function hookJavaScript(): void {
  for (const extension of ['.js', '.mjs']) {
    const original = internals._extensions[extension] ?? internals._extensions['.js'];
    internals._extensions[extension] = (module, file) => {
      if (isPackage(file)) original?.(module, file);
      else compile(module, file);
    };
  }
}

function compile(module: CompilingModule, file: string): void {
  if (isPackage(file)) throw new Error(`${file} is TypeScript inside a package: packages must ship JavaScript.`);
  loadedFiles.add(file);
  module._compile(transpile(file), file);
}

function isPackage(file: string): boolean {
  return file.split(path.sep).includes('node_modules');
}

function isUnexported(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
}

/** `import()` in a transpiled module: through `require`, so that TypeScript loads; natively where a module awaits at its top level. */
function importVia(require: NodeJS.Require): (specifier: string | URL) => Promise<unknown> {
  return async (specifier) => {
    const request = String(specifier).startsWith('file:') ? new URL(specifier).pathname : String(specifier);
    try {
      return asNamespace(require(request));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
      return import(pathToFileURL(require.resolve(request)).href);
    }
  };
}

function asNamespace(exported: unknown): unknown {
  const isModule = typeof exported === 'object' && exported !== null && '__esModule' in exported;
  return isModule ? exported : { ...(exported as object), default: exported };
}
