/** Reads a command log's text back: what stands at a position, for hovers, symbols and folding. Tolerates edited text. */

export interface CmdlogEntry {
  /** 0-based line of its first line. */
  readonly line: number;
  /** 0-based line of its last line with text. */
  readonly endLine: number;
  /** 1 = newest. */
  readonly place: number;
  /** Command name. */
  readonly name: string;
  /** As written. */
  readonly submitted: string;
  /** As written; undefined in flight. */
  readonly completed: string | undefined;
  /** `SUCCESS`, an upper-case status, or how it ended; undefined in flight. */
  readonly result: string | undefined;
  /** 16 dwords; fewer where the text was cut. */
  readonly sqe: readonly number[];
  /** 4 dwords; empty unless the device completed it. */
  readonly cqe: readonly number[];
}

export interface CmdlogDword {
  readonly entry: CmdlogEntry;
  readonly of: 'sqe' | 'cqe';
  /** 0..15, 0..3 */
  readonly index: number;
  readonly value: number;
  /** 0-based columns, end exclusive. */
  readonly start: number;
  readonly end: number;
}

const headPattern = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}) \[cmd(\d+): (.+)\]\s*$/;
const completionPattern = /^(.+): \[cpl: (.+)\]\s*$/;
const dwordPattern = /0x[0-9a-f]{8}/g;

export function parseCmdlog(text: string): CmdlogEntry[] {
  const lines = text.split(/\r?\n/);
  const heads = lines.flatMap((line, index) => (headPattern.test(line) ? [index] : []));
  return heads.map((line, index) => parseEntry(lines, line, heads[index + 1] ?? lines.length));
}

/** The entry whose lines include `line`. */
export function entryAt(entries: readonly CmdlogEntry[], line: number): CmdlogEntry | undefined {
  return entries.find((entry) => entry.line <= line && line <= entry.endLine);
}

/** The dword under a 0-based position. */
export function dwordAt(text: string, line: number, column: number): CmdlogDword | undefined {
  const entry = entryAt(parseCmdlog(text), line);
  const content = text.split(/\r?\n/)[line];
  if (entry === undefined || content === undefined) return undefined;
  const row = line - entry.line - 1;
  const match = [...content.matchAll(dwordPattern)]
    .map((found, index) => ({ start: found.index, end: found.index + found[0].length, index, value: Number(found[0]) }))
    .find((found) => found.start <= column && column <= found.end);
  if (match === undefined || row < 0 || row === 4 || row > 5) return undefined;
  const index = row === 5 ? match.index : row * 4 + match.index;
  return { entry, of: row === 5 ? 'cqe' : 'sqe', index, value: match.value, start: match.start, end: match.end };
}

function parseEntry(lines: readonly string[], start: number, limit: number): CmdlogEntry {
  const body = lines.slice(start, Math.min(limit, start + 7));
  const blank = body.findIndex((line) => line.trim() === '');
  const content = blank < 0 ? body : body.slice(0, blank);
  const head = headPattern.exec(content[0] ?? '');
  const completion = completionPattern.exec(content[5] ?? '');
  return {
    line: start,
    endLine: start + content.length - 1,
    place: Number(head?.[2]),
    name: head?.[3] ?? '',
    submitted: head?.[1] ?? '',
    completed: completion?.[1],
    result: completion?.[2],
    sqe: content.slice(1, 5).flatMap(dwordsOf),
    cqe: dwordsOf(content[6] ?? ''),
  };
}

function dwordsOf(line: string): number[] {
  return (line.match(dwordPattern) ?? []).map(Number);
}
