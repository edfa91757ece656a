import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const addon = path.resolve('native/build/Release/doorbell.node');

const common = `
  const addon = require(${JSON.stringify(addon)});
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const sqeOf = (opcode, { nsid = 0, cdw10 = 0, cdw12 = 0 } = {}) => {
    const sqe = new Uint8Array(64);
    const view = new DataView(sqe.buffer);
    sqe[0] = opcode;
    view.setUint32(4, nsid, true);
    view.setUint32(40, cdw10, true);
    view.setUint32(48, cdw12, true);
    return sqe;
  };
  const done = new Uint8Array(48 * 8);
  /** CID and status of the next completion of that queue pair. */
  const completion = (qpair) => new Promise((resolve) => {
    const look = () => {
      if (qpair.reap(done, 100) === 0) return qpair.notify(look);
      const view = new DataView(done.buffer);
      resolve({ cid: view.getUint16(40, true), status: view.getUint16(14, true) >> 1, outcome: view.getUint16(42, true) });
    };
    look();
  });
  const identify = async (controller) => {
    const page = addon.allocateDma(4096);
    const cid = controller.admin.submit(sqeOf(6, { cdw10: 1 }), page, 0, 4096, 5000);
    const seen = await completion(controller.admin);
    if (seen.cid !== cid || seen.status !== 0) throw new Error('identify: ' + JSON.stringify(seen));
  };
  const io = async (qpair, opcode, buffer) => {
    const cid = qpair.submit(sqeOf(opcode, { nsid: 1, cdw12: 7 }), buffer, 0, 4096, 5000);
    const seen = await completion(qpair);
    if (seen.cid !== cid) throw new Error('another command came back');
    return seen;
  };
  const qpairOptions = { depth: 8, priority: 0, interrupts: true, lbaBytes: 512 };`;

/** Runs `main` in a process of its own, with `worker` as the body of its workers (\`start()\`). */
function run(main: string, worker: string): { status: number | null; output: string } {
  const thread = `
    const { parentPort } = require('node:worker_threads');
    ${common}
    (async () => {
      const controller = addon.attachController('emulated');
      ${worker}
    })().catch((error) => { console.error('worker', error); process.exit(99); });`;
  const script = `
    const { Worker } = require('node:worker_threads');
    ${common}
    const start = () => new Worker(${JSON.stringify(thread)}, { eval: true });
    const message = (thread) => new Promise((resolve) => thread.once('message', resolve));
    const end = (thread) => new Promise((resolve) => thread.once('exit', resolve));
    (async () => {
      const controller = await addon.openController('emulated');
      await controller.initialize({});
      ${main}
    })().then(() => { process.exitCode = 3; }, (error) => { console.error(error); process.exit(98); });`;
  const child = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 60_000 });
  return { status: child.status, output: child.stdout + child.stderr };
}

function assertRuns(main: string, worker: string): void {
  const { status, output } = run(main, worker);
  assert.equal(status, 3, output);
}

describe('a controller in several environments', function () {
  this.timeout(60_000);

  it('serves admin and I/O commands of each, side by side', () => {
    assertRuns(
      `const threads = [start(), start()];
       const ends = threads.map(end);
       for (let index = 0; index < 200; index += 1) await identify(controller);
       await Promise.all(ends);
       await controller.close();`,
      `const buffer = addon.allocateDma(4096);
       const qpair = await controller.createQpair(qpairOptions);
       for (let index = 0; index < 200; index += 1) {
         await identify(controller);
         if ((await io(qpair, index % 2 === 0 ? 1 : 2, buffer)).status !== 0) throw new Error('status');
       }
       await controller.close();`,
    );
  });

  it('tells each of events', () => {
    assertRuns(
      `let told = 0;
       controller.onEvent((event) => { if (event.kind === 'power-lost') told += 1; });
       const thread = start();
       await message(thread);
       const heard = message(thread);
       await controller.power('off');
       if ((await heard) !== 'power-lost') throw new Error('the worker was not told');
       await end(thread);
       if (told !== 1) throw new Error('told ' + told);
       await controller.close();`,
      `await new Promise((resolve) => {
         const alive = setInterval(() => undefined, 1000);
         controller.onEvent((event) => {
           parentPort.postMessage(event.kind);
           clearInterval(alive);
           resolve();
         });
         parentPort.postMessage('ready');
       });`,
    );
  });

  it('leaves it to the one that opened it, whichever closes first', () => {
    assertRuns(
      `const thread = start();
       await end(thread);
       await identify(controller);
       await controller.close();
       try { addon.attachController('emulated'); throw new Error('attached to a closed controller'); }
       catch (error) { if (error.code !== 'NOT_OPEN') throw error; }`,
      `const qpair = await controller.createQpair(qpairOptions);
       await controller.close();
       await controller.close();
       for (const use of [() => controller.admin, () => qpair.submit(new Uint8Array(64), undefined, 0, 0, 0)]) {
         try { use(); throw new Error('used after close'); } catch (error) { if (error.code !== 'CLOSED') throw error; }
       }`,
    );
    assertRuns(
      `const thread = start();
       await message(thread);
       await controller.close();
       thread.postMessage('closed');
       await end(thread);`,
      `const buffer = addon.allocateDma(4096);
       const qpair = await controller.createQpair(qpairOptions);
       parentPort.postMessage('ready');
       await new Promise((resolve) => parentPort.once('message', resolve));
       try { qpair.submit(sqeOf(2), buffer, 0, 512, 0); throw new Error('used after close'); }
       catch (error) { if (error.code !== 'CLOSED') throw error; }
       await controller.close();
       buffer.close();`,
    );
  });

  it('takes back what a terminated worker left behind', () => {
    assertRuns(
      `await controller.initialize({ ioQueues: 4 });
       for (let round = 0; round < 8; round += 1) {
         const thread = start();
         await message(thread);
         await thread.terminate();
       }
       // 4 queue identifiers were granted: those of the workers are free again, in a moment.
       for (let attempt = 0; ; attempt += 1) {
         try { await controller.createQpair(qpairOptions); break; }
         catch (error) { if (error.code !== 'NO_QUEUES' || attempt > 100) throw error; await sleep(20); }
       }
       await identify(controller);
       await controller.close();`,
      `const buffer = addon.allocateDma(4096);
       const qpair = await controller.createQpair(qpairOptions).catch((error) => { if (error.code !== 'NO_QUEUES') throw error; });
       if (qpair) {
         qpair.notify(() => undefined);
         for (let index = 0; index < 5; index += 1) qpair.submit(sqeOf(2, { nsid: 1, cdw12: 7 }), buffer, 0, 4096, 0);
       }
       controller.admin.submit(sqeOf(0x0c), undefined, 0, 0, 0);
       controller.admin.notify(() => undefined);
       parentPort.postMessage('busy');
       setInterval(() => undefined, 1000);`,
    );
  });
});
