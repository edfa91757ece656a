import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const addon = path.resolve('native/build/Release/doorbell.node');

/** Runs `body` (with `addon`, `sleep`, `open`, `busy`) in a process of its own. */
function inChild(body: string): { status: number | null; signal: string | null; output: string } {
  const script = `
    const addon = require(${JSON.stringify(addon)});
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const open = async (name = 'emulated') => {
      const controller = await addon.openController(name);
      await controller.initialize({});
      return controller;
    };
    /** Outstanding commands, an armed notification, a running ioworker, an armed AER. */
    const busy = async (controller) => {
      const qpair = await controller.createQpair({ depth: 256, priority: 0, interrupts: true, lbaBytes: 512 });
      const buffer = addon.allocateDma(128 * 1024);
      const sqe = new Uint8Array(64);
      const view = new DataView(sqe.buffer);
      sqe[0] = 1;
      view.setUint32(4, 1, true);
      view.setUint32(48, 255, true);
      for (let slba = 0; slba < 200; slba += 1) qpair.submit(sqe, buffer, 0, 128 * 1024, 0);
      qpair.notify(() => undefined);
      controller.admin.submit(Uint8Array.of(0x0c, ...new Uint8Array(63)), undefined, 0, 0, 0);
      controller.admin.notify(() => undefined);
      controller.onEvent(() => undefined);
      const worker = await controller.startIoWorker({
        nsid: 1, lbaBytes: 512, sizes: [{ blocks: 8, weight: 1, align: 0 }], ops: [{ opcode: 1, weight: 1 }, { opcode: 2, weight: 1 }],
        regionStart: 0n, regionEnd: 100000n, randomPercent: 100, distribution: [], fuaPercent: 0, qdepth: 64, priority: 2,
        timeMs: 60000, ioCount: 0n, iops: 0, seed: 1n, intervalMs: 1000, commandTimeoutMs: 10000, continueOnError: false, gated: false,
        data: { kind: 'random', dword: 0, compressiblePercent: 0, seed: 1n },
      });
      return { qpair, buffer, worker };
    };
    // 3 says that the body came to its end: an await that never settles ends a process with 0.
    (async () => { ${body} })().then(() => { process.exitCode = 3; }, (error) => { console.error(error); process.exit(99); });`;
  const child = spawnSync(process.execPath, ['--expose-gc', '-e', script], { encoding: 'utf8', timeout: 30_000 });
  return { status: child.status, signal: child.signal, output: child.stdout + child.stderr };
}

function assertCleanExit(body: string, status = 3): void {
  const { status: actual, signal, output } = inChild(body);
  assert.deepEqual({ status: actual, signal }, { status, signal: null }, output);
}

const worker = (body: string): string => `
  const { Worker } = require('node:worker_threads');
  const thread = new Worker(${JSON.stringify(`
    const { parentPort } = require('node:worker_threads');
    const addon = require(${JSON.stringify(addon)});
    (async () => {
      const controller = await addon.openController('emulated:?seed=2');
      await controller.initialize({});
      ${body}
    })().catch((error) => { console.error(error); process.exit(99); });`)}, { eval: true });`;

describe('the addon at the end of its environment', function () {
  this.timeout(40_000);

  it('survives process.exit with I/O in flight, armed notifications and a running ioworker', () => {
    for (let round = 0; round < 5; round += 1) {
      assertCleanExit('await busy(await open()); await sleep(20); process.exit(7);', 7);
    }
  });

  it('lets the process end when nothing is in flight, closed or not', () => {
    assertCleanExit('await open();');
    assertCleanExit('const controller = await open(); await controller.close();');
  });

  it('keeps the process alive while an ioworker runs', () => {
    assertCleanExit(
      `
      const controller = await open();
      const { worker, qpair } = await busy(controller);
      qpair.notify(undefined);
      controller.admin.notify(undefined);
      worker.done.then(({ end }) => process.exit(end === 'stopped' ? 5 : 6));
      setTimeout(() => worker.stop(), 50).unref();`,
      5,
    );
  });

  it('survives an uncaught exception while busy', () => {
    const { status, signal, output } = inChild(
      'await busy(await open()); setTimeout(() => { throw new Error("planted"); }, 10);',
    );
    assert.deepEqual([status, signal], [1, null], output);
    assert.match(output, /planted/);
  });

  it('survives objects that are collected in any order while busy', () => {
    assertCleanExit(`
      for (const order of [0, 1, 2, 3]) {
        let held = await open('emulated:?seed=' + order);
        let { qpair, buffer, worker } = await busy(held);
        worker.stop();
        await worker.done;
        qpair.notify(undefined);
        held.admin.notify(undefined);
        const drop = [() => { held = undefined; }, () => { qpair = undefined; }, () => { buffer = undefined; }, () => { worker = undefined; }];
        for (let at = 0; at < 4; at += 1) { drop[(at + order) % 4](); gc(); await sleep(1); gc(); }
      }
      gc(); await sleep(50); gc();`);
  });

  it('is closed while busy, in any order', () => {
    assertCleanExit(`
      for (let round = 0; round < 5; round += 1) {
        const controller = await open();
        const { qpair, worker } = await busy(controller);
        const ends = [controller.close(), qpair.delete(), controller.disable().catch(() => undefined)];
        await Promise.allSettled(round % 2 ? ends : ends.reverse());
        await worker.done;
      }`);
  });

  it('loads in a worker thread beside the main thread', () => {
    assertCleanExit(`
      const controller = await open();
      ${worker('await controller.close(); parentPort.postMessage("done");')}
      const message = await new Promise((resolve) => thread.once('message', resolve));
      await thread.terminate();
      await controller.close();
      if (message !== 'done') process.exit(98);`);
  });

  it('stays loaded when the worker thread that alone used it is gone', () => {
    const only = `require(${JSON.stringify(addon)}).now()`;
    const script = `new (require('node:worker_threads').Worker)(${JSON.stringify(only)}, { eval: true })
      .on('exit', () => setTimeout(() => process.exit(3), 1500));`;
    const { status, signal } = spawnSync(process.execPath, ['-e', script], { timeout: 30_000 });
    assert.deepEqual({ status, signal }, { status: 3, signal: null });
  });

  it('survives a worker thread that is terminated while busy', () => {
    assertCleanExit(`
      for (let round = 0; round < 3; round += 1) {
        ${worker(`
          const qpair = await controller.createQpair({ depth: 256, priority: 0, interrupts: true, lbaBytes: 512 });
          const buffer = addon.allocateDma(4096);
          const sqe = new Uint8Array(64);
          sqe[0] = 2; sqe[4] = 1;
          for (let count = 0; count < 200; count += 1) qpair.submit(sqe, buffer, 0, 512, 0);
          qpair.notify(() => undefined);
          const running = await controller.startIoWorker({
            nsid: 1, lbaBytes: 512, sizes: [{ blocks: 8, weight: 1, align: 0 }], ops: [{ opcode: 1, weight: 1 }, { opcode: 2, weight: 1 }],
            regionStart: 0n, regionEnd: 100000n, randomPercent: 100, distribution: [], fuaPercent: 0, qdepth: 64, priority: 2,
            timeMs: 60000, ioCount: 0n, iops: 0, seed: 1n, intervalMs: 1000, commandTimeoutMs: 10000, continueOnError: false, gated: false,
            data: { kind: 'random', dword: 0, compressiblePercent: 0, seed: 1n },
          });
          controller.createQpair({ depth: 256, priority: 0, interrupts: true, lbaBytes: 512 });
          parentPort.postMessage('busy');
          await running.done;`)}
        await new Promise((resolve) => thread.once('message', resolve));
        await thread.terminate();
      }
      const again = await open('emulated:?seed=2');
      await again.close();`);
  });
});
