import assert from 'node:assert/strict';
import type { Controller } from '../../../testkit/objects/controller.ts';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import { NvmeStatusError } from '../../../testkit/objects/errors.ts';
import type { Namespace } from '../../../testkit/objects/namespace.ts';
import type { Qpair } from '../../../testkit/objects/qpair.ts';
import { openSsd, rejection } from './support.ts';

describe('commands of a namespace', () => {
  let nvme0: Controller;
  let nvme0n1: Namespace;
  let qpair: Qpair;
  before(async () => {
    nvme0 = await openSsd(1);
    nvme0n1 = nvme0.namespace(1);
    qpair = await nvme0.createQpair({ depth: 16 });
  });
  after(() => nvme0.close());

  it('run hello world as the predecessor wrote it', async () => {
    const readBuf = new DmaBuffer(512);
    const writeBuf = new DmaBuffer(512);
    writeBuf.write('hello world', 10);
    nvme0n1.write(qpair, writeBuf, { slba: 0 }, () => {
      nvme0n1.read(qpair, readBuf, { slba: 0 }, () => undefined);
    });
    assert.notEqual(readBuf.toString('ascii', 10, 21), 'hello world');
    await qpair.waitdone(2);
    assert.equal(readBuf.toString('ascii', 10, 21), 'hello world');
  });

  it('are awaited one by one, and resolve to the CQE', async () => {
    const buf = new DmaBuffer(4096, { pattern: { random: 0, seed: 3n } });
    const crc = buf.crc32c();
    const cqe = await nvme0n1.write(qpair, buf, { slba: 16, blockCount: 8 });
    assert.equal(cqe.ok, true);
    assert.equal(cqe.status.name, 'Successful Completion');
    assert.ok(cqe.latencyNs > 0 && cqe.latencyUs < 5e6, `latency ${cqe.latencyNs} ns`);
    buf.fill('zeros');
    await nvme0n1.read(qpair, buf, { slba: 16n, blockCount: 8 });
    assert.equal(buf.crc32c(), crc);
    assert.equal(qpair.latestCid, nvme0.latestCid);
    assert.equal(qpair.outstanding, 0);
  });

  it('keep a whole batch outstanding', async () => {
    const buffers = Array.from({ length: 15 }, (_, index) => new DmaBuffer(512, { pattern: index }));
    await Promise.all(buffers.map((buffer, index) => nvme0n1.write(qpair, buffer, { slba: 100 + index })));
    const check = new DmaBuffer(15 * 512);
    await nvme0n1.read(qpair, check, { slba: 100, blockCount: 15 });
    for (let index = 0; index < 15; index += 1) assert.equal(check.dword(index * 512 + 508), index);
  });

  it('compare, write zeroes, write uncorrectable, trim and flush', async () => {
    const buf = new DmaBuffer(512, { pattern: 'ones' });
    await nvme0n1.write(qpair, buf, { slba: 200, fua: true });
    await nvme0n1.compare(qpair, buf, { slba: 200 });
    await nvme0n1.writeZeroes(qpair, { slba: 200 });
    const differs = await rejection(nvme0n1.compare(qpair, buf, { slba: 200 }));
    assert.equal(differs.name, 'Compare Failure');
    await nvme0n1.writeUncorrectable(qpair, { slba: 201 });
    const unreadable = await rejection(nvme0n1.read(qpair, buf, { slba: 201 }));
    assert.equal(unreadable.name, 'Unrecovered Read Error');
    await nvme0n1.trim(qpair, [{ slba: 200, blockCount: 2 }]);
    await nvme0n1.flush(qpair);
    await nvme0n1.read(qpair, buf, { slba: 201 });
  });

  it('reject with the status by name, the entries as they were, and the place in the command log', async () => {
    const buf = new DmaBuffer(1024);
    const error = await rejection(nvme0n1.read(qpair, buf, { slba: nvme0n1.nsze, blockCount: 2 }));
    assert.ok(error instanceof NvmeStatusError);
    assert.deepEqual([error.type, error.code, error.name], [0, 0x80, 'LBA Out of Range']);
    assert.equal(error.sqe.opcode, 0x02);
    assert.equal(error.sqe.nsid, 1);
    assert.equal(error.sqe.cid, error.cqe.cid);
    assert.equal(error.sqe.prp1, buf.busAddress(nvme0));
    assert.equal(error.sqe.cdw12, 1);
    assert.deepEqual([error.cmdlog.controller, error.cmdlog.qid], [nvme0.address, qpair.qid]);
    assert.equal(error.cmdlog.segment, qpair.segment);
    assert.match(qpair.cmdlog(1), /\[cmd001: Read\]\n.*\[cpl: LBA OUT OF RANGE\]/s);
    assert.match(
      error.message,
      /LBA Out of Range \(0h\/80h\).*Read, CID \d+, NSID 1, SLBA 131072, 2 blocks on .* Q0\d/,
    );
    assert.match(error.stack ?? '', /commands\.test/);
  });

  it('return the CQE of a failure that is allowed', async () => {
    const cqe = await nvme0n1.read(qpair, new DmaBuffer(512), { slba: nvme0n1.nsze, allowError: true });
    assert.equal(cqe.ok, false);
    assert.equal(cqe.status.name, 'LBA Out of Range');
  });

  it('take raw entries, illegal ones included', async () => {
    const buf = new DmaBuffer(512, { pattern: 0x01020304 });
    await nvme0n1.send(qpair, { opcode: 0x01, cdw10: 300 }, buf);
    const check = new DmaBuffer(512);
    await nvme0n1.send(qpair, { opcode: 0x02, cdw10: 300 }, check);
    assert.equal(check.compare(buf), undefined);
    assert.equal((await rejection(qpair.send({ opcode: 0x7f, nsid: 1 }))).name, 'Invalid Command Opcode');
    const noNamespace = await rejection(qpair.send({ opcode: 0x08, nsid: 0 }));
    assert.equal(noNamespace.name, 'Invalid Namespace or Format');
  });

  it('transfer from any offset in a page', async () => {
    const buf = new DmaBuffer(64 * 1024, { offset: 4, pattern: 'incrementing' });
    assert.equal(buf.busAddress(nvme0) % 4096n, 4n);
    await nvme0n1.write(qpair, buf, { slba: 400, blockCount: 128 });
    const check = new DmaBuffer(64 * 1024);
    await nvme0n1.read(qpair, check, { slba: 400, blockCount: 128 });
    assert.equal(check.compare(buf), undefined);
    const part = buf.view(512, 1024);
    await nvme0n1.read(qpair, part, { slba: 400, blockCount: 2 });
    assert.equal(buf.dword(512), 0);
    assert.equal(part.u(7, 4), 1);
  });

  it('never call back inside the call that sends', async () => {
    let isSending = true;
    let wasInside = false;
    nvme0n1.read(qpair, new DmaBuffer(512), { slba: 0 }, () => {
      wasInside ||= isSending;
    });
    // Long enough for the device to complete it.
    for (const until = performance.now() + 5; performance.now() < until; );
    isSending = false;
    await qpair.waitdone(1);
    assert.equal(wasInside, false);
  });

  it('leave the event loop its turns in a loop of awaited commands', async () => {
    const buf = new DmaBuffer(512);
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 1);
    for (const until = performance.now() + 200; performance.now() < until; )
      await nvme0n1.read(qpair, buf, { slba: 0 });
    clearInterval(timer);
    assert.ok(ticks >= 10, `${ticks} timer ticks in 200 ms`);
  });
});
