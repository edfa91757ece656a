// Which file may import which: the house's borders (one top-level folder = one runtime), as data.
import path from 'node:path';
import { parse } from '@babel/parser';

export interface Source {
  /** Relative to the repository, with `/`. */
  readonly file: string;
  readonly text: string;
}

export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

interface Import {
  readonly target: string;
  readonly line: number;
}

/** What other rooms may import of a room; inside, everything may. */
const contracts: Readonly<Record<string, readonly { readonly of: string; readonly files: RegExp }[]>> = {
  testkit: [],
  extension: [
    {
      of: 'testkit',
      files:
        /^testkit\/(protocol\.ts$|nvme\/|discovery\/|parent\/|machine\/|trace\/|perf\/|report\/|power\/power[A-Z]\w+\.ts$)/,
    },
    { of: 'webviews', files: /^webviews\/protocol\.ts$/ },
  ],
  webviews: [],
  test: [{ of: '', files: /^(testkit|extension|webviews|test)\// }],
};

/** Rooms inside testkit that the extension imports: they must not pull the rest of it along. */
const testkitContract =
  /^testkit\/(protocol\.ts$|nvme\/|discovery\/|parent\/|machine\/|trace\/|perf\/|report\/|power\/power[A-Z]\w+\.ts$)/;
const pureSpec = /^testkit\/nvme\//;
const authorFiles = /^testkit\/(sample|suites)\//;
const addonLoader = 'testkit/native.ts';

interface SyntaxNode {
  readonly type: string;
  readonly loc: { readonly start: { readonly line: number } };
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

function* nodesOf(node: SyntaxNode): Generator<SyntaxNode> {
  yield node;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* nodesOf(child);
  }
}

/** The string a node imports: `import`, `export from`, `import()`, `require()`, and `import('x')` types. */
function importedBy(node: SyntaxNode): unknown {
  if (/^(Import|ExportNamed|ExportAll)Declaration$|^ImportExpression$|^TSImportType$/.test(node.type)) {
    const from = (node.source ?? node.argument) as SyntaxNode | undefined;
    return from?.value ?? (from?.literal as SyntaxNode | undefined)?.value;
  }
  if (node.type !== 'CallExpression') return undefined;
  const callee = node.callee as SyntaxNode;
  const isRequire = callee.type === 'Import' || callee.name === 'require';
  return isRequire ? (node.arguments as SyntaxNode[])[0]?.value : undefined;
}

function importsOf({ file, text }: Source): Import[] {
  const program = parse(text, {
    sourceType: 'module',
    plugins: ['typescript'],
    sourceFilename: file,
  });
  const found: Import[] = [];
  for (const node of nodesOf(program.program as unknown as SyntaxNode)) {
    const target = importedBy(node);
    if (typeof target === 'string') found.push({ target, line: node.loc.start.line });
  }
  return found;
}

const roomOf = (file: string): string => file.split('/')[0] ?? '';

function crossing(from: string, to: string): string | undefined {
  const room = roomOf(from);
  if (authorFiles.test(from) && !authorFiles.test(to)) return 'test files import @doorbell/testkit, as a user does';
  if (pureSpec.test(from) && !pureSpec.test(to)) return 'testkit/nvme is pure: it imports nothing outside itself';
  if (testkitContract.test(from) && !testkitContract.test(to)) {
    return 'a contract of the testkit may import only other contracts of it';
  }
  if (roomOf(to) === room) return undefined;
  const allowed = contracts[room]?.some(({ files }) => files.test(to));
  return allowed ? undefined : `${room}/ may not import ${to}`;
}

function packageReason(from: string, name: string): string | undefined {
  const room = roomOf(from);
  if (name === 'vscode' && !['extension', 'test'].includes(room)) return 'only extension/ imports vscode';
  if (name === '@doorbell/testkit' && !authorFiles.test(from) && room !== 'test')
    return 'only test files import @doorbell/testkit';
  if (room === 'webviews' && name.startsWith('node:')) return 'a webview has no Node.js';
  if (pureSpec.test(from)) return 'testkit/nvme is pure: it imports nothing outside itself';
  return undefined;
}

function reasonAgainst(from: string, target: string): string | undefined {
  if (target.endsWith('.node') && from !== addonLoader) return `only ${addonLoader} loads the addon`;
  if (!target.startsWith('.')) return packageReason(from, target);
  return crossing(from, path.posix.join(path.posix.dirname(from), target));
}

export function borderViolations(sources: readonly Source[]): Violation[] {
  return sources.flatMap((source) =>
    importsOf(source).flatMap(({ target, line }) => {
      const reason = reasonAgainst(source.file, target);
      return reason ? [{ file: source.file, line, reason: `${reason} (here: ${target})` }] : [];
    }),
  );
}

/** The native layers, lowest first, and what each may include besides itself. */
const layers: readonly { readonly files: RegExp; readonly includes: RegExp }[] = [
  { files: /^spec\//, includes: /^spec\// },
  { files: /^platform\/emulated\//, includes: /^(spec|platform|emulator)\// },
  { files: /^platform\/vfio\//, includes: /^(spec\/|platform\/(vfio\/|[^/]+$))/ },
  { files: /^platform\/vfio_user\//, includes: /^(spec\/|platform\/(vfio_user\/|[^/]+$))/ },
  { files: /^platform\//, includes: /^(spec\/|platform\/[^/]+$)/ },
  { files: /^emulator\//, includes: /^(spec\/|platform\/|emulator\/)/ },
  // The one list of platforms; nothing else above platform/ knows which there are.
  { files: /^driver\/platforms\.cpp$/, includes: /^(driver\/|platform\/([^/]+\/(open|function)\.h|[^/]+)$)/ },
  { files: /^driver\//, includes: /^(spec\/|platform\/[^/]+$|driver\/)/ },
  // What `doorbell serve` serves is the emulated SSD itself, not a controller of the driver.
  { files: /^binding\/server_object\.h$/, includes: /^(spec|platform|driver|binding|emulator\/serve)\// },
  { files: /^binding\//, includes: /^(spec|platform|driver|binding)\// },
  { files: /^(test|bench)\//, includes: /^(spec|platform|emulator|driver|test|bench|support)\// },
];

function includeReason(file: string, quote: string, header: string): string | undefined {
  if (/^(napi|node_api)/.test(header))
    return file.startsWith('binding/') ? undefined : 'only native/binding includes napi.h';
  if (quote !== '"') return undefined;
  const layer = layers.find(({ files }) => files.test(file));
  if (!layer) return 'no layer of native/';
  // A header beside the includer may be named alone.
  const full = header.includes('/') ? header : path.posix.join(path.posix.dirname(file), header);
  return layer.includes.test(full) ? undefined : `${path.posix.dirname(file)}/ may not include ${full}`;
}

/** `file` here is relative to native/. */
export function layerViolations(sources: readonly Source[]): Violation[] {
  return sources.flatMap(({ file, text }) =>
    text.split('\n').flatMap((line, index) => {
      const [, quote = '', header = ''] = /^\s*#\s*include\s*([<"])([^>"]+)/.exec(line) ?? [];
      const reason = header && includeReason(file, quote, header);
      return reason ? [{ file: `native/${file}`, line: index + 1, reason }] : [];
    }),
  );
}
