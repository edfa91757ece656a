/** Which recorder wrote a text, by its first lines. */
import { BlkparseParser } from './blkparse.ts';
import { FioParser } from './fio.ts';
import { FtraceParser } from './ftrace.ts';
import type { ParserContext, TraceParser } from './parser.ts';
import { QemuParser } from './qemu.ts';

export const recorders = ['qemu', 'ftrace', 'blkparse', 'fio'] as const;
export type Recorder = (typeof recorders)[number];

const marks: readonly (readonly [Recorder, RegExp])[] = [
  ['fio', /^fio version \d+ iolog$/],
  ['qemu', /^(\d+@\d+\.\d{6}:|\d{4}-\d\d-\d\dT\S+Z )?pci_nvme_\w+/],
  ['ftrace', /^# tracer: |\[\d+\]\s+(\S+\s+)?\d+\.\d+:\s+(nvme:|block:)?(nvme|block)_\w+:/],
  ['blkparse', /^\s*\d+,\d+\s+\d+\s+\d+\s+\d+\.\d{9}\s+\d+\s+[A-Z]{1,2}\s/],
];

export function recorderOf(line: string): Recorder | undefined {
  const text = line.trimEnd();
  return marks.find(([, mark]) => mark.test(text))?.[0];
}

export function parserFor(recorder: Recorder, context: ParserContext): TraceParser {
  if (recorder === 'qemu') return new QemuParser(context);
  if (recorder === 'ftrace') return new FtraceParser(context);
  return recorder === 'fio' ? new FioParser(context) : new BlkparseParser(context);
}
