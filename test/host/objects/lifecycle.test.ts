import assert from 'node:assert/strict';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import { ControllerClosedError } from '../../../testkit/objects/errors.ts';
import { openSsd, rejection } from './support.ts';

describe('several controllers and their ends', () => {
  it('work side by side, and share buffers', async () => {
    const [first, second] = [await openSsd(9), await openSsd(10)];
    const [one, two] = [await first.createQpair({ depth: 8 }), await second.createQpair({ depth: 8 })];
    const buf = new DmaBuffer(512, { pattern: 0x11223344 });
    await first.namespace().write(one, buf, { slba: 1 });
    await second.namespace().write(two, buf, { slba: 2 });
    buf.fill('zeros');
    await first.namespace().read(one, buf, { slba: 2 });
    assert.equal(buf.dword(0), 0, 'media of their own');
    await second.namespace().read(two, buf, { slba: 2 });
    assert.equal(buf.dword(0), 0x11223344);
    await first.close();
    await second.namespace().read(two, buf, { slba: 2 });
    await second.close();
    assert.equal(buf.dword(0), 0x11223344);
  });

  it('end outstanding commands when they are closed', async () => {
    const nvme0 = await openSsd(9);
    nvme0.aer.arm(1);
    const event = nvme0.aer.next();
    await nvme0.close();
    assert.ok((await rejection(event)) instanceof ControllerClosedError);
  });

  it('may be closed while verbs are on their way', async () => {
    const nvme0 = await openSsd(9);
    const pending = [nvme0.createQpair({ depth: 8 }), nvme0.createQpair({ depth: 8 }), nvme0.smart()];
    const settled = Promise.allSettled(pending);
    await nvme0.close();
    for (const result of await settled) {
      if (result.status === 'rejected') assert.ok(result.reason instanceof Error, String(result.reason));
    }
  });

  it('may be closed before, between and after their queue pairs and buffers', async () => {
    for (const order of ['buffer', 'qpair', 'controller'] as const) {
      const nvme0 = await openSsd(9);
      const qpair = await nvme0.createQpair({ depth: 8 });
      const buf = new DmaBuffer(4096);
      await nvme0.namespace().write(qpair, buf, { slba: 0, blockCount: 8 });
      const ends = {
        buffer: () => buf.close(),
        qpair: () => qpair[Symbol.asyncDispose](),
        controller: () => nvme0.close(),
      };
      await ends[order]();
      for (const end of Object.values(ends)) await end();
    }
  });

  it('keep media and counters for the next who opens the address', async () => {
    const before = await openSsd(11);
    const qpair = await before.createQpair({ depth: 8 });
    await before.namespace().write(qpair, new DmaBuffer(512, { pattern: 0x0a0b0c0d }), { slba: 7, fua: true });
    await before.close();
    const after = await openSsd(11);
    const buf = new DmaBuffer(512);
    await after.namespace().read(await after.createQpair({ depth: 8 }), buf, { slba: 7 });
    assert.equal(buf.dword(0), 0x0a0b0c0d);
    await after.close();
  });

  it('end by await using', async () => {
    {
      await using nvme0 = await openSsd(9);
      await using qpair = await nvme0.createQpair({ depth: 8 });
      await nvme0.namespace().flush(qpair);
    }
    await (await openSsd(9)).close();
  });

  it('give 100 queue pairs back', async () => {
    const nvme0 = await openSsd(9);
    for (let count = 0; count < 100; count += 1) {
      const qpair = await nvme0.createQpair({ depth: 8 });
      await nvme0.namespace().flush(qpair);
      await qpair.delete();
    }
    const all = await Promise.all(Array.from({ length: nvme0.ioQueues }, () => nvme0.createQpair({ depth: 8 })));
    assert.equal(new Set(all.map((qpair) => qpair.qid)).size, nvme0.ioQueues);
    await assert.rejects(nvme0.createQpair({ depth: 8 }), { code: 'NO_QUEUES' });
    await nvme0.close();
  });
});
