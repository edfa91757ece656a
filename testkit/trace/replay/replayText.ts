/** A replay as a person reads it. */
import { ioCommandName } from '../../nvme/opcode.ts';
import { type ReplayProgress, type ReplayReport, type ReplayTimes, replayPercentiles } from './replayProtocol.ts';

const count = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });
const micros = (value: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const nameWidth = 30;
const columnWidth = 12;

export const replayProgressText = ({ done, total, iops }: ReplayProgress): string =>
  `${Math.min(100, Math.floor((100 * done) / Math.max(1, total)))} %, ${count(done)} commands, ${count(iops)} IOPS`;

export function replayLines(report: ReplayReport): string[] {
  const { plannedS, elapsedS, ends } = report;
  const odd = ends.filter((end) => end !== 'completed');
  return [
    `${report.controller}: ${report.model}, serial number ${report.serial}`,
    `${count(report.recorded)} commands in the trace, ${count(report.sent)} sent on ${report.queues} queues, ${count(report.completed)} completed, ${count(report.errors)} failed${report.firstError ? `: ${report.firstError}` : ''}`,
    `planned ${plannedS.toFixed(3)} s, took ${elapsedS.toFixed(3)} s, ${count(report.iops)} IOPS`,
    ...table(report),
    ...counted('Not sent', report.left),
    ...counted('Sent in another form', report.changed),
    ...(odd.length > 0 ? [`Queues ended: ${odd.join(', ')}`] : []),
    ...(report.damage ? [`The trace is damaged: ${report.damage}. What is before the damage was replayed.`] : []),
  ];
}

function table({ drift, ops }: ReplayReport): string[] {
  const columns = ['count', ...replayPercentiles.map((percent) => `p${percent}`), 'max'];
  const head = `${'microseconds'.padEnd(nameWidth)}${columns.map((name) => name.padStart(columnWidth)).join('')}`;
  const rows = ops.flatMap(({ opcode, latency, recorded }) => [
    row(ioCommandName(opcode), latency),
    ...(recorded ? [row('  when recorded', recorded)] : []),
  ]);
  return ['', head, ...(drift ? [row('sent after the planned time', drift)] : []), ...rows, ''];
}

function row(name: string, { count: commands, percentilesUs, maxUs }: ReplayTimes): string {
  const values = [...replayPercentiles.map((percent) => percentilesUs[percent] ?? 0), maxUs].map(micros);
  return `${name.padEnd(nameWidth)}${[count(commands), ...values].map((text) => text.padStart(columnWidth)).join('')}`;
}

function counted(title: string, counts: Readonly<Record<string, number>>): string[] {
  const rows = Object.entries(counts).map(([name, value]) => `  ${count(value).padStart(12)}  ${name}`);
  return rows.length > 0 ? [title, ...rows] : [];
}
