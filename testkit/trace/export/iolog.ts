/** A trace as fio's I/O log, version 3: what `fio --read_iolog` replays. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { nvmOpcode } from '../../nvme/opcode.ts';
import { slbaOf, TraceFlag, type TraceRow } from '../traceCommand.ts';
import { TraceReader } from '../traceReader.ts';

/** What an I/O log has no place for, counted by name. */
export type IologLoss =
  | 'left out: Write Zeroes'
  | 'left out: commands that are neither read, write, flush nor deallocate'
  | 'left out: commands without blocks'
  | 'queue'
  | 'FUA'
  | 'latency'
  | 'status of commands that failed'
  | 'time below a microsecond'
  | 'commands of several ranges made several entries';

export interface IologResult {
  /** Reads, writes, trims and syncs in the log. */
  readonly entries: number;
  readonly losses: Readonly<Partial<Record<IologLoss, number>>>;
  readonly damage?: string;
}

const fua = 0x4000;
const flushAt = 1 << 16;

export async function exportIolog(from: string, to: string): Promise<IologResult> {
  const reader = await TraceReader.open(from);
  try {
    const log = new Iolog(reader.facts.lbaBytes, reader.facts.queues !== 'none');
    const out = createWriteStream(to);
    const closed = finished(out);
    // The error is met where the end is awaited.
    closed.catch(() => undefined);
    for await (const row of reader.rows()) {
      log.row(row);
      if (log.text.length > flushAt && !out.write(log.take())) await Promise.race([once(out, 'drain'), closed]);
    }
    log.close(reader.durationNs);
    out.end(log.take());
    await closed;
    return {
      entries: log.entries,
      losses: log.losses,
      ...(reader.damage && { damage: reader.damage.reason }),
    };
  } finally {
    await reader.close();
  }
}

class Iolog {
  text = 'fio version 3 iolog\n';
  entries = 0;
  readonly losses: Partial<Record<IologLoss, number>> = {};
  readonly #open = new Set<number>();

  constructor(
    private readonly lbaBytes: number,
    private readonly hasQueues: boolean,
  ) {}

  take(): string {
    const { text } = this;
    this.text = '';
    return text;
  }

  row(row: TraceRow): void {
    const { opcode, queue } = row;
    if (queue === 0) this.#lose('left out: commands that are neither read, write, flush nor deallocate');
    else if (opcode === nvmOpcode.read) this.#range(row, 'read');
    else if (opcode === nvmOpcode.write) this.#range(row, 'write');
    else if (opcode === nvmOpcode.flush) this.#entry(row, 'sync 0 0');
    else if (opcode === nvmOpcode.datasetManagement) this.#trim(row);
    else if (opcode === nvmOpcode.writeZeroes) this.#lose('left out: Write Zeroes');
    else this.#lose('left out: commands that are neither read, write, flush nor deallocate');
  }

  close(timeNs: number): void {
    for (const nsid of this.#open) this.text += `${Math.floor(timeNs / 1000)} ${nameOf(nsid)} close\n`;
  }

  #range(row: TraceRow, name: 'read' | 'write'): void {
    if (row.length === 0) this.#lose('left out: commands without blocks');
    else {
      this.#entry(row, `${name} ${this.#bytes(slbaOf(row), row.cdw10, row.cdw11)} ${row.length * this.lbaBytes}`);
      if (row.control & fua) this.#lose('FUA');
    }
  }

  #trim(row: TraceRow): void {
    const ranges = row.ranges.filter(({ length }) => length > 0);
    if (ranges.length === 0 || !(row.cdw11 & 4)) {
      this.#lose('left out: commands that are neither read, write, flush nor deallocate');
      return;
    }
    if (ranges.length > 1) this.#lose('commands of several ranges made several entries');
    for (const { low, high, length } of ranges) {
      const offset = this.#bytes(high * 0x1_0000_0000 + low, low, high);
      this.#entry(row, `trim ${offset} ${length * this.lbaBytes}`);
    }
  }

  /** Offset in bytes, exact also where numbers are not. */
  #bytes(slba: number, low: number, high: number): string {
    const bytes = slba * this.lbaBytes;
    if (Number.isSafeInteger(bytes)) return String(bytes);
    return String(((BigInt(high) << 32n) + BigInt(low)) * BigInt(this.lbaBytes));
  }

  #entry(row: TraceRow, text: string): void {
    const { timeNs, nsid, flags, status } = row;
    const micros = Math.floor(timeNs / 1000);
    if (!this.#open.has(nsid)) {
      this.#open.add(nsid);
      this.text += `${micros} ${nameOf(nsid)} add\n${micros} ${nameOf(nsid)} open\n`;
    }
    this.text += `${micros} ${nameOf(nsid)} ${text}\n`;
    this.entries += 1;
    if (this.hasQueues) this.#lose('queue');
    if (flags & TraceFlag.Timed) this.#lose('latency');
    if (status !== 0) this.#lose('status of commands that failed');
    if (timeNs % 1000 !== 0) this.#lose('time below a microsecond');
  }

  #lose(what: IologLoss): void {
    this.losses[what] = (this.losses[what] ?? 0) + 1;
  }
}

/** Namespaces as Linux names them on a first controller. */
const nameOf = (nsid: number): string => `/dev/nvme0n${nsid}`;
