import assert from 'node:assert/strict';
import type { Controller } from '../../../testkit/objects/controller.ts';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import type { Namespace } from '../../../testkit/objects/namespace.ts';
import { inScope, openSsd } from './support.ts';

describe('the commands of an ioworker', () => {
  let nvme0: Controller;
  let nvme0n1: Namespace;
  before(async () => {
    nvme0 = await openSsd(31);
    nvme0n1 = nvme0.namespace(1);
  });
  after(() => nvme0.close());

  it('are of the opcodes asked for: with data, without, and with a range', async () => {
    const opPercentage = {
      read: 30,
      write: 30,
      flush: 10,
      datasetManagement: 10,
      writeZeroes: 10,
      verify: 5,
      compare: 5,
    };
    // Every block holds the same: Compare finds what it has.
    const pattern = 'zeros';
    const options = { opPercentage, pattern, ioCount: 5000, qdepth: 16, regionEnd: 4096, outputCmdlog: 2000 } as const;
    const result = await nvme0n1.ioworker(options).run();
    assert.equal(result.end, 'completed');
    assert.equal(result.ios, 5000);
    assert.equal(result.reads + result.writes + result.others, 5000);
    const share = (opcode: number) => (result.byOpcode.get(opcode)?.ios ?? 0) / 50;
    for (const [opcode, percent] of [
      [2, 30],
      [1, 30],
      [0, 10],
      [9, 10],
      [8, 10],
      [0x0c, 5],
      [5, 5],
    ] as const) {
      assert.ok(Math.abs(share(opcode) - percent) < 3, `${opcode}: ${share(opcode)} %`);
    }
    assert.equal(result.byOpcode.get(9)?.name, 'Dataset Management');
    assert.equal(result.byOpcode.get(9)?.bytes, 0);
    assert.equal(result.byOpcode.get(5)?.bytes, (result.byOpcode.get(5)?.ios ?? 0) * 4096);
    assert.equal(result.latency.other.count, result.others);
    const logged = result.cmdlog ?? [];
    assert.equal(logged.length, 2000);
    const dsm = logged.find(({ sqe }) => sqe.opcode === 9);
    assert.deepEqual([dsm?.sqe.cdw10, dsm?.sqe.cdw11, dsm?.cqe?.ok], [0, 4, true]);
  });

  it('deallocate the blocks of their address (Dataset Management)', async () => {
    const qpair = await nvme0.createQpair({ depth: 8 });
    const marker = new DmaBuffer(4096, { pattern: 0x5a5a5a5a });
    for (const slba of [64, 72, 80]) await nvme0n1.write(qpair, marker, { slba, blockCount: 8 });
    await nvme0n1
      .ioworker({ opPercentage: { datasetManagement: 100 }, lbaStart: 72, lbaRandom: false, ioCount: 1 })
      .run();
    const check = new DmaBuffer(4096);
    const isMarked = async (slba: number): Promise<boolean> => {
      await nvme0n1.read(qpair, check, { slba, blockCount: 8 });
      return check.equals(marker);
    };
    assert.deepEqual([await isMarked(64), await isMarked(72), await isMarked(80)], [true, false, true]);
    await qpair.delete();
  });

  it('have the sizes, alignments and FUA asked for', async () => {
    const result = await nvme0n1
      .ioworker({
        ioSize: { 1: 1, 8: 2, 300: 1 },
        lbaAlign: { 8: 8, 300: 16 },
        readPercentage: 0,
        fuaPercentage: 50,
        ioCount: 2000,
        regionEnd: 20_000,
        qdepth: 8,
        outputCmdlog: 2000,
      })
      .run();
    const sizes = new Map<number, number>();
    let forced = 0;
    let bytes = 0;
    for (const { sqe } of result.cmdlog ?? []) {
      const blocks = (sqe.cdw12 & 0xffff) + 1;
      sizes.set(blocks, (sizes.get(blocks) ?? 0) + 1);
      assert.equal(sqe.cdw10 % (blocks === 300 ? 16 : blocks), 0);
      forced += (sqe.cdw12 >>> 30) & 1;
      bytes += blocks * 512;
    }
    assert.deepEqual(
      [...sizes.keys()].sort((a, b) => a - b),
      [1, 8, 300],
    );
    assert.ok(Math.abs((sizes.get(8) ?? 0) - 1000) < 150 && Math.abs(forced - 1000) < 150, `${sizes.get(8)} ${forced}`);
    assert.equal(result.bytesWritten, bytes);
  });

  it('go down by a negative step, and stay by a step of 0', async () => {
    const slbas = async (options: object): Promise<number[]> => {
      const { cmdlog = [] } = await nvme0n1
        .ioworker({ qdepth: 1, ioCount: 4, outputCmdlog: 4, regionEnd: 100, ...options })
        .run();
      return cmdlog.map(({ sqe }) => sqe.cdw10).reverse();
    };
    assert.deepEqual(await slbas({ lbaStep: -40 }), [92, 52, 12, 92]);
    assert.deepEqual(await slbas({ lbaStep: 0, lbaStart: 17 }), [17, 17, 17, 17]);
    assert.deepEqual(await slbas({ lbaStep: 30, lbaStart: 30 }), [30, 60, 90, 0]);
  });

  it('write the pattern asked for', async () => {
    await nvme0n1.ioworker({ lbaRandom: false, regionEnd: 64, readPercentage: 0, pattern: 0xfeedf00d }).run();
    const qpair = await nvme0.createQpair({ depth: 4 });
    const check = new DmaBuffer(64 * 512);
    await nvme0n1.read(qpair, check, { slba: 0, blockCount: 64 });
    assert.ok(check.equals(new DmaBuffer(64 * 512, { pattern: 0xfeedf00d })));
    await qpair.delete();
  });

  it('are those of a recording, each at its time', async () => {
    const ioSequence = [
      [0, 'write', 0, 8],
      [20_000, 'read', 8, 16],
      { atUs: 40_000.5, op: 'flush', slba: 0, blockCount: 1 },
    ] as const;
    const result = await nvme0n1.ioworker({ ioSequence, qdepth: 4, outputCmdlog: 3 }).run();
    assert.equal(result.end, 'completed');
    const commands = [...(result.cmdlog ?? [])].reverse().map(({ sqe }) => [sqe.opcode, sqe.cdw10, sqe.cdw12]);
    assert.deepEqual(commands, [
      [1, 0, 7],
      [2, 8, 15],
      [0, 0, 0],
    ]);
    assert.ok(result.elapsedS >= 0.04, `${result.elapsedS}`);
    assert.equal(result.latencyFromDue?.all.count, 3);
    assert.ok((result.latencyFromDue?.all.maxUs ?? 0) >= result.latency.all.maxUs);
  });
});

describe('ioworkers', () => {
  let nvme0: Controller;
  let nvme0n1: Namespace;
  before(async () => {
    nvme0 = await openSsd(32);
    nvme0n1 = nvme0.namespace(1);
  });
  after(() => nvme0.close());

  it('made together know how far apart they began, and measure the same window', async () => {
    const workers = [1, 2, 3].map(() => nvme0n1.ioworker({ timeS: 0.2, iops: 1000, qdepth: 4 }));
    const results = await Promise.all(workers.map((worker) => worker.run()));
    for (const result of results) {
      assert.equal(result.windowS, 0.2);
      assert.ok(result.startSkewUs > 0);
    }
    const alone = await nvme0n1.ioworker({ ioCount: 10 }).run();
    assert.equal(alone.startSkewUs, 0);
  });

  it('begin although one of them could not be made, or was stopped before', async () => {
    const { failures } = await inScope(async () => {
      const stopped = nvme0n1.ioworker({ timeS: 60 });
      const broken = nvme0n1.ioworker({ ioCount: 1, cpu: 65_535 });
      const good = nvme0n1.ioworker({ ioCount: 100 });
      const [, brokenEnd] = await Promise.allSettled([stopped.stop(), broken.run()]);
      assert.match(String((brokenEnd as PromiseRejectedResult).reason), /may not run on CPU 65535/);
      assert.equal(stopped.result?.end, 'stopped');
      assert.equal((await good.run()).ios, 100);
    });
    assert.deepEqual(failures, []);
  });

  it('count failed commands and go on, where that is asked for', async () => {
    const result = await nvme0n1
      .ioworker({
        onError: 'continue',
        lbaRandom: false,
        regionStart: nvme0n1.nsze - 80n,
        regionEnd: nvme0n1.nsze + 80n,
        ioCount: 20,
        qdepth: 4,
      })
      .run();
    assert.deepEqual([result.end, result.ios, result.errors], ['completed', 10, 10]);
    assert.equal(result.firstError?.name, 'LBA Out of Range');
  });

  it('tell their counters while they run, and their series afterwards', async () => {
    await using worker = nvme0n1.ioworker({
      timeS: 1.1,
      iops: 2000,
      readPercentage: 50,
      seriesIntervalMs: 100,
      outputIoPerSecond: true,
    });
    while ((worker.counters()?.writes ?? 0n) === 0n) await new Promise((resolve) => setTimeout(resolve, 1));
    const live = worker.counters();
    assert.ok(live && live.ios >= live.writes && live.errors === 0n && live.bytes >= 4096n);
    const { series, ioPerSecond, iops, ios, iopsConsistency } = await worker.run();
    assert.deepEqual([series.intervalMs, series.fullIntervals, ioPerSecond?.length], [100, 11, 1]);
    assert.equal(
      series.ios.reduce((sum, count) => sum + count, 0),
      ios,
    );
    assert.equal(
      series.bytes.reduce((sum, count) => sum + count, 0),
      ios * 4096,
    );
    assert.ok(iops > 0 && iopsConsistency(50) === 100);
  });
});
