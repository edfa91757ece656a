/** Titles and rows of `test.each`. Shared by discovery and by the driver host, which must agree on every title (see `testId.ts`). */

/** The arguments a row gives to the test: an array's elements, or the value itself. */
export function rowArguments(row: unknown): readonly unknown[] {
  return Array.isArray(row) ? row : [row];
}

/** Rows of the tagged form: headings before the first value, then one object a row. `headings` is the first quasi. */
export function templateRows(headings: string, values: readonly unknown[]): Record<string, unknown>[] {
  const names = headings
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, 1)
    .flatMap((line) => line.split('|'))
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) return [];
  const count = Math.floor(values.length / names.length);
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(names.map((name, column) => [name, values[row * names.length + column]])),
  );
}

/**
 * `%s %d %i %f %j %o %p` take the row's next argument, `%#` is the row's 0-based index, `%%` a percent sign; `$name` is a property
 * of a row that is an object. Numbers and bigints are written alike.
 */
export function formatTitle(title: string, row: unknown, index: number): string {
  const values = rowArguments(row);
  let next = 0;
  const positional = title.replace(/%([sdifjop#%])/g, (placeholder, kind: string) => {
    if (kind === '%') return '%';
    if (kind === '#') return String(index);
    if (next >= values.length) return placeholder;
    next += 1;
    return formatValue(kind, values[next - 1]);
  });
  return isRecord(row) ? withProperties(positional, row) : positional;
}

function withProperties(title: string, row: Readonly<Record<string, unknown>>): string {
  return title.replace(/\$([A-Za-z_][\w]*)/g, (placeholder, name: string) =>
    Object.hasOwn(row, name) ? formatValue('s', row[name]) : placeholder,
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function formatValue(kind: string, value: unknown): string {
  if (kind === 'i') return typeof value === 'bigint' ? String(value) : String(Math.trunc(Number(value)));
  if (kind === 'd' || kind === 'f') return typeof value === 'bigint' ? String(value) : String(Number(value));
  if (kind === 's' && (typeof value !== 'object' || value === null)) return String(value);
  return json(value);
}

function json(value: unknown): string {
  const text = JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item));
  return text ?? String(value);
}

/** Nested braces inside `${...}` would confuse the id's placeholders. */
export function placeholderTitle(raw: string): string {
  return raw.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, `\${_}`);
}
