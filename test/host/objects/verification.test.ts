import assert from 'node:assert/strict';
import { nvmOpcode } from '../../../testkit/nvme/opcode.ts';
import type { Controller } from '../../../testkit/objects/controller.ts';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import { DataMismatchError } from '../../../testkit/objects/errors.ts';
import { CompletionQueue } from '../../../testkit/objects/meta/completionQueue.ts';
import { SubmissionQueue } from '../../../testkit/objects/meta/submissionQueue.ts';
import type { Namespace } from '../../../testkit/objects/namespace.ts';
import type { Qpair } from '../../../testkit/objects/qpair.ts';
import { Sqe } from '../../../testkit/objects/sqeEntry.ts';
import { inScope, openSsd, rejection } from './support.ts';

describe('inline data verification', () => {
  let nvme0: Controller;
  let nvme0n1: Namespace;
  let qpair: Qpair;
  before(async () => {
    nvme0 = await openSsd(67);
    nvme0n1 = nvme0.namespace(1);
  });
  after(() => nvme0.close());
  beforeEach(async () => {
    qpair = await nvme0.createQpair({ depth: 8 });
  });
  afterEach(() => qpair.delete());

  /** A write that the driver knows nothing of. */
  const writeBehind = async (data: DmaBuffer, slba: number): Promise<void> => {
    await using cq = new CompletionQueue(nvme0, { qid: 40, depth: 4 });
    await using sq = new SubmissionQueue(nvme0, { qid: 40, depth: 4 });
    await cq.create();
    await sq.create();
    sq[0] = new Sqe({ opcode: nvmOpcode.write, cid: 1, nsid: 1, prp1: data.busAddress(nvme0), cdw10: slba });
    sq.tail = 1;
    assert.equal((await cq.next()).ok, true);
    await sq.delete();
    await cq.delete();
  };

  it('says whether a block is misplaced, stale or corrupt', async () => {
    const { failures } = await inScope(async () => {
      nvme0n1.verification({ regionEnd: 64 });
      const buf = new DmaBuffer(512, { pattern: 'ones' });
      const block = new DmaBuffer(512);
      for (const slba of [5, 6]) await nvme0n1.write(qpair, buf, { slba });
      await nvme0n1.read(qpair, block, { slba: 5 });
      assert.equal(block.qword(0), 5n, 'the block carries its LBA');
      assert.equal(buf.qword(0), 2n ** 64n - 1n, 'the buffer of the test is as it was');

      await writeBehind(block, 6);
      const misplaced = await rejection(nvme0n1.read(qpair, buf, { slba: 6 }));
      assert.ok(misplaced instanceof DataMismatchError, String(misplaced));
      assert.deepEqual([misplaced.kind, misplaced.lba, misplaced.mismatch?.foundLba], ['misplaced', 6n, 5n]);
      assert.match(misplaced.message, /media: data mismatch at LBA 6/);

      await nvme0n1.write(qpair, buf, { slba: 5 });
      await nvme0n1.flush(qpair);
      await writeBehind(block, 5);
      const stale = await rejection(nvme0n1.read(qpair, buf, { slba: 5 }));
      assert.equal((stale as DataMismatchError).kind, 'stale');

      block.setByte(100, block.byte(100) ^ 1);
      await nvme0n1.write(qpair, buf, { slba: 7 });
      await nvme0n1.read(qpair, block, { slba: 7 });
      block.setByte(100, block.byte(100) ^ 1);
      await writeBehind(block, 7);
      const corrupt = await rejection(nvme0n1.read(qpair, buf, { slba: 7 }));
      assert.equal((corrupt as DataMismatchError).kind, 'corrupt');
    });
    assert.deepEqual(failures, []);
  });

  it('is off outside its region, after off(), and at the end of the test', async () => {
    const buf = new DmaBuffer(512, { pattern: 'ones' });
    const back = new DmaBuffer(512);
    const isStamped = async (slba: number) => {
      await nvme0n1.write(qpair, buf, { slba });
      await nvme0n1.read(qpair, back, { slba });
      return !back.equals(buf);
    };
    const { failures } = await inScope(async () => {
      const verification = nvme0n1.verification({ regionStart: 8, regionEnd: 16 });
      assert.deepEqual([await isStamped(8), await isStamped(16), verification.isOn], [true, false, true]);
      verification.off();
      assert.deepEqual([await isStamped(8), verification.isOn], [false, false]);
      verification.on({ regionEnd: 9 });
      assert.equal(await isStamped(8), true);
      assert.throws(() => verification.on({ regionStart: 9, regionEnd: 9 }), RangeError);
      assert.throws(() => verification.on({ regionEnd: nvme0n1.nsze + 1n }), RangeError);
    });
    assert.deepEqual(failures, []);
    assert.equal(await isStamped(8), false);
  });

  it('refuses a guard that the host computed, before anything is sent', async () => {
    const ssd = await openSsd(168);
    const protectedNs = ssd.namespace(1);
    const lbaf = protectedNs.lbaFormats.findIndex((has) => has.metadataBytes === 8 && has.lbaBytes === 512);
    await ssd.format({ nsid: 1, lbaf, pi: 1, metadata: 'extended' });
    const { failures, error } = await inScope(async () => {
      const queue = await ssd.createQpair({ depth: 4 });
      protectedNs.verification();
      const data = new DmaBuffer(520);
      protectedNs.fillProtection(data);
      assert.throws(
        () => protectedNs.write(queue, data, { slba: 0, prinfo: 4 }),
        /TypeError: data verification stamps/,
      );
      await protectedNs.write(queue, data, { slba: 0, prinfo: 12 });
      await protectedNs.read(queue, data, { slba: 0, prinfo: 12 });
    });
    assert.deepEqual([failures, error], [[], undefined]);
    await ssd.close();
  });

  it('holds for ioworkers', async () => {
    const { failures } = await inScope(async () => {
      nvme0n1.verification();
      const buf = new DmaBuffer(512, { pattern: 'ones' });
      const written = await nvme0n1.ioworker({ ioSize: 1, lbaRandom: false, readPercentage: 0, regionEnd: 32 }).run();
      assert.equal(written.writes, 32);
      await writeBehind(buf, 20);
      const worker = nvme0n1.ioworker({ ioSize: 1, lbaRandom: false, regionEnd: 32 });
      const error = await rejection(worker.run());
      assert.ok(error instanceof DataMismatchError, String(error));
      assert.deepEqual([error.kind, error.lba, worker.result?.end], ['corrupt', 20n, 'data-mismatch']);
    });
    assert.deepEqual(failures, []);
  });
});

describe('protection information', () => {
  it('is computed and checked in memory as a controller does', async () => {
    await using nvme0 = await openSsd(68);
    const nvme0n1 = nvme0.namespace(1);
    const plain = new DmaBuffer(512);
    assert.throws(() => nvme0n1.fillProtection(plain), {
      name: 'TypeError',
      message: /without protection information/,
    });
    const layout = { lbaBytes: 512, metadataBytes: 8, extended: true, protectionType: 1, protectionFirst: false };
    const { fillProtection, checkProtection } = await import('../../../testkit/objects/nvm/protection.ts');
    const buf = new DmaBuffer(1040, { pattern: 'incrementing' });
    fillProtection(buf, { blockCount: 2, appTag: 0x1234, refTag: 7 }, layout);
    const swap = (word: number) => ((word & 0xff) << 8) | (word >>> 8);
    assert.equal(swap(buf.word(514)), 0x1234, 'big-endian, as in the specification');
    assert.equal(checkProtection(buf, { blockCount: 2, appTag: 0x1234, refTag: 7 }, layout), undefined);
    const refTag = checkProtection(buf, { blockCount: 2, appTag: 0x1234, refTag: 8 }, layout);
    assert.deepEqual([refTag?.block, refTag?.fault, refTag?.expected.refTag], [0, 'ref-tag', 8]);
    assert.equal(checkProtection(buf, { blockCount: 2, checks: 4 }, layout), undefined, 'the guard alone');
    buf.setByte(520 + 3, 0x55);
    const guard = checkProtection(buf, { blockCount: 2, appTag: 0x1234, refTag: 7 }, layout);
    assert.deepEqual([guard?.block, guard?.fault], [1, 'guard']);
    assert.throws(() => fillProtection(buf, { blockCount: 3 }, layout), /3 blocks need 1,560 bytes/);
    const separate = { ...layout, extended: false };
    assert.throws(() => fillProtection(buf, { blockCount: 2 }, separate), /metadata must be a DmaBuffer/);
    const metadata = new DmaBuffer(16);
    fillProtection(buf, { blockCount: 2, metadata }, separate);
    assert.equal(checkProtection(buf, { blockCount: 2, metadata }, separate), undefined);
  });
});
