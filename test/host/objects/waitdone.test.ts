import assert from 'node:assert/strict';
import type { Controller } from '../../../testkit/objects/controller.ts';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import type { Namespace } from '../../../testkit/objects/namespace.ts';
import type { Qpair } from '../../../testkit/objects/qpair.ts';
import { inScope, openSsd, rejection } from './support.ts';

describe('waitdone', () => {
  let nvme0: Controller;
  let nvme0n1: Namespace;
  let qpair: Qpair;
  const buf = () => new DmaBuffer(512);
  before(async () => {
    nvme0 = await openSsd(4);
    nvme0n1 = nvme0.namespace(1);
  });
  beforeEach(async () => {
    qpair = await nvme0.createQpair({ depth: 16 });
  });
  afterEach(() => qpair.delete());
  after(() => nvme0.close());

  it('consumes completions seen before the call, each once', async () => {
    const order: number[] = [];
    for (const slba of [0, 1, 2]) nvme0n1.read(qpair, buf(), { slba }, () => order.push(slba));
    const last = await qpair.waitdone(3);
    assert.equal(order.length, 3);
    assert.equal(last?.sequence, 3);
    const error = await rejection(qpair.waitdone(1, { timeoutMs: 20 }));
    assert.equal(error.name, 'WaitdoneTimeoutError');
    assert.match(
      error.message,
      /waitdone\(1\) on .* Q\d\d: 0 completions in 20 ms, 0 commands outstanding\nCSTS 0x00000001/,
    );
  });

  it('consumes commands sent without await', async () => {
    const first = nvme0n1.read(qpair, buf(), { slba: 0 });
    const second = nvme0n1.read(qpair, buf(), { slba: 1 });
    await qpair.waitdone(2);
    assert.equal((await first).ok, true);
    assert.equal((await second).ok, true);
  });

  it('consumes an awaited command too, when no other can come', async () => {
    await nvme0n1.read(qpair, buf(), { slba: 0 });
    assert.equal((await qpair.waitdone(1))?.sequence, 1);
  });

  it('is not ended early by commands awaited before', async () => {
    for (const slba of [0, 1, 2]) await nvme0n1.read(qpair, buf(), { slba });
    let isDone = false;
    nvme0n1.write(qpair, buf(), { slba: 0 }, () => {
      isDone = true;
    });
    assert.equal((await qpair.waitdone(1))?.sequence, 4);
    assert.equal(isDone, true);
  });

  it('waits together with the commands themselves', async () => {
    const commands = [nvme0n1.read(qpair, buf(), { slba: 0 }), nvme0n1.read(qpair, buf(), { slba: 1 })];
    const [last] = await Promise.all([qpair.waitdone(2), ...commands]);
    assert.equal(last?.sequence, 2);
  });

  it('serves several waiters in their order', async () => {
    const first = qpair.waitdone(1);
    const second = qpair.waitdone(2);
    for (const slba of [0, 1, 2]) nvme0n1.read(qpair, buf(), { slba }, () => undefined);
    assert.equal((await first)?.sequence, 1);
    assert.equal((await second)?.sequence, 3);
  });

  it('rejects with what a consumed command failed with', async () => {
    const { failures, error } = await inScope(async () => {
      nvme0n1.read(qpair, buf(), { slba: nvme0n1.nsze }, () => undefined);
      nvme0n1.read(qpair, buf(), { slba: 0 }, () => undefined);
      await qpair.waitdone(2);
    });
    assert.equal((error as Error).name, 'LBA Out of Range');
    assert.match((error as Error).stack ?? '', /waitdone\.test/);
    assert.deepEqual(failures, []);
  });

  it('takes a failure that is allowed', async () => {
    nvme0n1.read(qpair, buf(), { slba: nvme0n1.nsze, allowError: true }, () => undefined);
    assert.equal((await qpair.waitdone(1))?.status.name, 'LBA Out of Range');
  });

  it('rejects at once when a callback throws, long before its time-out', async () => {
    const started = performance.now();
    const { failures, error } = await inScope(async () => {
      nvme0n1.read(qpair, buf(), { slba: 0 }, () => {
        throw new Error('the assertion in the callback');
      });
      await qpair.waitdone(2);
    });
    assert.ok(performance.now() - started < 2000);
    assert.equal((error as Error).message, 'the assertion in the callback');
    assert.deepEqual(failures, [error]);
  });

  it('counts for the admin queue as well', async () => {
    nvme0.admin({ opcode: 0x06, cdw10: 1 }, new DmaBuffer(4096), {}, () => undefined);
    assert.equal((await nvme0.adminQpair.waitdone(1))?.ok, true);
  });
});
