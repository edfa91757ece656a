import assert from 'node:assert/strict';
import { disposeHosts, HostFixture, until } from './support/hosts.ts';

describe('tests on the emulated SSD', () => {
  afterEach(disposeHosts);

  it("runs the predecessor's hello world", async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test('hello world', async ({ nvme0, nvme0n1 }) => {
  const readBuf = new DmaBuffer(512);
  const writeBuf = new DmaBuffer(512);
  writeBuf.write('hello world', 10);
  const qpair = await nvme0.createQpair({ depth: 16 });
  nvme0n1.write(qpair, writeBuf, { slba: 0 }, () => { nvme0n1.read(qpair, readBuf, { slba: 0 }); });
  expect(readBuf.toString('ascii', 10, 21)).not.toBe('hello world');
  await qpair.waitdone(2);
  expect(readBuf.toString('ascii', 10, 21)).toBe('hello world');
});
`,
    });
    await fixture.run(['a.nvme.ts']);
    assert.deepEqual(fixture.outcome('hello world'), { state: 'passed' });
  });

  it('takes an expected status, and shows another one as a difference', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test('expected', async ({ nvme0n1, qpair, buf }) => {
  await expect(nvme0n1.read(qpair, buf, { slba: nvme0n1.nsze })).toRejectWithStatus('LBA Out of Range');
  await expect(nvme0n1.read(qpair, buf, { slba: nvme0n1.nsze })).toRejectWithStatus(0, 0x80);
});
test('another', async ({ nvme0n1, qpair, buf }) => {
  await expect(nvme0n1.read(qpair, buf, { slba: nvme0n1.nsze })).toRejectWithStatus('Invalid Field in Command');
});
test('none', async ({ nvme0n1, qpair, buf }) => {
  await expect(nvme0n1.read(qpair, buf, { slba: 0 })).toRejectWithStatus('LBA Out of Range');
});
`,
    });
    await fixture.run(['a.nvme.ts']);
    assert.deepEqual(fixture.outcome('expected'), { state: 'passed' });
    const another = fixture.failure('another');
    assert.deepEqual(
      [another.expected, another.actual],
      ['Invalid Field in Command (0h/02h)', 'LBA Out of Range (0h/80h)'],
    );
    assert.equal(another.cmdlog?.sequence, 1n);
    assert.equal(fixture.failure('none').actual, 'Successful Completion (0h/0h)');
  });

  it('fails the test whose command nobody awaited, and whose callback threw', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test('not awaited', async ({ nvme0n1, qpair, buf }) => {
  void nvme0n1.read(qpair, buf, { slba: nvme0n1.nsze });
  await new Promise((resolve) => setTimeout(resolve, 50));
});
test('callback', async ({ nvme0n1, qpair, buf }) => {
  nvme0n1.read(qpair, buf, { slba: 0 }, () => { expect(1).toBe(2); });
  await qpair.waitdone(1);
});
test('is fine', async ({ nvme0n1, qpair, buf }) => { await nvme0n1.read(qpair, buf, { slba: 0 }); });
`,
    });
    await fixture.run(['a.nvme.ts']);
    assert.equal(fixture.failure('not awaited').status, 'LBA Out of Range (0h/80h)');
    assert.deepEqual([fixture.failure('callback').expected, fixture.failure('callback').actual], ['2', '1']);
    assert.deepEqual(fixture.outcome('is fine'), { state: 'passed' });
  });

  it('brings the controller back after a test left it disabled, powered off or with queues', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
const use = async ({ nvme0n1, qpair, buf }) => { await nvme0n1.read(qpair, buf, { slba: 0 }); };
test('disables', async ({ nvme0 }) => { await nvme0.disable(); });
test('after disable', async ({ nvme0n1, qpair, buf }) => use({ nvme0n1, qpair, buf }));
test('powers off', async ({ subsystem }) => { await subsystem.powerOff(); });
test('after power off', async ({ nvme0n1, qpair, buf }) => use({ nvme0n1, qpair, buf }));
test('leaves queues', async ({ nvme0 }) => { for (let n = 0; n < 40; n += 1) await nvme0.createQpair({ depth: 8 }); });
test('needs as many', async ({ nvme0 }) => { for (let n = 0; n < 40; n += 1) await nvme0.createQpair({ depth: 8 }); });
`,
    });
    const summary = await fixture.run(['a.nvme.ts']);
    assert.deepEqual(
      [summary.passed, summary.failed, summary.errored],
      [6, 0, 0],
      JSON.stringify(fixture.ended, bigints),
    );
  });

  it('errors every test with the reason when the controller address is unknown', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': "test('one', async ({ nvme0 }) => {});\ntest('two', async ({ nvme0 }) => {});\n",
    });
    const summary = await fixture.run(['a.nvme.ts'], { controllers: ['emulatde'] });
    assert.equal(summary.errored, 2);
    for (const id of ['one', 'two'])
      assert.match(fixture.failure(id).message, /The controller "emulatde" cannot be used: /);
  });

  it('cancels a test with outstanding commands, and the host goes on', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test('waits', async ({ nvme0, nvme0n1, qpair, buf }) => {
  const worker = nvme0n1.ioworker({ timeS: 60 });
  const done = worker.run();
  console.log('on');
  await Promise.all([done, nvme0.admin({ opcode: 0x0c })]);
});
test('never starts', async () => {});
`,
      'b.nvme.ts':
        "test('works', async ({ nvme0n1, qpair, buf }) => { await nvme0n1.read(qpair, buf, { slba: 0 }); });\n",
    });
    const run = fixture.run(['a.nvme.ts']);
    await until(() => fixture.outputOf('waits') === 'on\n', 'the test is on');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const began = performance.now();
    await fixture.host.calls.cancel({ runId: 1 });
    const summary = await run;
    assert.ok(performance.now() - began < 3000, `took ${performance.now() - began} ms`);
    assert.deepEqual([summary.cancelled, summary.skipped, summary.failed], [true, 2, 0]);
    assert.deepEqual(fixture.outcome('waits'), { state: 'skipped', reason: 'cancelled' });
    assert.deepEqual(fixture.outcome('never starts'), { state: 'skipped', reason: 'cancelled' });
    assert.equal((await fixture.run(['b.nvme.ts'])).passed, 1);
  });

  it('lets a long ioworker run past the time-out of its test as long as it gets on', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test('worker', { timeoutMs: 400 }, async ({ nvme0n1 }) => {
  const { end } = await nvme0n1.ioworker({ timeS: 1.2, iops: 500 }).run();
  expect(end).toBe('completed');
});
`,
    });
    await fixture.run(['a.nvme.ts']);
    assert.deepEqual(fixture.outcome('worker'), { state: 'passed' });
  });

  it('switches power between runs and during one', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts':
        "test('works', async ({ nvme0n1, qpair, buf }) => { await nvme0n1.read(qpair, buf, { slba: 0 }); });\n",
      'b.nvme.ts': `
test('loses power', async ({ nvme0n1 }) => {
  const worker = nvme0n1.ioworker({ timeS: 30, iops: 1000, allowError: true });
  console.log('on');
  const { end } = await worker.run();
  expect(end).toBe('power-lost');
});
`,
    });
    const { calls } = fixture.host;
    const before = await calls.power({ action: 'on' });
    assert.equal(before.powered, true);
    const off = await calls.power({ action: 'off' });
    assert.deepEqual([off.controller, off.powered, off.supply.kind], ['emulated', false, 'emulated']);
    const after = await calls.power({ action: 'on' });
    assert.equal(after.powerCycles, before.powerCycles! + 1n);
    assert.equal(after.unsafeShutdowns, before.unsafeShutdowns! + 1n);
    await calls.power({ action: 'off' });
    assert.equal((await fixture.run(['a.nvme.ts'])).passed, 1);

    const run = fixture.run(['b.nvme.ts']);
    await until(() => fixture.outputOf('loses power') === 'on\n', 'the worker is on');
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal((await calls.power({ action: 'cycle' })).powered, true);
    await run;
    assert.deepEqual(fixture.outcome('loses power'), { state: 'passed' });
    assert.equal((await fixture.run(['a.nvme.ts'])).passed, 1);
  });

  it('refuses a fresh SSD once it has used its own', async () => {
    const fixture = await HostFixture.start({ 'a.nvme.ts': "test('one', async () => {});\n" });
    assert.equal((await fixture.run(['a.nvme.ts'], { fresh: true })).passed, 1);
    await assert.rejects(fixture.run(['a.nvme.ts'], { fresh: true }), { code: 'NOT_FRESH' });
  });

  it('gives every test the controller without the time-outs, listeners and events of another', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
let heard = 0;
test('sets', async ({ nvme0, subsystem }) => {
  nvme0.timeouts.defaultMs = 1;
  nvme0.onEvent(() => { heard += 1; });
  await subsystem.powerCycle();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(heard).toBe(1);
});
test('has its own', async ({ nvme0, subsystem }) => {
  expect(nvme0.timeouts.defaultMs).toBe(10_000);
  await subsystem.powerCycle();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(heard).toBe(1);
});
`,
    });
    await fixture.run(['a.nvme.ts']);
    assert.deepEqual(fixture.outcome('sets'), { state: 'passed' });
    assert.deepEqual(fixture.outcome('has its own'), { state: 'passed' });
  });
});

function bigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
