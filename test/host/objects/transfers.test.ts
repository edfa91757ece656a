import assert from 'node:assert/strict';
import type { Controller } from '../../../testkit/objects/controller.ts';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import type { Namespace } from '../../../testkit/objects/namespace.ts';
import type { Qpair } from '../../../testkit/objects/qpair.ts';
import { openSsd, rejection } from './support.ts';

describe('transfers', () => {
  let nvme0: Controller;
  let nvme0n1: Namespace;
  let qpair: Qpair;
  before(async () => {
    nvme0 = await openSsd(61);
    nvme0n1 = nvme0.namespace(1);
    qpair = await nvme0.createQpair({ depth: 8 });
  });
  after(() => nvme0.close());

  it('go through scatter gather lists of any shape, bit buckets included', async () => {
    const source = new DmaBuffer(2048, { pattern: { random: 0, seed: 3n } });
    const pieces = [source.view(1536, 512), source.view(0, 1024), source.view(1024, 512)];
    await nvme0n1.write(qpair, pieces, { slba: 16, blockCount: 4, sgl: { descriptorsPerSegment: 2 } });
    const back = new DmaBuffer(2048);
    await nvme0n1.read(qpair, back, { slba: 16, blockCount: 4 });
    assert.deepEqual(back.slice(0, 512), source.slice(1536));
    assert.deepEqual(back.slice(512), source.slice(0, 1536));
    back.fill('zeros');
    await nvme0n1.read(qpair, [{ bitBucket: 512 }, back], { slba: 16, blockCount: 4 });
    assert.deepEqual(back.slice(0, 1536), source.slice(0, 1536), 'the bucket took the first block');
    await nvme0n1.read(qpair, back, { slba: 16, blockCount: 4, pointers: 'sgl' });
    assert.deepEqual(back.slice(512), source.slice(0, 1536));
  });

  it('start when the doorbell is rung, not when they are posted', async () => {
    const flush = { opcode: 0x00, nsid: 1 };
    const first = qpair.send(flush, undefined, { ring: false, cid: 5 });
    const second = qpair.send(flush, undefined, { ring: false, cid: 3 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual([first.cqe, second.cqe, qpair.outstanding], [undefined, undefined, 2]);
    qpair.ringDoorbell();
    assert.deepEqual([(await first).cid, (await second).cid], [5, 3]);
    assert.throws(() => qpair.send(flush, undefined, { cid: 7 }), RangeError, 'depth - 1 is no CID of the driver');
  });

  it('as given reach the device as they are', async () => {
    const buffer = new DmaBuffer(512);
    const prp1 = buffer.busAddress(nvme0);
    const read = { opcode: 0x02, nsid: 1, prp1, cdw10: 16 };
    await qpair.send(read, buffer, { pointers: 'as-given' });
    const expected = new DmaBuffer(512);
    await nvme0n1.read(qpair, expected, { slba: 16 });
    assert.equal(buffer.equals(expected), true);
    const misplaced = qpair.send({ ...read, prp1: prp1 + 2n }, buffer, { pointers: 'as-given' });
    assert.equal((await rejection(misplaced)).name, 'PRP Offset Invalid');
  });

  it('of both fused commands need room for both', async () => {
    const small = await nvme0.createQpair({ depth: 2 });
    const flush = { sqe: { opcode: 0x00, nsid: 1 } };
    assert.throws(() => small.sendFused(flush, flush), { name: 'RangeError', message: /is full/ });
    await small.delete();
  });
});
