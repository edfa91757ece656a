import assert from 'node:assert/strict';
import { Controller } from '../../../testkit/objects/controller.ts';
import type { EnableSteps } from '../../../testkit/objects/enableSteps.ts';
import { SubmissionQueue } from '../../../testkit/objects/meta/submissionQueue.ts';
import { inScope, openSsd, rejection } from './support.ts';

async function enable({ registers }: Controller, steps: EnableSteps): Promise<void> {
  await steps.disable();
  const { aqa, asq, acq } = await steps.prepareAdmin();
  registers.set('AQA', aqa);
  registers.set('ASQ', asq);
  registers.set('ACQ', acq);
  registers.set('CC', 0x0046_0001);
  await steps.waitCsts(1, 1);
}

describe('initialisation', () => {
  let nvme0: Controller;
  before(async () => {
    nvme0 = await openSsd(64);
  });
  after(() => nvme0.close());

  it('can be the test’s own, step by step', async () => {
    let early: unknown;
    await nvme0.initialize(async ({ registers }, steps) => {
      await steps.disable();
      const { aqa, asq, acq } = await steps.prepareAdmin({ depth: 16 });
      assert.equal(aqa, 0x000f_000f);
      registers.set('AQA', aqa);
      registers.set('ASQ', asq);
      registers.set('ACQ', acq);
      registers.set('CC', 0x0046_0001);
      const csts = await steps.waitCsts(1, 1);
      assert.equal(csts & 1, 1);
      // The admin queue works before anything was adopted.
      early = await nvme0.identify();
      await steps.adopt({ ioQueues: 3 });
    });
    assert.ok(early);
    assert.deepEqual([nvme0.adminQpair.depth, nvme0.ioQueues, nvme0.namespaces.length > 0], [16, 3, true]);
    await nvme0.reset();
    assert.equal(nvme0.adminQpair.depth, 16, 'reset does the same again');
    await nvme0.restore();
    assert.equal(nvme0.adminQpair.depth, 64, 'the next test finds the default state');
  });

  it('of the test’s own is adopted at its end, and what it throws is thrown', async () => {
    await nvme0.initialize(enable);
    const qpair = await nvme0.createQpair();
    await nvme0.namespace(1).flush(qpair);
    const own = new Error('not today');
    assert.equal(
      await rejection(
        nvme0.initialize(async () => {
          throw own;
        }),
      ),
      own,
    );
    const late = await rejection(
      nvme0.initialize(async (_controller, steps) => void (await steps.waitCsts(1, 0, { timeoutMs: 20 }))),
    );
    assert.equal((late as { code?: string }).code, 'TIMEOUT');
    await nvme0.restore();
  });

  it('opens a controller by a function, or leaves it as it is', async () => {
    await using other = await openSsd(65, { initialize: enable });
    assert.equal(other.registers.csts.rdy, true);
    await other.namespace(1).flush(await other.createQpair());
    await using untouched = await openSsd(66, { initialize: false });
    assert.equal(untouched.registers.csts.rdy, false);
    assert.throws(() => untouched.adminQpair, /was not initialised yet/);
  });

  it('chooses arbitration, command set and memory page', async () => {
    const isWeighted = (nvme0.registers.cap.ams & 1) === 1;
    const weighted = nvme0.initialize({ arbitration: 'weighted' });
    if (isWeighted) await weighted;
    else assert.equal(((await rejection(weighted)) as { code?: string }).code, 'NOT_SUPPORTED');
    await nvme0.initialize({ arbitration: isWeighted ? 1 : 0, commandSet: 0, pageBytes: 4096 });
    const { cc } = nvme0.registers;
    assert.deepEqual([cc.ams, cc.css, cc.pageBytes], [isWeighted ? 1 : 0, 0, 4096]);
    for (const priority of ['urgent', 'high', 'medium', 'low'] as const) {
      const qpair = await nvme0.createQpair({ depth: 4, priority });
      await nvme0.namespace(1).flush(qpair);
    }
    await assert.rejects(nvme0.initialize({ pageBytes: 5000 }), /power of two/);
    await assert.rejects(nvme0.initialize({ arbitration: 'fair' as 'weighted' }), TypeError);
    await nvme0.restore();
  });

  it('puts interrupt vectors into the test’s hands', async () => {
    const { failures } = await inScope(async () => {
      const qpair = await nvme0.createQpair({ depth: 8, vector: 1 });
      const { msix } = qpair;
      assert.ok(msix);
      assert.equal(msix.vector, 1);
      msix.clear();
      assert.equal(msix.isSet, false);
      const settled = async (isThere: () => boolean) => {
        for (let tries = 0; tries < 200 && !isThere(); tries += 1)
          await new Promise((resolve) => setTimeout(resolve, 1));
        return isThere();
      };
      await nvme0.namespace(1).flush(qpair);
      assert.equal(await settled(() => msix.isSet), true);
      msix.clear();
      msix.mask();
      await nvme0.namespace(1).flush(qpair);
      await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal(msix.isSet, false, 'masked');
      msix.unmask();
      assert.equal(await settled(() => msix.isSet), true, 'the pending one comes');
      msix.release();
      await nvme0.namespace(1).flush(qpair);
      assert.equal((await nvme0.createQpair({ depth: 4, interrupts: false })).msix, undefined);
    });
    assert.deepEqual(failures, []);
    assert.throws(() => nvme0.interrupt(2000).clear(), RangeError);
  });

  it('makes queues that are not contiguous only where the controller can', async () => {
    await nvme0.namespace(1).flush(await nvme0.createQpair({ depth: 200, contiguous: false }));
    await using strict = await Controller.open('emulated:?size=1M&cqr=1&name=contiguous');
    const refused = await rejection(strict.createQpair({ depth: 200, contiguous: false }));
    assert.equal((refused as { code?: string }).code, 'NOT_SUPPORTED');
    const raw = new SubmissionQueue(strict, { qid: 5, depth: 200, contiguous: false });
    assert.equal((await raw.create({ allowError: true })).status.name, 'Invalid Field in Command');
  });
});
