/** A measurement as a person reads it. */
import {
  type PerfLatency,
  type PerfProgress,
  type PerfReport,
  type PerfRequest,
  perfPercentiles,
} from '../../perf/perfProtocol.ts';

const barCells = 24;
const labelWidth = 10;
const columnWidth = 9;

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `[=====>      ]  42 %  1,234,567 IOPS  5,057 MB/s` */
export function progressText({ phase, done, iops, mbPerS }: PerfProgress): string {
  const filled = Math.round(done * barCells);
  const bar = `${'='.repeat(filled)}${' '.repeat(barCells - filled)}`;
  const what = phase === 'precondition' ? 'writing the region' : 'measuring';
  const percent = String(Math.floor(done * 100)).padStart(3);
  return `[${bar}] ${percent} %  ${grouped.format(iops)} IOPS  ${grouped.format(mbPerS)} MB/s  ${what}`;
}

export function reportLines(report: PerfReport, request: PerfRequest): string[] {
  const { total, elapsedS, media, ends, firstError } = report;
  const lines = [
    `${report.controller}: ${report.model}, serial number ${report.serial}`,
    `${request.rw}, ${sizeText(request.blockBytes)}, queue depth ${request.qdepth}, ${queuesText(request.queues)}, region ${sizeText(report.regionBytes)}, ${elapsedS.toFixed(2)} s`,
    preconditionText(report),
    '',
    `${grouped.format(total.iops)} IOPS, ${grouped.format(total.mbPerS)} MB/s (10^6 bytes), ${grouped.format(total.ios)} commands, CPU ${report.cpuPercent.toFixed(0)} %`,
    `media: ${sizeText(media.bytesRead)} read, ${sizeText(media.bytesWritten)} written (the device's own count)`,
  ];
  if (report.ioPerSecond.length > 1) lines.push(perSecondText(report));
  lines.push('', ...latencyTable(report));
  if (report.unsent > 0)
    lines.push(`${grouped.format(report.unsent)} commands were due and never sent: the device is slower than --iops.`);
  if (report.startSkewUs > 1000)
    lines.push(`The queues began ${(report.startSkewUs / 1000).toFixed(1)} ms apart: not enough free CPUs.`);
  const odd = ends.filter((end) => end !== 'completed');
  if (odd.length > 0)
    lines.push(`ended: ${odd.join(', ')}${firstError === undefined ? '' : ` (${firstError})`}, ${total.errors} errors`);
  return lines;
}

function preconditionText({ preconditionedBytes }: PerfReport): string {
  if (preconditionedBytes > 0)
    return `preconditioned: all ${sizeText(preconditionedBytes)} of the region written first`;
  return 'not preconditioned: blocks never written are read without a media access';
}

function perSecondText({ ioPerSecond, deviation, total }: PerfReport): string {
  const share = total.iops > 0 ? (deviation / total.iops) * 100 : 0;
  const [least, most] = [Math.min(...ioPerSecond), Math.max(...ioPerSecond)];
  return `each second: ${grouped.format(least)} to ${grouped.format(most)} IOPS, standard deviation ${grouped.format(deviation)} (${share.toFixed(1)} %)`;
}

function latencyTable(report: PerfReport): string[] {
  const names = ['min', 'avg', ...perfPercentiles.map((percent) => `p${percent}`), 'max'];
  const rows: [string, PerfLatency][] = [
    ['read', report.read],
    ['write', report.write],
  ];
  if (report.fromDue) rows.push(['from due', report.fromDue]);
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(labelWidth)}${cells.map((cell) => cell.padStart(columnWidth)).join('')}`;
  const used = rows.filter(([, { count }]) => count > 0);
  return [line('us', names), ...used.map(([name, latency]) => line(name, cellsOf(latency)))];
}

function cellsOf({ minUs, avgUs, maxUs, percentilesUs }: PerfLatency): string[] {
  const percentiles = perfPercentiles.map((percent) => percentilesUs[String(percent)] ?? 0);
  return [minUs, avgUs, ...percentiles, maxUs].map(microseconds);
}

function microseconds(value: number): string {
  return value < 1000 ? value.toFixed(2) : value < 100_000 ? value.toFixed(1) : value.toFixed(0);
}

function queuesText(queues: number): string {
  return queues === 1 ? '1 queue' : `${queues} queues`;
}

/** `4 KiB`, `64 MiB`, `1.5 GiB` */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[power]}`;
}
