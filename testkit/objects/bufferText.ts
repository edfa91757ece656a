/** Bytes as people read them: hex + ASCII rows, and the rows in which two buffers differ. */
const rowBytes = 16;

/** One row: `00000010  68 65 6c ...  |hel...|`, short rows padded. */
function row(address: number, bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  const left = hex.slice(0, 8).join(' ');
  const right = hex.slice(8).join(' ');
  return `${hexAddress(address)}  ${left.padEnd(23)}  ${right.padEnd(23)}  |${printable(bytes)}|`;
}

const hexAddress = (address: number): string => address.toString(16).padStart(8, '0');

function printable(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
}

/** Hex + ASCII, 16 bytes a row; rows equal to the one above are one `*`. `first` is the address of the first byte. */
export function hexDump(bytes: Uint8Array, first = 0): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += rowBytes) {
    const isInner = at > 0 && at + rowBytes < bytes.length;
    if (isInner && sameRow(bytes, at, at - rowBytes)) {
      if (lines.at(-1) !== '*') lines.push('*');
    } else {
      lines.push(row(first + at, bytes.subarray(at, at + rowBytes)));
    }
  }
  return lines.join('\n');
}

function sameRow(bytes: Uint8Array, a: number, b: number): boolean {
  for (let index = 0; index < rowBytes; index += 1) if (bytes[a + index] !== bytes[b + index]) return false;
  return true;
}

/** How two ranges differ. */
export interface DiffSummary {
  /** Index of the first byte that differs. */
  readonly first: number;
  /** Bytes that differ. */
  readonly count: number;
  /** `-` actual and `+` expected rows with a `^` under every byte that differs. */
  readonly text: string;
}

/** Undefined when equal. At most `maxRows` pairs of rows are written out. */
export function diffText(actual: Uint8Array, expected: Uint8Array, maxRows = 8): DiffSummary | undefined {
  const different = differingBytes(actual, expected);
  const first = different[0];
  if (first === undefined) return undefined;
  const rows = [...new Set(different.map((at) => Math.floor(at / rowBytes)))];
  const marked = new Set(different);
  const lines = rows.slice(0, maxRows).flatMap((index) => diffRow(actual, expected, { at: index * rowBytes, marked }));
  if (rows.length > maxRows) lines.push(`... and ${rows.length - maxRows} more rows`);
  const head = `${different.length} of ${actual.length} bytes differ, the first at ${first} (0x${first.toString(16)}):`;
  return { first, count: different.length, text: [head, ...lines].join('\n') };
}

function differingBytes(actual: Uint8Array, expected: Uint8Array): number[] {
  const different: number[] = [];
  for (let at = 0; at < actual.length; at += 1) if (actual[at] !== expected[at]) different.push(at);
  return different;
}

function diffRow(
  actual: Uint8Array,
  expected: Uint8Array,
  { at, marked }: { at: number; marked: Set<number> },
): string[] {
  const end = at + rowBytes;
  const carets = Array.from({ length: rowBytes }, (_, index) => (marked.has(at + index) ? '^^' : '  '));
  const marks = `${carets.slice(0, 8).join(' ')}  ${carets.slice(8).join(' ')}`;
  return [
    `- ${row(at, actual.subarray(at, end))}`,
    `+ ${row(at, expected.subarray(at, end))}`,
    `            ${marks}`.trimEnd(),
  ];
}
