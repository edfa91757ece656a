import assert from 'node:assert/strict';
import type { Controller } from '../../../testkit/objects/controller.ts';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import { NvmeStatusError } from '../../../testkit/objects/errors.ts';
import type { Namespace } from '../../../testkit/objects/namespace.ts';
import { inScope, openSsd, rejection } from './support.ts';

describe('an ioworker', () => {
  let nvme0: Controller;
  let nvme0n1: Namespace;
  before(async () => {
    nvme0 = await openSsd(7);
    nvme0n1 = nvme0.namespace(1);
  });
  after(() => nvme0.close());

  it('sends exactly the commands asked for, and its figures agree', async () => {
    const result = await nvme0n1
      .ioworker({ ioSize: 8, ioCount: 20_000, readPercentage: 70, qdepth: 32, outputPercentileLatency: [50, 99, 99.9] })
      .run();
    assert.equal(result.end, 'completed');
    assert.equal(result.ios, 20_000);
    assert.equal(result.reads + result.writes, 20_000);
    assert.ok(Math.abs(result.reads / result.ios - 0.7) < 0.03, `${result.reads} reads`);
    assert.deepEqual([result.bytesRead, result.bytesWritten], [result.reads * 4096, result.writes * 4096]);
    const { all, read, write } = result.latency;
    assert.deepEqual([all.count, read.count, write.count], [20_000, result.reads, result.writes]);
    assert.ok(all.minUs > 0 && all.minUs <= all.avgUs && all.avgUs <= all.maxUs);
    const [p50, p99, p999] = [50, 99, 99.9].map((percentile) => all.percentilesUs.get(percentile) ?? Number.NaN);
    assert.ok(p50! <= p99! && p99! <= p999! && p999! <= all.maxUs * 1.05, `${p50} ${p99} ${p999} ${all.maxUs}`);
    assert.ok(Math.abs(result.iops * result.elapsedS - 20_000) < 1);
    assert.ok(Math.abs(result.mbPerS - (result.iops * 4096) / 1e6) < 0.01);
    assert.equal(result.firstError, undefined);
  });

  it('covers its region once when it is sequential and nothing limits it', async () => {
    const qpair = await nvme0.createQpair({ depth: 8 });
    const marker = new DmaBuffer(512, { pattern: 0xabcdabcd });
    for (const slba of [999, 1000, 1255, 1256]) await nvme0n1.write(qpair, marker, { slba });
    const result = await nvme0n1
      .ioworker({ ioSize: 8, lbaRandom: false, readPercentage: 0, regionStart: 1000, regionEnd: 1256, qdepth: 4 })
      .run();
    assert.equal(result.writes, 32);
    const check = new DmaBuffer(512);
    const isMarked = async (slba: number): Promise<boolean> => {
      await nvme0n1.read(qpair, check, { slba });
      return check.equals(marker);
    };
    assert.deepEqual(
      [await isMarked(999), await isMarked(1000), await isMarked(1255), await isMarked(1256)],
      [true, false, false, true],
    );
    await qpair.delete();
  });

  it('runs as long as asked, at the pace asked, beside commands of the script', async () => {
    const qpair = await nvme0.createQpair({ depth: 8 });
    const worker = nvme0n1.ioworker({ ioSize: 8, timeS: 0.5, iops: 2000, qdepth: 8 });
    let reads = 0;
    const buf = new DmaBuffer(512);
    const running = worker.run();
    let isOver = false;
    void running.then(() => {
      isOver = true;
    });
    while (!isOver) {
      await nvme0n1.read(qpair, buf, { slba: 0 });
      reads += 1;
    }
    const result = await running;
    assert.ok(reads > 100, `${reads} reads beside it`);
    assert.ok(result.elapsedS >= 0.45 && result.elapsedS < 2, `${result.elapsedS} s`);
    assert.ok(result.ios >= 900 && result.ios <= 1010, `${result.ios} ios`);
    await qpair.delete();
  });

  it('rejects with the status of the first command that failed, and its place in the command log', async () => {
    const options = {
      ioSize: 8,
      ioCount: 100,
      lbaRandom: false,
      regionStart: nvme0n1.nsze,
      regionEnd: nvme0n1.nsze + 800n,
    };
    const worker = nvme0n1.ioworker(options);
    const error = await rejection(worker.run());
    assert.ok(error instanceof NvmeStatusError);
    assert.equal(error.name, 'LBA Out of Range');
    assert.equal(error.sqe.opcode, 0x02);
    assert.equal(error.cmdlog.qid, worker.qid);
    assert.ok(error.cmdlog.sequence >= 1n);
    assert.equal(worker.result?.end, 'device-error');
    assert.equal(worker.result?.firstError?.name, 'LBA Out of Range');
    const allowed = await nvme0n1.ioworker({ ...options, allowError: true }).run();
    assert.equal(allowed.firstError?.name, 'LBA Out of Range');
  });

  it('stops when asked, and at the end of its block', async () => {
    const worker = nvme0n1.ioworker({ timeS: 60 });
    const result = await worker.stop();
    assert.equal(result.end, 'stopped');
    assert.ok(result.elapsedS < 5);
    const { failures } = await inScope(async (scope) => {
      await using inner = nvme0n1.ioworker({ timeS: 60 });
      while (inner.counters() === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
      assert.equal(scope.running.has(inner), true);
    });
    assert.deepEqual(failures, []);
  });

  it('fails its test when nobody looked at its failure', async () => {
    const { failures } = await inScope(async () => {
      const worker = nvme0n1.ioworker({
        ioCount: 10,
        lbaRandom: false,
        regionStart: nvme0n1.nsze,
        regionEnd: nvme0n1.nsze + 100n,
      });
      while (worker.result === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
    });
    assert.deepEqual(
      failures.map((failure) => (failure as Error).name),
      ['LBA Out of Range'],
    );
  });

  it('comes four at once, each with a queue of its own', async () => {
    const workers = [1, 2, 3, 4].map(() => nvme0n1.ioworker({ timeS: 0.3, qdepth: 8 }));
    const results = await Promise.all(workers.map((worker) => worker.run()));
    assert.equal(new Set(results.map((result) => result.qid)).size, 4);
    for (const { ios } of results) assert.ok(ios > 0);
  });

  it('is the same for the same seed', async () => {
    const run = () => nvme0n1.ioworker({ ioCount: 5000, readPercentage: 50, seed: 42, qdepth: 16 }).run();
    const [first, second] = [await run(), await run()];
    assert.equal(first.reads, second.reads);
  });

  it('refuses options out of range by name', () => {
    assert.throws(() => nvme0n1.ioworker({}), { name: 'RangeError', message: /needs an end: give timeS or ioCount/ });
    assert.throws(
      () => nvme0n1.ioworker({ timeS: 1, qdepth: 1024 }),
      /qdepth \(up to CAP\.MQES\) must be .* 1 to 1,023, not 1024/,
    );
    assert.throws(() => nvme0n1.ioworker({ timeS: 1, ioSize: 0 }), /ioSize/);
    assert.throws(() => nvme0n1.ioworker({ timeS: 1, readPercentage: 101 }), /readPercentage/);
    assert.throws(() => nvme0n1.ioworker({ timeS: 1, regionStart: 8, regionEnd: 12 }), /has no room for ioSize 8/);
  });
});
