import assert from 'node:assert/strict';
import type { Controller } from '../../../testkit/objects/controller.ts';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import type { Namespace } from '../../../testkit/objects/namespace.ts';
import type { Qpair } from '../../../testkit/objects/qpair.ts';
import { inScope, openSsd } from './support.ts';

describe('the scope of a test', () => {
  let nvme0: Controller;
  let nvme0n1: Namespace;
  before(async () => {
    nvme0 = await openSsd(5);
    nvme0n1 = nvme0.namespace(1);
  });
  after(() => nvme0.close());

  it('fails for a failed command nobody awaited nor consumed', async () => {
    const { failures, error } = await inScope(async () => {
      const qpair = await nvme0.createQpair({ depth: 8 });
      void nvme0n1.read(qpair, new DmaBuffer(512), { slba: nvme0n1.nsze });
      await nvme0n1.read(qpair, new DmaBuffer(512), { slba: 0 });
    });
    assert.equal(error, undefined);
    assert.deepEqual(
      failures.map((failure) => (failure as Error).name),
      ['LBA Out of Range'],
    );
  });

  it('fails for one still outstanding when the body ended', async () => {
    const { failures } = await inScope(async () => {
      const qpair = await nvme0.createQpair({ depth: 8 });
      nvme0n1.read(qpair, new DmaBuffer(512), { slba: nvme0n1.nsze }, () => undefined);
    });
    assert.deepEqual(
      failures.map((failure) => (failure as Error).name),
      ['LBA Out of Range'],
    );
  });

  it('does not fail for one awaited later', async () => {
    const { failures, error } = await inScope(async () => {
      const qpair = await nvme0.createQpair({ depth: 8 });
      const early = nvme0n1.read(qpair, new DmaBuffer(512), { slba: nvme0n1.nsze });
      await nvme0n1.read(qpair, new DmaBuffer(512), { slba: 0 });
      await assert.rejects(early, { code: 0x80 });
    });
    assert.deepEqual([failures, error], [[], undefined]);
  });

  it('fails for a callback that throws', async () => {
    const thrown = new Error('in the callback');
    const { failures } = await inScope(async () => {
      const qpair = await nvme0.createQpair({ depth: 8 });
      nvme0n1.read(qpair, new DmaBuffer(512), { slba: 0 }, () => {
        throw thrown;
      });
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
    assert.deepEqual(failures, [thrown]);
  });

  it('does not fail for commands the test itself ended', async () => {
    const { failures } = await inScope(async () => {
      const qpair = await nvme0.createQpair({ depth: 8 });
      const [first] = Array.from({ length: 7 }, () => nvme0n1.read(qpair, new DmaBuffer(512), { slba: 0 }));
      await qpair.delete();
      assert.ok(first?.cqe, 'every command has ended');
    });
    assert.deepEqual(failures, []);
  });

  it('deletes queue pairs and stops ioworkers at its end', async () => {
    let qpair: Qpair | undefined;
    let worker: ReturnType<Namespace['ioworker']> | undefined;
    const { failures } = await inScope(async (scope) => {
      qpair = await nvme0.createQpair({ depth: 8 });
      worker = nvme0n1.ioworker({ timeS: 60 });
      while (worker.counters() === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
      assert.equal(scope.running.size, 1);
    });
    assert.deepEqual(failures, []);
    assert.equal(worker?.result?.end, 'stopped');
    assert.throws(() => nvme0n1.flush(qpair as Qpair), /is deleted/);
  });

  it('survives a test that lost the power and never brought it back', async () => {
    const { failures } = await inScope(async () => {
      await nvme0.createQpair({ depth: 8 });
      await nvme0.subsystem.powerOff();
    });
    assert.deepEqual(failures, []);
    await nvme0.restore();
    assert.equal(nvme0.registers.csts.rdy, true);
  });
});
