import assert from 'node:assert/strict';
import type { Controller } from '../../../testkit/objects/controller.ts';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import { ControllerResetError, PowerLostError } from '../../../testkit/objects/errors.ts';
import type { Namespace } from '../../../testkit/objects/namespace.ts';
import { ControllerUnavailableError } from '../../../testkit/objects/nativeErrors.ts';
import { inScope, openSsd, rejection } from './support.ts';

describe('power and resets', () => {
  let nvme0: Controller;
  let nvme0n1: Namespace;
  before(async () => {
    nvme0 = await openSsd(6);
    nvme0n1 = nvme0.namespace(1);
  });
  beforeEach(() => nvme0.restore());
  after(() => nvme0.close());

  const counts = async () => {
    const { powerCycles, unsafeShutdowns } = await nvme0.smart();
    return { powerCycles, unsafeShutdowns };
  };

  it('end outstanding commands with the reason, and count an unsafe shutdown', async () => {
    const before = await counts();
    nvme0.aer.arm(1);
    const event = nvme0.aer.next();
    const qpair = await nvme0.createQpair({ depth: 1024 });
    const buf = new DmaBuffer(128 * 1024, { pattern: 'ones' });
    const writes = Array.from({ length: 1000 }, (_, at) =>
      nvme0n1.write(qpair, buf, { slba: at * 64, blockCount: 256 }),
    );
    const settled = Promise.allSettled(writes);
    await nvme0.subsystem.powerOff();
    assert.ok((await rejection(event)) instanceof PowerLostError);
    const reasons = (await settled).flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    for (const reason of reasons) assert.ok(reason instanceof PowerLostError, String(reason));
    assert.equal(qpair.outstanding, 0);
    assert.equal(buf.pins, 0);
    assert.equal(nvme0.subsystem.powered, false);
    await nvme0.subsystem.powerOn();
    await nvme0.reset();
    const after = await counts();
    assert.equal(after.powerCycles, before.powerCycles + 1n);
    assert.equal(after.unsafeShutdowns, before.unsafeShutdowns + 1n);
  });

  it('count no unsafe shutdown after a shutdown notification', async () => {
    const before = await counts();
    await nvme0.subsystem.shutdown();
    assert.equal(nvme0.registers.csts.shst, 2);
    await nvme0.subsystem.powerCycle();
    await nvme0.reset();
    const after = await counts();
    assert.deepEqual(after, { powerCycles: before.powerCycles + 1n, unsafeShutdowns: before.unsafeShutdowns });
  });

  it('refuse commands without power and say how to go on', async () => {
    const qpair = await nvme0.createQpair({ depth: 8 });
    await nvme0.subsystem.powerOff();
    assert.throws(() => nvme0n1.flush(qpair), { code: 'POWER_LOST', message: /subsystem\.powerOn\(\)/ });
    const error = await rejection(nvme0.createQpair());
    assert.ok(error instanceof ControllerUnavailableError);
    assert.equal(nvme0.registers.csts.raw, 0xffff_ffff);
    assert.throws(() => nvme0.adminQpair.send({ opcode: 6 }), ControllerUnavailableError);
  });

  it('end the ioworker with a typed reason', async () => {
    const { failures } = await inScope(async () => {
      const worker = nvme0n1.ioworker({ timeS: 30, readPercentage: 0, qdepth: 1023 });
      while ((worker.counters()?.ios ?? 0n) === 0n) await new Promise((resolve) => setTimeout(resolve, 1));
      await nvme0.subsystem.powerOff();
      const result = await worker.run();
      assert.equal(result.end, 'power-lost');
      assert.ok(result.ios > 0);
    });
    assert.deepEqual(failures, []);
  });

  it('lose what was only in the volatile write cache, keep what was flushed', async () => {
    const qpair = await nvme0.createQpair({ depth: 8 });
    const old = new DmaBuffer(512, { pattern: 0x01d01d01 });
    const flushed = new DmaBuffer(512, { pattern: 0xf1f1f1f1 });
    const cached = new DmaBuffer(512, { pattern: 0xcacacaca });
    await nvme0n1.write(qpair, old, { slba: 10, fua: true });
    await nvme0n1.write(qpair, flushed, { slba: 11 });
    await nvme0n1.flush(qpair);
    await nvme0n1.write(qpair, cached, { slba: 10 });
    await nvme0.subsystem.powerCycle();
    await nvme0.reset();
    const check = new DmaBuffer(1024);
    await nvme0n1.read(await nvme0.createQpair({ depth: 8 }), check, { slba: 10, blockCount: 2 });
    assert.ok([old.dword(0), cached.dword(0)].includes(check.dword(0)), check.dump({ end: 16 }));
    assert.equal(check.dword(512), 0xf1f1f1f1);
  });

  it('end commands as reset when the controller is reset or disabled', async () => {
    for (const end of [
      () => nvme0.reset(),
      () => nvme0.disable(),
      () => nvme0.resetBy('flr'),
      () => nvme0.subsystem.nssr(),
    ]) {
      nvme0.aer.arm(1);
      const event = nvme0.aer.next();
      await end();
      assert.ok((await rejection(event)) instanceof ControllerResetError);
      await nvme0.restore();
    }
  });

  it('restore does nothing when nothing was changed', async () => {
    const admin = nvme0.adminQpair;
    await nvme0.restore();
    assert.equal(nvme0.adminQpair, admin);
    await nvme0.setFeatures(0x06, 0);
    await nvme0.restore();
    assert.notEqual(nvme0.adminQpair, admin);
    const again = nvme0.adminQpair;
    await nvme0.restore({ fresh: true });
    assert.notEqual(nvme0.adminQpair, again);
  });

  it('tell listeners of the loss', async () => {
    const kinds: string[] = [];
    const listening = nvme0.onEvent((event) => kinds.push(event.kind));
    await nvme0.subsystem.powerOff();
    await new Promise((resolve) => setTimeout(resolve, 20));
    listening[Symbol.dispose]();
    assert.deepEqual(kinds, ['power-lost']);
  });
});
