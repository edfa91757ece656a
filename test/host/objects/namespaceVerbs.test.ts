import assert from 'node:assert/strict';
import type { Command } from '../../../testkit/objects/command.ts';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import { IdentifyNamespace } from '../../../testkit/objects/identify.ts';
import { Namespace, type NamespaceController } from '../../../testkit/objects/namespace.ts';
import { ReservationStatus } from '../../../testkit/objects/nvm/reservationStatus.ts';
import type { Qpair } from '../../../testkit/objects/qpair.ts';
import type { CommandData, FusedEntry } from '../../../testkit/objects/qpairOptions.ts';
import { encodeSqe, type SqeFields, sqeScratch } from '../../../testkit/objects/sqe.ts';
import { openEvidence } from './support.ts';

/** LBA format 0: 512 + 0, 1: 4096 + 8, 2: 512 + 64. */
function identify({ format = 0, extended = false, pi = 0 } = {}): IdentifyNamespace {
  const bytes = new Uint8Array(4096);
  bytes.set([format | (extended ? 0x10 : 0)], 26);
  bytes.set([2], 25);
  bytes.set([pi], 29);
  bytes.set([0, 0, 9, 0, 8, 0, 12, 0, 64, 0, 9, 0], 128);
  new DataView(bytes.buffer).setBigUint64(0, 1000n, true);
  return new IdentifyNamespace(bytes);
}

/** A queue that only keeps what it is given. */
class Recorder {
  entry = new Uint32Array(16);
  data: CommandData | undefined;
  fused: readonly FusedEntry[] = [];
  constructor(readonly controller: NamespaceController) {}

  submit(data: CommandData | undefined): Command {
    this.entry = sqeScratch.dwords.slice();
    this.data = data;
    return {} as Command;
  }
  send(sqe: SqeFields, buffer?: DmaBuffer): Command {
    encodeSqe(sqe);
    return this.submit(buffer && { buffer, length: buffer.size });
  }
  submitFused(...halves: readonly FusedEntry[]): readonly [Command, Command] {
    this.fused = halves;
    return [{}, {}] as [Command, Command];
  }
  /** Dwords that are not 0. */
  get sent(): Record<number, number> {
    return Object.fromEntries([...this.entry].flatMap((value, index) => (value === 0 ? [] : [[index, value]])));
  }
  get bytes(): Buffer {
    return Buffer.from(this.data?.buffer?.slice() ?? []);
  }
}

describe('namespace verbs', () => {
  const formats: object[] = [];
  const features: unknown[][] = [];
  const controller = {
    address: 'recorded',
    format: async (options: object) => formats.push(options),
    getFeatures: async () => ({ dw0: 2 }),
    setFeatures: async (...given: unknown[]) => features.push(given),
  } as unknown as NamespaceController;
  const made = (about?: Parameters<typeof identify>[0]) => new Namespace(controller, 5, identify(about));
  let queue: Recorder;
  let qpair: Qpair;
  let buf: DmaBuffer;
  before(openEvidence);
  beforeEach(() => {
    queue = new Recorder(controller);
    qpair = queue as unknown as Qpair;
    buf = new DmaBuffer(16_384);
  });

  it('put ranges, flags, protection tags and streams where the specification has them', () => {
    const ns = made({ pi: 1 });
    ns.write(qpair, buf, {
      slba: 0x1_2345_6789n,
      blockCount: 4,
      fua: true,
      limitedRetry: true,
      prinfo: 0xb,
      appTag: 0x1234,
      appTagMask: 0xff00,
      storageTagCheck: true,
      dsm: 7,
      stream: 9,
    });
    const cdw12 = 3 + 2 ** 20 + 2 ** 24 + 0xb * 2 ** 26 + 2 ** 30 + 2 ** 31;
    assert.deepEqual(queue.sent, {
      0: 1,
      1: 5,
      10: 0x2345_6789,
      11: 1,
      12: cdw12,
      13: 0x9_0007,
      14: 0x2345_6789,
      15: 0xff00_1234,
    });
    ns.read(qpair, buf, { slba: 7, prinfo: 1, refTag: 0 });
    assert.equal(queue.entry[14], 0, 'a tag that is given is taken');
    ns.read(qpair, buf, { slba: 7 });
    assert.equal(queue.entry[14], 0, 'no protection information asked for, no tag');
    made({ pi: 3 }).read(qpair, buf, { slba: 7, prinfo: 1 });
    assert.equal(queue.entry[14], 0, 'type 3 has no tag made of the LBA');
    ns.verify(qpair, { slba: 8, blockCount: 2, prinfo: 4 });
    assert.deepEqual(queue.sent, { 0: 0x0c, 1: 5, 10: 8, 12: 1 + 4 * 2 ** 26, 14: 8 });
    ns.writeZeroes(qpair, { slba: 8, deallocate: true, fua: true });
    assert.deepEqual(queue.sent, { 0: 0x08, 1: 5, 10: 8, 12: 2 ** 25 + 2 ** 30 });
  });

  it('copy encodes its sources as format 0', () => {
    made().copy(qpair, [{ slba: 3, blockCount: 65_536, refTag: 0xaabbccdd, appTag: 1, appTagMask: 2 }, { slba: 9n }], {
      slba: 2n ** 32n,
      prinfoRead: 1,
      prinfoWrite: 2,
      fua: true,
      limitedRetry: true,
      refTag: 4,
      appTag: 5,
      appTagMask: 6,
    });
    const cdw12 = 1 + 2 ** 12 + 2 * 2 ** 26 + 2 ** 30 + 2 ** 31;
    assert.deepEqual(queue.sent, { 0: 0x19, 1: 5, 11: 1, 12: cdw12, 14: 4, 15: 0x6_0005 });
    const { bytes } = queue;
    assert.equal(bytes.length, 64);
    assert.deepEqual(
      [
        bytes.readBigUInt64LE(8),
        bytes.readUInt16LE(16),
        bytes.readUInt32LE(24),
        bytes.readUInt16LE(28),
        bytes.readUInt16LE(30),
      ],
      [3n, 65_535, 0xaabbccdd, 1, 2],
    );
    assert.deepEqual([bytes.readBigUInt64LE(40), bytes.readUInt16LE(48)], [9n, 0]);
  });

  it('copy encodes format 1, and a stream', () => {
    const tag = 0x0102_0304_0506_0708n;
    const sources = [{ slba: 3, blockCount: 2, refTag: tag, appTag: 1, appTagMask: 2 }, { slba: 9 }];
    made().copy(qpair, sources, { slba: 1, descriptorFormat: 1, stream: 9 });
    assert.deepEqual(queue.sent, { 0: 0x19, 1: 5, 10: 1, 12: 1 + 2 ** 8 + 2 ** 20, 13: 9 * 2 ** 16 });
    const { bytes } = queue;
    assert.equal(bytes.length, 80);
    assert.deepEqual(
      [bytes.readBigUInt64LE(8), bytes.readUInt16LE(16), bytes.readBigUInt64BE(28), bytes.readUInt16LE(36)],
      [3n, 1, tag, 1],
    );
    assert.deepEqual([bytes.readUInt16LE(38), bytes.readBigUInt64LE(48)], [2, 9n]);
    assert.throws(() => made().copy(qpair, { slba: 3, refTag: tag }, { slba: 1 }), RangeError);
  });

  it('reserve with keys and actions by name or number', async () => {
    const ns = made();
    ns.reservationRegister(qpair, {
      action: 'replace',
      currentKey: 1,
      newKey: 2n ** 63n,
      ignoreExistingKey: true,
      persistThroughPowerLoss: 'on',
    });
    assert.deepEqual(queue.sent, { 0: 0x0d, 1: 5, 10: 2 + 8 + 3 * 2 ** 30 });
    assert.deepEqual(
      [queue.bytes.length, queue.bytes.readBigUInt64LE(0), queue.bytes.readBigUInt64LE(8)],
      [16, 1n, 2n ** 63n],
    );
    ns.reservationAcquire(qpair, {
      action: 'preempt-and-abort',
      preemptKey: 3,
      type: 'exclusive-access-all-registrants',
    });
    assert.deepEqual(queue.sent, { 0: 0x11, 1: 5, 10: 2 + 0x600 });
    assert.equal(queue.bytes.readBigUInt64LE(8), 3n);
    ns.reservationRelease(qpair, { action: 7, currentKey: 4, type: 0xff });
    assert.deepEqual([queue.sent, queue.bytes.length], [{ 0: 0x15, 1: 5, 10: 7 + 0xff00 }, 8]);
    assert.throws(
      () => ns.reservationAcquire(qpair, { type: 'shared' as 'write-exclusive' }),
      /type must be 'write-exclusive', .* not 'shared'/,
    );
    await ns.reservationReport(qpair, { extended: false, bytes: 64 });
    assert.deepEqual(queue.sent, { 0: 0x0e, 1: 5, 10: 15 });
  });

  it('decode both forms of the reservation status', () => {
    for (const [extended, first, size, key, host] of [
      [false, 24, 24, 16, 8],
      [true, 64, 64, 8, 16],
    ] as const) {
      const bytes = Buffer.alloc(first + 2 * size);
      bytes.writeUInt32LE(7, 0);
      bytes.set([1, 2, 0], 4);
      bytes[9] = 1;
      bytes.writeUInt16LE(0x41, first + size);
      bytes[first + size + 2] = 1;
      bytes.writeBigUInt64LE(77n, first + size + key);
      bytes.writeBigUInt64LE(88n, first + size + host);
      const status = new ReservationStatus(bytes, extended);
      assert.deepEqual(
        [status.generation, status.type, status.registered, status.persistsThroughPowerLoss],
        [7, 1, 2, true],
      );
      assert.deepEqual(status.registrants[1], { cntlid: 0x41, holds: true, hostId: 88n, key: 77n });
    }
  });

  it('ask for buffers by how blocks are laid out in memory', () => {
    const extended = made({ format: 1, extended: true, pi: 1 });
    assert.deepEqual([extended.blockBytes, extended.lbaBytes, extended.metadataBytes], [4104, 4096, 8]);
    extended.read(qpair, buf, { slba: 0, blockCount: 3 });
    assert.deepEqual(
      queue.data?.transfer?.data?.map(({ length }) => length),
      [3 * 4104],
    );
    assert.throws(() => extended.read(qpair, buf, { slba: 0, blockCount: 4 }), /need 16,416 bytes, buffer has 16,384/);
    extended.read(qpair, buf, { slba: 0, blockCount: 4, prinfo: 8 });
    assert.equal(queue.data?.length, 16_384, 'the controller strips what is protection information only');

    const separate = made({ format: 2 });
    assert.throws(() => separate.read(qpair, buf, { slba: 0 }), /metadata in a buffer of its own/);
    const metadata = new DmaBuffer(128);
    separate.read(qpair, buf, { slba: 0, blockCount: 2, metadata });
    assert.deepEqual([queue.data?.length, queue.data?.transfer?.metadata?.length], [1024, 128]);
    assert.throws(
      () => separate.read(qpair, buf, { slba: 0, blockCount: 3, metadata }),
      /the metadata of the blocks need 192 bytes/,
    );
  });

  it('take several buffers and bit buckets as one scatter gather list', () => {
    const tail = new DmaBuffer(4096);
    made().read(qpair, [buf.view(100, 512), { bitBucket: 512 }, tail], {
      slba: 0,
      blockCount: 3,
      sgl: { descriptorsPerSegment: 2 },
    });
    const { transfer } = queue.data ?? {};
    assert.deepEqual(
      transfer?.data?.map(({ length }) => length),
      [512, 512, 512],
    );
    assert.deepEqual([transfer?.pointers, transfer?.descriptorsPerSegment], ['sgl', 2]);
    assert.throws(
      () => made().read(qpair, [buf.view(0, 512)], { slba: 0, blockCount: 2 }),
      /buffers too small: 1,024 bytes are needed, they have 512/,
    );
  });

  it('fuse a comparison and a write', () => {
    made().compareAndWrite(qpair, { compare: buf, write: buf.view(512) }, { slba: 6, write: { fua: true } });
    const [compare, write] = queue.fused;
    assert.deepEqual([compare?.entry[0], compare?.entry[10], compare?.entry[12]], [5, 6, 0]);
    assert.deepEqual([write?.entry[0], write?.entry[10], write?.entry[12]], [1, 6, 2 ** 30]);
  });

  it('format by the sizes of a block, and say which there are', async () => {
    await made().format({ dataBytes: 4096, metadataBytes: 8, pi: 2, metadata: 'extended' });
    assert.deepEqual(formats, [{ pi: 2, metadata: 'extended', nsid: 5, lbaf: 1 }]);
    await assert.rejects(made().format({ dataBytes: 4096 }), {
      name: 'RangeError',
      message: 'there is no LBA format of 4096+0 bytes; there are: 512+0, 4096+8, 512+64',
    });
  });

  it('tell and set write protection by name', async () => {
    assert.equal(await made().writeProtection(), 'until-power-cycle');
    await made().setWriteProtection('write-protect');
    assert.deepEqual(features, [[0x84, 1, { nsid: 5 }]]);
    await assert.rejects(made().setWriteProtection('maybe' as 'none'), TypeError);
  });
});
