import assert from 'node:assert/strict';
import type { Controller } from '../../../testkit/objects/controller.ts';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import type { Namespace } from '../../../testkit/objects/namespace.ts';
import type { Qpair } from '../../../testkit/objects/qpair.ts';
import { openSsd, rejection } from './support.ts';

describe('misuse', () => {
  let nvme0: Controller;
  let nvme0n1: Namespace;
  let qpair: Qpair;
  before(async () => {
    nvme0 = await openSsd(2);
    nvme0n1 = nvme0.namespace(1);
    qpair = await nvme0.createQpair({ depth: 4 });
  });
  after(() => nvme0.close());

  const sent = (): string => qpair.cmdlog(1);

  it('of a buffer too small is refused with both sizes, and nothing is sent', () => {
    const before = sent();
    const buf = new DmaBuffer(512, { name: 'small' });
    assert.throws(() => nvme0n1.read(qpair, buf, { slba: 0, blockCount: 8 }), {
      name: 'RangeError',
      message: 'buffer too small: 8 blocks of 512 bytes need 4,096 bytes, small has 512',
    });
    assert.throws(() => nvme0n1.dsm(qpair, buf, { ranges: 33 }), /33 DSM ranges need 528 bytes, small has 512/);
    assert.equal(sent(), before);
    assert.equal(buf.pins, 0);
  });

  it('of blockCount, LBAs and other fields names the field and its limits', () => {
    const buf = new DmaBuffer(512);
    assert.throws(
      () => nvme0n1.read(qpair, buf, { slba: 0, blockCount: 0 }),
      /blockCount must be an integer of 1 to 65,536, not 0/,
    );
    assert.throws(() => nvme0n1.read(qpair, buf, { slba: -1 }), RangeError);
    assert.throws(() => nvme0n1.read(qpair, buf, { slba: 1.5 }), RangeError);
    assert.throws(() => nvme0n1.read(qpair, buf, { slba: 2n ** 64n }), RangeError);
    assert.throws(
      () => nvme0n1.read(qpair, buf, { slba: '0' as unknown as number }),
      /slba must be a number or a bigint, not '0'/,
    );
    assert.throws(() => nvme0n1.read(qpair, buf, { slba: 0, prinfo: 16 }), /prinfo/);
    assert.throws(() => nvme0n1.read(qpair, buf, { slba: 0, timeoutMs: -1 }), /timeoutMs/);
    assert.throws(() => nvme0n1.read(qpair, {} as DmaBuffer, { slba: 0 }), /buffer must be a DmaBuffer/);
    assert.throws(() => qpair.send({ opcode: 256 }), /opcode must be an integer of 0 to 255/);
  });

  it('of the largest LBA is the device’s to judge', async () => {
    const error = await rejection(nvme0n1.read(qpair, new DmaBuffer(512), { slba: 2n ** 64n - 1n }));
    assert.equal(error.name, 'LBA Out of Range');
  });

  it('of a queue depth is refused with the limit', async () => {
    const limit = nvme0.registers.cap.mqes + 1;
    for (const depth of [1, 0, limit + 1]) {
      await assert.rejects(nvme0.createQpair({ depth }), { name: 'RangeError', message: /2 to 1,024, not/ });
    }
    const deepest = await nvme0.createQpair({ depth: limit });
    assert.equal(deepest.depth, 1024);
    await deepest.delete();
  });

  it('of a full queue says how many it holds', async () => {
    const buf = new DmaBuffer(512);
    const commands = [0, 1, 2].map((slba) => nvme0n1.read(qpair, buf, { slba }));
    assert.throws(() => nvme0n1.read(qpair, buf, { slba: 0 }), {
      name: 'RangeError',
      message: /is full: a queue of 4 entries holds 3 outstanding commands/,
    });
    await Promise.all(commands);
  });

  it('of a closed buffer is a TypeError; a pinned one cannot be closed', async () => {
    const buf = new DmaBuffer(512, { name: 'short-lived' });
    const read = nvme0n1.read(qpair, buf, { slba: 0 });
    assert.equal(buf.pins, 1);
    assert.throws(() => buf.close(), { code: 'BUFFER_IN_USE' });
    await read;
    buf.close();
    buf.close();
    assert.equal(buf.pins, 0);
    assert.throws(() => buf.byte(0), { name: 'TypeError', message: /short-lived is closed/ });
    assert.throws(() => nvme0n1.read(qpair, buf, { slba: 0 }), TypeError);
  });

  it('of a deleted queue pair, of the admin queue pair, of another controller’s', async () => {
    const gone = await nvme0.createQpair({ depth: 8 });
    await gone.delete();
    await gone.delete();
    assert.throws(() => nvme0n1.flush(gone), { name: 'TypeError', message: /Q\d\d is deleted/ });
    await assert.rejects(nvme0.adminQpair.delete(), /admin queue pair cannot be deleted/);
    const other = await openSsd(3);
    assert.throws(() => other.namespace(1).flush(qpair), /belongs to another controller/);
    await other.close();
  });

  it('of a queue pair that a reset ended says what to do', async () => {
    const before = await nvme0.createQpair({ depth: 8 });
    await nvme0.reset();
    assert.throws(() => nvme0n1.flush(before), {
      name: 'ControllerUnavailableError',
      message: /ended when its controller was reset.*create a new queue pair/,
    });
    qpair = await nvme0.createQpair({ depth: 4 });
    await nvme0n1.flush(qpair);
  });

  it('of a closed controller is a TypeError', async () => {
    const other = await openSsd(3);
    const namespace = other.namespace(1);
    const queue = await other.createQpair();
    await other.close();
    await other.close();
    await assert.rejects(other.reset(), { name: 'TypeError', message: /is closed/ });
    assert.throws(() => namespace.flush(queue), TypeError);
    await queue[Symbol.asyncDispose]();
  });

  it('of an address names what is wrong; a controller is opened once', async () => {
    await assert.rejects(openUnknown(), { code: 'BAD_ADDRESS' });
    await assert.rejects(openSsd(2), { code: 'CONTROLLER_IN_USE' });
  });
});

async function openUnknown(): Promise<void> {
  const { Controller } = await import('../../../testkit/objects/controller.ts');
  await Controller.open('0000:zz:00.0');
}
