/** Reads the names in a function's parameter pattern: `async ({ nvme0, buf: b = x }, row) => ...` gives nvme0, buf. */

const bodies = new WeakMap<object, readonly string[]>();

/** @throws TypeError when the first parameter is neither absent nor a plain object pattern. */
export function fixtureNames(body: (...args: never[]) => unknown): readonly string[] {
  const known = bodies.get(body);
  if (known) return known;
  const names = patternNames(body.toString());
  bodies.set(body, names);
  return names;
}

/** Exported for its tests. */
export function patternNames(source: string): readonly string[] {
  const first = splitTop(parameters(stripComments(source)))[0]?.trim() ?? '';
  if (first === '') return [];
  // An unused first parameter of a `test.each` body is written `_` or `_fixtures`.
  if (/^_\w*$/.test(first)) return [];
  if (!first.startsWith('{') || !first.includes('}')) {
    throw new TypeError(
      `The first parameter must name the fixtures it uses: "async ({ nvme0, qpair }) => ...", not "${first.slice(0, 40)}".`,
    );
  }
  return splitTop(first.slice(1, first.lastIndexOf('}')))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map(entryName);
}

function entryName(entry: string): string {
  const name = /^[A-Za-z_$][\w$]*/.exec(entry)?.[0];
  if (name) return name;
  throw new TypeError(`Fixtures are named one by one; "${entry.slice(0, 40)}" cannot be a fixture's name.`);
}

function parameters(source: string): string {
  const single = /^(?:async\s+)?([A-Za-z_$][\w$]*)\s*=>/.exec(source.trim());
  if (single?.[1]) return single[1];
  const open = source.indexOf('(');
  return open < 0 ? '' : source.slice(open + 1, closing(source, open));
}

const pairs: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Index of the bracket that closes the one at `open`. */
function closing(source: string, open: number): number {
  let depth = 0;
  for (let at = open; at < source.length; at += 1) {
    const char = source[at] ?? '';
    if (isQuote(char)) at = quoteEnd(source, at);
    else if (char in pairs) depth += 1;
    else if (Object.values(pairs).includes(char) && --depth === 0) return at;
  }
  return source.length;
}

/** Splits at the commas that are in no bracket and no string. */
function splitTop(list: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < list.length; at += 1) {
    const char = list[at] ?? '';
    if (isQuote(char)) at = quoteEnd(list, at);
    else if (char in pairs) at = closing(list, at);
    else if (char === ',') {
      parts.push(list.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, list.slice(start)].filter((part) => part.trim() !== '');
}

function isQuote(char: string): boolean {
  return char === '"' || char === "'" || char === '`';
}

function quoteEnd(source: string, open: number): number {
  for (let at = open + 1; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === source[open]) return at;
  }
  return source.length;
}

/** Comments may hold brackets and quotes. A `//` inside a string of a default value would be cut: nobody writes one. */
function stripComments(source: string): string {
  const head = source.slice(0, 4000);
  return head.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*/g, '');
}
