/** Builds evidence files as `native/driver/evidence_layout.h` lays them out, for tests of their reader. */

export interface RecordBytes {
  readonly sequence: bigint;
  readonly sqe?: readonly number[];
  readonly cqe?: readonly number[];
  readonly submitTicks?: bigint;
  readonly completeTicks?: bigint;
  readonly outcome?: number;
  readonly bytes?: number;
}

export interface QueueBytes {
  readonly controller: number;
  readonly qid: number;
  readonly slots: number;
  readonly state?: number;
  readonly createdTicks?: bigint;
  /** By slot. */
  readonly records?: Readonly<Record<number, RecordBytes>>;
}

const headerBytes = 64 * 1024;
const segmentBytes = 4096;
const recordBytes = 128;

export class EvidenceBytes {
  bytes = new Uint8Array(headerBytes);
  private segments = 0;

  constructor(ticksPerSecond = 3_000_000_000n) {
    const view = this.view();
    view.setBigUint64(0, 0x3130444956454244n, true);
    view.setUint32(8, 1, true);
    view.setUint32(12, 4711, true);
    view.setBigUint64(16, ticksPerSecond, true);
  }

  view(): DataView {
    return new DataView(this.bytes.buffer);
  }

  clock(
    which: 'first' | 'latest',
    [ticks, monotonicNs, realtimeNs]: readonly [bigint, bigint, bigint],
    sequence = 2n,
  ): this {
    const at = which === 'first' ? 64 : 96;
    for (const [index, value] of [ticks, monotonicNs, realtimeNs, sequence].entries()) {
      this.view().setBigUint64(at + index * 8, value, true);
    }
    return this;
  }

  controller(address: string, state = 1): number {
    const { id, offset } = this.segment(segmentBytes, 1);
    const texts: readonly (readonly [number, string])[] = [
      [0, address],
      [512, 'Doorbell Emulated SSD'],
      [552, 'DB0001'],
      [576, '1.0'],
    ];
    for (const [at, text] of texts) this.bytes.set(new TextEncoder().encode(text), offset + at);
    const view = this.view();
    view.setUint32(offset + 584, state, true);
    view.setUint32(offset + 588, 0x20000, true);
    view.setBigUint64(offset + 592, 0x30_0000_03ffn, true);
    view.setBigUint64(offset + 600, 1000n, true);
    return id;
  }

  queue(queue: QueueBytes): number {
    const { id, offset } = this.segment(segmentBytes + queue.slots * recordBytes, 2);
    const view = this.view();
    const words = [queue.controller, queue.qid, 16, queue.slots, queue.state ?? 1, 512];
    for (const [index, word] of words.entries()) view.setUint32(offset + index * 4, word, true);
    view.setBigUint64(offset + 24, queue.createdTicks ?? 0n, true);
    this.bytes.set(new TextEncoder().encode('script'), offset + 32);
    view.setBigUint64(offset + 64, 9n, true);
    view.setBigUint64(offset + 72, 10n, true);
    for (const [index, value] of [8n, 1n, 4096n, 512n, 6n, 2n].entries()) {
      view.setBigUint64(offset + 128 + index * 8, value, true);
    }
    for (const [slot, record] of Object.entries(queue.records ?? {})) {
      this.record(offset + segmentBytes + Number(slot) * recordBytes, record);
    }
    return id;
  }

  /** @param at of the record */
  private record(at: number, record: RecordBytes): void {
    const view = this.view();
    for (const [index, dword] of (record.sqe ?? []).entries()) view.setUint32(at + index * 4, dword, true);
    view.setBigUint64(at + 64, record.sequence, true);
    view.setBigUint64(at + 72, record.submitTicks ?? 0n, true);
    view.setBigUint64(at + 80, record.completeTicks ?? 0n, true);
    for (const [index, dword] of (record.cqe ?? []).entries()) view.setUint32(at + 88 + index * 4, dword, true);
    view.setUint32(at + 104, record.outcome ?? 0, true);
    view.setUint32(at + 108, record.bytes ?? 0, true);
  }

  private segment(size: number, kind: number): { id: number; offset: number } {
    const [id, offset] = [this.segments, this.bytes.length];
    const grown = new Uint8Array(offset + size);
    grown.set(this.bytes);
    this.bytes = grown;
    this.segments += 1;
    const view = this.view();
    view.setBigUint64(256 + id * 24, BigInt(offset), true);
    view.setBigUint64(264 + id * 24, BigInt(size), true);
    view.setUint32(272 + id * 24, kind, true);
    view.setUint32(276 + id * 24, id, true);
    view.setUint32(24, this.segments, true);
    return { id, offset };
  }
}

/** Small deterministic generator for fuzzing. */
export function randomOf(seed: number): (limit: number) => number {
  let state = seed >>> 0 || 1;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
