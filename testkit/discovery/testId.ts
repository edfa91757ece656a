/**
 * The identity of a test. Shared by discovery (from the source) and by the driver host (from the calls that run): both make the
 * same calls here in source order, so both arrive at the same ids. An id is for people too: `io.nvme.ts > limits > reads past the end`.
 */
import { relative, sep } from 'node:path';

const separator = ' > ';
/** Stands in an id for what only a run can know. */
const unknown = `\${…}`;
const placeholders = /%[sdifjop#]|\$\{[^}]*\}|\$[A-Za-z_]\w*/g;

/** The file's part of an id: its path relative to the root, with `/`. */
export function fileId(root: string, file: string): string {
  return relative(root, file).split(sep).join('/');
}

/** Makes the ids of one file. One object a file and load. */
export class TestIds {
  private readonly used = new Set<string>();
  private readonly usedTemplates = new Set<string>();

  constructor(readonly file: string) {}

  /**
   * The id of a suite or test: to be called once for each, in source order.
   * @param parent id of the suite it is in, or the file
   * @param title as shown: `formatTitle`d for a case of `test.each`
   */
  child(parent: string, title: string): string {
    return unique(this.used, `${parent}${separator}${title}`);
  }

  /**
   * The id that stands for all cases of one `test.each` (or `describe.each`, or of a computed title): what is only known at run time
   * is `${…}`. To be called once for each such call, literal or not. A run that asks for it asks for all its cases.
   * @param rawTitle as written, placeholders included
   */
  template(parent: string, rawTitle: string): string {
    return unique(this.usedTemplates, `${parent}${separator}${rawTitle.replace(placeholders, unknown)}`);
  }
}

/** Whether `id` is `selected`, one of its cases, or inside that suite or file. */
export function isSelectedBy(id: string, selected: string): boolean {
  if (!selected.includes(unknown)) return id === selected || id.startsWith(`${selected}${separator}`);
  const pattern = selected
    .replace(/ #\d+$/, '')
    .split(unknown)
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join(`(?:(?!${separator}).)*`);
  return new RegExp(`^${pattern}( #\\d+)?($|${separator})`, 's').test(id);
}

function unique(used: Set<string>, wanted: string): string {
  let id = wanted;
  for (let count = 2; used.has(id); count += 1) id = `${wanted} #${count}`;
  used.add(id);
  return id;
}
