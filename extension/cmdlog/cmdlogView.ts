import { linesPerEntry } from '../../testkit/nvme/cmdlogText.ts';
import type { CmdlogContent } from '../host/evidenceReader.ts';

export type CmdlogOrder = 'newest-first' | 'newest-last';

/** How one command log is shown. */
export interface CmdlogView {
  /** Entries to show; grows when a link needs an older one. */
  readonly max: number;
  readonly order: CmdlogOrder;
}

/** The text of the editor. */
export function viewText({ text }: CmdlogContent, { order }: CmdlogView): string {
  return order === 'newest-first' ? text : reversed(text);
}

/** 0-based line of a command's entry in the editor; undefined when it is not shown. */
export function lineOf({ sequences }: CmdlogContent, sequence: bigint, { order }: CmdlogView): number | undefined {
  const index = sequences.indexOf(sequence);
  if (index < 0) return undefined;
  return linesPerEntry * (order === 'newest-first' ? index : sequences.length - 1 - index);
}

/** Entries to ask for so that a command is among them, with some before it. */
export function entriesToReach({ total }: CmdlogContent, sequence: bigint, { max }: CmdlogView): number {
  const before = 16;
  const needed = Number(total - sequence) + 1 + before;
  return Math.max(max, needed);
}

function reversed(text: string): string {
  const lines = text.split('\n');
  const entries: string[] = [];
  for (let at = 0; at + linesPerEntry <= lines.length; at += linesPerEntry) {
    entries.unshift(lines.slice(at, at + linesPerEntry).join('\n'));
  }
  return entries.map((entry) => `${entry}\n`).join('');
}
