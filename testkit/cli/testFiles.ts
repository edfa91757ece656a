import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { UsageError } from './exitCodes.ts';

const suffix = '.nvme.ts';
const ignoredFolders = new Set(['node_modules', '.git', '.doorbell']);

/** Absolute paths of the test files that files, folders and globs mean, sorted, each once. @throws UsageError for one that means none. */
export function findTestFiles(root: string, patterns: readonly string[]): string[] {
  const wanted = patterns.length > 0 ? patterns : ['.'];
  const files = wanted.flatMap((pattern) => {
    const found = filesOf(root, pattern);
    if (found.length > 0) return found;
    throw new UsageError(`No test file matches "${pattern}" (in ${root}; test files end in ${suffix}).`);
  });
  return [...new Set(files)].sort();
}

function filesOf(root: string, pattern: string): string[] {
  const path = resolve(root, pattern);
  if (existsSync(path)) return statSync(path).isDirectory() ? walk(path) : [path];
  const matches = globExpression(pattern.replace(/^\.\//, ''));
  return walk(root).filter((file) => matches.test(relative(root, file).split(sep).join('/')));
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return ignoredFolders.has(entry.name) ? [] : walk(join(folder, entry.name));
    return entry.name.endsWith(suffix) ? [join(folder, entry.name)] : [];
  });
}

/** `**` any folders, `*` and `?` within a name, `{a,b}` one of. */
export function globExpression(glob: string): RegExp {
  const source = glob.replace(/\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[.+^$()|[\]\\]/g, (part) => {
    if (part === '**/') return '(?:[^/]+/)*';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.startsWith('{')) return `(?:${part.slice(1, -1).split(',').map(escapeRegExp).join('|')})`;
    return `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}

export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
