import assert from 'node:assert/strict';
import type { Controller } from '../../../testkit/objects/controller.ts';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import { DataMismatchError } from '../../../testkit/objects/errors.ts';
import type { IoWorkerOptions } from '../../../testkit/objects/ioworker/ioWorkerOptions.ts';
import type { Namespace } from '../../../testkit/objects/namespace.ts';
import { inScope, openSsd, rejection } from './support.ts';

const volatileWriteCache = 0x06;
const regionEnd = 512;
/** Overlapping addresses, and everything that changes blocks or makes them durable. */
const mix: IoWorkerOptions = {
  ioSize: [1, 8, 13],
  lbaAlign: 1,
  opPercentage: { read: 40, write: 35, writeZeroes: 10, datasetManagement: 5, flush: 5, verify: 5 },
  fuaPercentage: 20,
  regionEnd,
};

describe('an ioworker on a verified namespace', () => {
  let nvme0: Controller;
  let nvme0n1: Namespace;
  before(async () => {
    nvme0 = await openSsd(33);
    nvme0n1 = nvme0.namespace(1);
  });
  after(() => nvme0.close());
  beforeEach(() => nvme0.restore());

  const readAll = () => nvme0n1.ioworker({ ioSize: 8, lbaRandom: false, regionEnd, qdepth: 4, allowError: true }).run();

  it('finds nothing wrong with a mix of overlapping commands, whatever the depth, and with two at once', async () => {
    const { failures } = await inScope(async () => {
      nvme0n1.verification({ regionEnd });
      for (const qdepth of [1, 7, 64, 300]) {
        const result = await nvme0n1.ioworker({ ...mix, qdepth, ioCount: 4000 }).run();
        assert.deepEqual([result.end, result.ios], ['completed', 4000], `depth ${qdepth}`);
      }
      const two = [1, 2].map((seed) => nvme0n1.ioworker({ ...mix, qdepth: 32, ioCount: 4000, seed }));
      for (const { end } of await Promise.all(two.map((worker) => worker.run()))) assert.equal(end, 'completed');
      assert.equal((await readAll()).end, 'completed');
    });
    assert.deepEqual(failures, []);
  });

  for (const cache of ['on', 'off'] as const) {
    it(`holds the drive to what is durable across losses of power, cache ${cache}`, async () => {
      const { failures } = await inScope(async () => {
        for (let cycle = 0; cycle < 5; cycle += 1) {
          await nvme0.setFeatures(volatileWriteCache, cache === 'on' ? 1 : 0);
          const verification = nvme0n1.verification({ regionEnd, writeCache: cache === 'on' });
          const worker = nvme0n1.ioworker({ ...mix, qdepth: 16, timeS: 30 });
          while ((worker.counters()?.writes ?? 0n) < 200n) await new Promise((resolve) => setTimeout(resolve, 1));
          await nvme0.subsystem.powerOff();
          assert.equal((await worker.run()).end, 'power-lost');
          await nvme0.subsystem.powerOn();
          await nvme0.reset();
          const read = await readAll();
          assert.deepEqual([read.end, read.mismatch?.message, read.reads], ['completed', undefined, regionEnd / 8]);
          assert.equal(verification.isOn, true);
        }
      });
      assert.deepEqual(failures, []);
    });
  }

  it('still finds a block that was durable and is lost after a loss of power, and names it', async () => {
    const { failures } = await inScope(async () => {
      const qpair = await nvme0.createQpair({ depth: 8 });
      const verification = nvme0n1.verification({ regionEnd });
      const write = { ioSize: 8, lbaRandom: false, readPercentage: 0, regionEnd } as const;
      await nvme0n1.ioworker({ ...write, fuaPercentage: 100 }).run();
      // An older write of block 77, put back where the driver does not see it.
      const old = new DmaBuffer(512);
      await nvme0n1.read(qpair, old, { slba: 77 });
      await nvme0n1.ioworker({ ...write, fuaPercentage: 100 }).run();
      await nvme0.subsystem.powerOff();
      await nvme0.subsystem.powerOn();
      await nvme0.reset();
      assert.equal((await readAll()).end, 'completed');
      const behind = await nvme0.createQpair({ depth: 8 });
      await nvme0n1.send(behind, { opcode: 1, cdw10: 77, prp1: old.busAddress(nvme0) }, old, { pointers: 'as-given' });
      assert.equal(verification.isOn, true);
      const worker = nvme0n1.ioworker({ ioSize: 8, lbaRandom: false, regionEnd });
      const error = await rejection(worker.run());
      assert.ok(error instanceof DataMismatchError, String(error));
      assert.deepEqual([error.kind, error.lba, worker.result?.end], ['stale', 77n, 'data-mismatch']);
    });
    assert.deepEqual(failures, []);
  });
});
