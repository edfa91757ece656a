/** Traces in words: for the terminal and for messages. */
import type { ImportResult } from './import/importer.ts';
import type { TraceTail } from './traceCommand.ts';
import type { TraceReader } from './traceReader.ts';

const count = (value: number): string => value.toLocaleString('en-US');

export function resultLines(result: ImportResult): string[] {
  return [`${count(result.commands)} commands in ${count(result.bytes)} bytes`, ...tailLines(result)];
}

function tailLines({ left, counts }: TraceTail): string[] {
  const byName = (title: string, values: Readonly<Record<string, number>>): string[] =>
    Object.keys(values).length === 0
      ? []
      : [title, ...Object.entries(values).map(([name, value]) => `  ${count(value).padStart(12)}  ${name}`)];
  return [...byName('Left out', left), ...byName('Also counted', counts)];
}

export interface TraceTotals {
  readonly commands: number;
  readonly durationNs: number;
  readonly minutes: number;
  readonly reads: number;
  readonly writes: number;
  readonly trims: number;
  readonly flushes: number;
  readonly zeroes: number;
  readonly admin: number;
  readonly errors: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly lbaEnd: number;
}

export function totalsOf({ blocks, facts, durationNs }: TraceReader): TraceTotals {
  const sum = (
    of:
      | 'commands'
      | 'reads'
      | 'writes'
      | 'trims'
      | 'flushes'
      | 'zeroes'
      | 'admin'
      | 'errors'
      | 'blocksRead'
      | 'blocksWritten',
  ) => blocks.reduce((total, { summary }) => total + summary[of], 0);
  return {
    commands: sum('commands'),
    durationNs,
    minutes: new Set(blocks.map(({ summary }) => summary.minute)).size,
    reads: sum('reads'),
    writes: sum('writes'),
    trims: sum('trims'),
    flushes: sum('flushes'),
    zeroes: sum('zeroes'),
    admin: sum('admin'),
    errors: sum('errors'),
    bytesRead: sum('blocksRead') * facts.lbaBytes,
    bytesWritten: sum('blocksWritten') * facts.lbaBytes,
    lbaEnd: blocks.reduce((end, { summary }) => Math.max(end, summary.lbaEnd), 0),
  };
}

/** `doorbell trace info`. */
export function infoLines(reader: TraceReader): string[] {
  const { facts, blocks, damage, tail } = reader;
  const totals = totalsOf(reader);
  const mb = (bytes: number): string => `${(bytes / 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`;
  const row = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`${name.padEnd(14)}${value}`];
  return [
    ...row('source', facts.source),
    ...row('controller', facts.controller),
    ...row(
      'start',
      facts.startTime ?? (facts.clock === 'none' ? 'not recorded: times only keep the order' : undefined),
    ),
    ...row('duration', `${(totals.durationNs / 1e9).toFixed(6)} s, ${totals.minutes} minutes with commands`),
    ...row('LBA size', `${facts.lbaBytes} bytes`),
    ...row('capacity', facts.capacityBlocks && `${facts.capacityBlocks} blocks`),
    ...row('highest LBA', totals.lbaEnd > 0 ? String(totals.lbaEnd - 1) : undefined),
    ...row('commands', `${count(totals.commands)} in ${blocks.length} blocks`),
    ...row('  reads', `${count(totals.reads)}, ${mb(totals.bytesRead)}`),
    ...row('  writes', `${count(totals.writes)}, ${mb(totals.bytesWritten)}`),
    ...row('  zeroes', count(totals.zeroes)),
    ...row('  trims', count(totals.trims)),
    ...row('  flushes', count(totals.flushes)),
    ...row('  admin', count(totals.admin)),
    ...row('  failed', count(totals.errors)),
    ...Object.entries(facts.notes ?? {}).flatMap(([name, value]) => row('note', `${name}: ${value}`)),
    ...row('written by', facts.writer),
    ...(tail ? tailLines(tail) : []),
    ...(damage ? [`Damaged at byte ${damage.offset}: ${damage.reason}. Everything before it is there.`] : []),
  ];
}
