import { closeSync, openSync, readSync } from 'node:fs';
import type { ReadBytes } from '../nvme/bytes.ts';
import { renderCmdlog } from '../nvme/cmdlogText.ts';
import { readCommands } from '../nvme/commandRecords.ts';
import { type Evidence, findQueue, readEvidence } from '../nvme/evidence.ts';
import type { EvidenceQueue } from '../nvme/evidenceSegments.ts';
import type { CounterSample, TelemetryCalls, TopologySnapshot } from '../protocol.ts';

interface Totals {
  ios: bigint;
  bytes: bigint;
}

interface Seen extends Totals {
  readonly address: string;
  readonly createdTicks: bigint;
}

/** Answers from the evidence file, which the driver writes while it works: no message to the main thread is needed. */
export class TelemetryAnswers implements TelemetryCalls {
  private descriptor: number | undefined;
  private readonly seen = new Map<number, Seen>();
  /** What queues did whose segment was given to another one. */
  private readonly gone = new Map<string, Totals>();

  constructor(private readonly file: string) {}

  async topology(): Promise<TopologySnapshot> {
    const evidence = this.read();
    return { atNs: process.hrtime.bigint(), controllers: evidence?.controllers ?? [] };
  }

  async counters(): Promise<readonly CounterSample[]> {
    const controllers = this.read()?.controllers ?? [];
    for (const { address, queues } of controllers) for (const queue of queues) this.see(address, queue);
    const addresses = [...new Set(controllers.map(({ address }) => address))];
    const atNs = process.hrtime.bigint();
    return addresses.map((controller) => ({ controller, atNs, ...this.total(controller) }));
  }

  async cmdlog({ segment, max }: { segment: number; max: number }): ReturnType<TelemetryCalls['cmdlog']> {
    const evidence = this.read();
    const queue = evidence && findQueue(evidence, segment);
    if (!evidence || !queue) throw new Error(`There is no queue with segment ${segment} in this driver host.`);
    const { commands } = readCommands(this.reader(), queue, max);
    return { ...renderCmdlog(commands, { clock: evidence.clock, qid: queue.qid }), total: queue.logged };
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  private see(address: string, queue: EvidenceQueue): void {
    if (queue.qid === 0) return;
    const before = this.seen.get(queue.segment);
    if (before && before.createdTicks !== queue.createdTicks) add(this.gone, before);
    this.seen.set(queue.segment, {
      address,
      createdTicks: queue.createdTicks,
      ios: queue.completed,
      bytes: queue.bytesRead + queue.bytesWritten,
    });
  }

  private total(address: string): Totals {
    const total = { ...(this.gone.get(address) ?? { ios: 0n, bytes: 0n }) };
    for (const queue of this.seen.values()) {
      if (queue.address !== address) continue;
      total.ios += queue.ios;
      total.bytes += queue.bytes;
    }
    return total;
  }

  /** Undefined until the driver made the file: no controller was ever open. */
  private read(): Evidence | undefined {
    try {
      this.descriptor ??= openSync(this.file, 'r');
    } catch {
      return undefined;
    }
    return readEvidence(this.reader());
  }

  private reader(): ReadBytes {
    const descriptor = this.descriptor ?? -1;
    return (offset, length) => {
      const bytes = Buffer.allocUnsafe(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
    };
  }
}

function add(totals: Map<string, Totals>, { address, ios, bytes }: Seen): void {
  const total = totals.get(address) ?? { ios: 0n, bytes: 0n };
  totals.set(address, { ios: total.ios + ios, bytes: total.bytes + bytes });
}
