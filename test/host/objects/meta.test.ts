import assert from 'node:assert/strict';
import { nvmOpcode } from '../../../testkit/nvme/opcode.ts';
import type { Controller } from '../../../testkit/objects/controller.ts';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import { CompletionQueue } from '../../../testkit/objects/meta/completionQueue.ts';
import { PrpList } from '../../../testkit/objects/meta/prpList.ts';
import { SglSegment } from '../../../testkit/objects/meta/sglSegment.ts';
import { SubmissionQueue } from '../../../testkit/objects/meta/submissionQueue.ts';
import { Sqe } from '../../../testkit/objects/sqeEntry.ts';
import { inScope, openSsd, rejection } from './support.ts';

describe('metamode', () => {
  let nvme0: Controller;
  before(async () => {
    nvme0 = await openSsd(63);
  });
  after(() => nvme0.close());
  afterEach(() => nvme0.reset());

  const queues = async (qid = 20, depth = 4) => {
    const cq = new CompletionQueue(nvme0, { qid, depth });
    const sq = new SubmissionQueue(nvme0, { qid, depth });
    await cq.create();
    await sq.create();
    return { cq, sq };
  };
  const flush = (cid: number) => new Sqe({ opcode: nvmOpcode.flush, cid, nsid: 1 });

  it('posts entries, rings when told to, and reads any slot', async () => {
    const { cq, sq } = await queues();
    sq[0] = flush(7);
    sq[1] = flush(8);
    assert.deepEqual([sq[0]?.cid, sq[1]?.opcode, sq.tail], [7, 0, 0]);
    await assert.rejects(cq.wait({ timeoutMs: 20 }), { name: 'SlotTimeoutError', message: /slot 0 in 20 ms/ });
    sq.tail = 2;
    const first = await cq.wait();
    const second = await cq.wait({ index: 1 });
    assert.deepEqual([first.cid, second.cid, first.sqId, second.sqHead, cq.head], [7, 8, 20, 2, 0]);
    assert.equal(cq[2]?.phase, 0);
    assert.equal((await cq.next()).cid, 7);
    assert.equal((await cq.next()).cid, 8);
    assert.equal(cq.head, 2);
  });

  it('appears in the command log, and keeps its identifier from queue pairs', async () => {
    const { cq, sq } = await queues(1);
    const qpair = await nvme0.createQpair({ depth: 4 });
    assert.notEqual(qpair.qid, 1);
    sq[0] = flush(5);
    sq.tail = 1;
    assert.equal((await cq.next()).cid, 5);
    assert.match(sq.cmdlog(1), /cmd001: Flush\]\n0x00050000.*\n.*\n.*\n.*\n.*cpl: SUCCESS/s);
    await sq.delete();
    await cq.delete();
    assert.equal((await nvme0.createQpair({ depth: 4 })).qid, 1);
  });

  it('goes round the queue, turning the phase', async () => {
    const { cq, sq } = await queues();
    for (let sent = 0; sent < 11; sent += 1) {
      sq[sent % 4] = flush(sent);
      sq.tail = (sent + 1) % 4;
      const cqe = await cq.next();
      assert.deepEqual([cqe.cid, cqe.ok], [sent, true]);
    }
    assert.equal(cq.phase, 1);
  });

  it('has several submission queues on one completion queue', async () => {
    const { cq, sq } = await queues();
    const other = new SubmissionQueue(nvme0, { qid: 21, depth: 8, cqid: 20, priority: 'urgent' });
    await other.create();
    other[0] = flush(1);
    other.tail = 1;
    assert.deepEqual([(await cq.next()).sqId], [21]);
    sq[0] = flush(1);
    sq.tail = 1;
    assert.equal((await cq.next()).sqId, 20);
    assert.equal((await rejection(cq.delete())).name, 'Invalid Queue Deletion');
    await other.delete();
    await sq.delete();
    await cq.delete();
  });

  it('lets illegal ids, sizes and pointers reach the device', async () => {
    const cq = new CompletionQueue(nvme0, { qid: 0, depth: 4 });
    assert.equal((await rejection(cq.create())).name, 'Invalid Queue Identifier');
    assert.equal((await rejection(cq.create({ cdw10: 22 + 0xffff * 0x1_0000 }))).name, 'Invalid Queue Size');
    const sq = new SubmissionQueue(nvme0, { qid: 23, depth: 4, cqid: 24 });
    assert.equal((await rejection(sq.create())).name, 'Completion Queue Invalid');
    const fine = new CompletionQueue(nvme0, { qid: 23, depth: 4 });
    assert.equal((await fine.create({ prp1: 1n, allowError: true })).ok, false);
  });

  it('reports a doorbell out of range by an asynchronous event', async () => {
    const { sq } = await queues();
    nvme0.aer.arm();
    const event = nvme0.aer.next();
    sq.tail = 99;
    assert.deepEqual([(await event).type, (await event).info], [0, 1]);
  });

  it('lays queues out in pages that a PRP list names', async () => {
    const depth = 130;
    const shape = { qid: 25, depth, contiguous: false };
    const cq = new CompletionQueue(nvme0, { ...shape, contiguous: true });
    const sq = new SubmissionQueue(nvme0, shape);
    sq[0] = flush(0);
    sq[64] = flush(64);
    sq[129] = flush(129);
    assert.deepEqual([sq[0]?.cid, sq[64]?.cid, sq[129]?.cid, sq[63]?.cid], [0, 64, 129, 0]);
    await cq.create();
    await sq.create();
    for (let sent = 0; sent < depth; sent += 1) {
      sq[sent] = flush(sent);
      sq.tail = (sent + 1) % depth;
      assert.equal((await cq.next()).cid, sent);
    }
  });

  it('moves data by PRP lists and SGL segments of its own', async () => {
    const { cq, sq } = await queues();
    const data = new DmaBuffer(16_384, { pattern: { random: 0, seed: 4n }, offset: 512 });
    const [prp1 = 0n, ...others] = PrpList.pagesOf(data, nvme0);
    const list = new PrpList(others);
    assert.deepEqual([others.length, list[0], list.length], [4, others[0], 512]);
    sq[0] = new Sqe({ opcode: nvmOpcode.write, cid: 1, nsid: 1, prp1, prp2: list.busAddress(nvme0), cdw12: 31 });
    sq.tail = 1;
    assert.equal((await cq.next()).ok, true);

    const back = new DmaBuffer(16_384);
    const halves = [back.view(8192), back.view(0, 8192)].map((half) => half.busAddress(nvme0));
    const segment = new SglSegment(halves.map((address) => ({ type: 'data-block', address, length: 8192 })));
    assert.deepEqual(segment[1], { type: 0, address: halves[1], length: 8192, subType: 0 });
    const sgl1 = segment.descriptor(nvme0);
    sq[1] = new Sqe({ opcode: nvmOpcode.read, cid: 2, nsid: 1, flags: 0x40, sgl1, cdw12: 31 });
    sq.tail = 2;
    const cqe = await cq.next();
    assert.equal(cqe.status.name, 'Successful Completion');
    assert.deepEqual(back.slice(8192), data.slice(0, 8192));
    assert.deepEqual(back.slice(0, 8192), data.slice(8192));

    segment[0] = { type: 9, length: 8192 };
    sq[2] = new Sqe({ opcode: nvmOpcode.read, cid: 3, nsid: 1, flags: 0x40, sgl1, cdw12: 31 });
    sq.tail = 3;
    assert.equal((await cq.next()).status.name, 'SGL Descriptor Type Invalid');
  });

  it('deletes its queues at the end of the test, whatever became of them', async () => {
    const { failures } = await inScope(async () => {
      const { sq } = await queues(26);
      await queues(27);
      await sq.delete();
    });
    assert.deepEqual(failures, []);
    await queues(26);
    await queues(27);
    const { failures: none } = await inScope(async () => {
      await queues(28);
      await nvme0.reset();
      await queues(29);
      await nvme0.disable();
    });
    assert.deepEqual(none, []);
  });
});
