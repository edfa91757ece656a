import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { HostGoneError } from '../../testkit/parent/hostOptions.ts';
import { disposeHosts, HostFixture, until } from './support/hosts.ts';

describe('what a test can do to the driver host', () => {
  afterEach(disposeHosts);

  it('times a test out that waits for ever, and runs the next one', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test('waits', { timeoutMs: 200 }, async () => { await new Promise(() => {}); });
test('next', async () => {});
`,
    });
    await fixture.run(['a.nvme.ts']);
    assert.equal(fixture.failure('waits').message, 'The test did not end within its time-out of 200 ms.');
    assert.deepEqual(fixture.outcome('next'), { state: 'passed' });
  });

  it('gives a test its time-out anew with every progress', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test('long', { timeoutMs: 300 }, async ({ progress }) => {
  for (let done = 1; done <= 6; done += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    progress('format', done, 6);
  }
});
`,
    });
    assert.equal((await fixture.run(['a.nvme.ts'])).passed, 1);
  });

  it('ends a test that loops for ever 2 s after its time-out, says so on the test, and keeps its last words', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts':
        "test('loops', { timeoutMs: 100 }, async () => { console.log('one'); console.log('two'); for (;;); });\n",
    });
    const began = performance.now();
    await assert.rejects(fixture.run(['a.nvme.ts']), HostGoneError);
    const tookMs = performance.now() - began;
    assert.ok(tookMs > 2000 && tookMs < 4500, `took ${tookMs} ms`);
    assert.equal(fixture.outcome('loops').state, 'errored');
    assert.match(fixture.failure('loops').message, /busy past its time-out of 100 ms \+ 2 s/);
    assert.deepEqual(fixture.hangs, ['a.nvme.ts > loops']);
    assert.equal(fixture.outputOf('loops'), 'one\ntwo\n');
    const { code, signal } = await fixture.host.exited;
    assert.deepEqual([code, signal], [86, null], 'the watchdog ended it, with the device at rest');
  });

  it('ends a host that does not answer through its watchdog, with the device at rest', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': "test('loops', async ({ qpair }) => { console.log(qpair.qid); for (;;); });\n",
    });
    const run = assert.rejects(fixture.run(['a.nvme.ts']), HostGoneError);
    await until(() => fixture.outputOf('loops') === '1\n', 'the test loops');
    const { code, signal, expected } = await fixture.host.stop(100);
    assert.deepEqual([code, signal, expected], [86, null, true]);
    await run;
  });

  it('keeps what a body that was given up goes on to do away from the tests that follow', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
let beyond = 0;
test('given up', { timeoutMs: 100 }, async ({ nvme0 }) => {
  await later(250);
  nvme0.adminQpair.send({ opcode: 0x7f });
  beyond += 1;
  await nvme0.createQpair({ depth: 4 });
});
test('follows', async ({ nvme0, nvme0n1, qpair, buf }) => {
  let called = 0;
  nvme0n1.write(qpair, buf, { slba: 0 }, () => { nvme0n1.read(qpair, buf, { slba: 0 }, () => { called += 1; }); });
  await qpair.waitdone(2);
  await later(500);
  expect([called, beyond]).toEqual([1, 1]);
});
test('still fails for its own', async ({ nvme0n1, qpair, buf }) => {
  nvme0n1.write(qpair, buf, { slba: 0 }, () => { nvme0n1.read(qpair, buf, { slba: nvme0n1.nsze }); });
  await later(100);
});
`,
    });
    await fixture.run(['a.nvme.ts']);
    assert.match(fixture.failure('given up').message, /time-out of 100 ms/);
    assert.deepEqual(fixture.outcome('follows'), { state: 'passed' });
    assert.equal(fixture.failure('still fails for its own').status, 'LBA Out of Range (0h/80h)');
  });

  it('begins neither body nor fixture of a test that was given up before', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
const steps: string[] = [];
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const own = test.extend<{ slow: number; next: number }>({
  slow: async ({}, use) => { await later(200); await use(1); steps.push('slow down'); },
  next: async ({}, use) => { steps.push('next up'); await use(2); steps.push('next down'); },
});
own('given up', { timeoutMs: 100 }, async ({ slow, next }) => { steps.push('body'); });
own('follows', async ({}) => { await later(200); expect(steps).toEqual(['slow down']); });
`,
    });
    await fixture.run(['a.nvme.ts']);
    assert.match(fixture.failure('given up').message, /time-out of 100 ms/);
    assert.deepEqual(fixture.outcome('follows'), { state: 'passed' });
  });

  it('is not ended for the progress of a body that was given up', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test('given up', { timeoutMs: 100 }, async ({ progress }) => {
  await new Promise((resolve) => setTimeout(resolve, 300));
  progress('late', 1, 2);
});
test('follows', async () => { await new Promise((resolve) => setTimeout(resolve, 400)); });
`,
    });
    await fixture.run(['a.nvme.ts'], { timeoutMs: 2500 });
    assert.deepEqual(fixture.outcome('follows'), { state: 'passed' });
    await new Promise((resolve) => setTimeout(resolve, 2600));
    assert.deepEqual(fixture.hangs, []);
  });

  it('never ends a busy test while debugging', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test('busy', { timeoutMs: 100 }, async () => { const end = Date.now() + 2800; while (Date.now() < end); });
`,
    });
    assert.equal((await fixture.run(['a.nvme.ts'], { debug: true })).passed, 1);
  });

  it('answers telemetry while a test keeps the thread busy', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts':
        "test('busy', async () => { console.log('on'); const end = Date.now() + 1500; while (Date.now() < end); });\n",
    });
    const run = fixture.run(['a.nvme.ts']);
    await until(() => fixture.outputOf('busy') === 'on\n', 'the test is on');
    const latencies: number[] = [];
    for (let call = 0; call < 5; call += 1) {
      const began = performance.now();
      await fixture.host.telemetry.topology();
      latencies.push(performance.now() - began);
    }
    assert.deepEqual(fixture.ended, [], 'the test must still be busy');
    assert.ok(Math.max(...latencies) < 250, `took ${latencies}`);
    await run;
  });

  it('reports process.exit on the test that called it', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': "test('exits', async () => { process.exit(3); });\ntest('next', async () => {});\n",
    });
    await assert.rejects(fixture.run(['a.nvme.ts']), HostGoneError);
    assert.match(fixture.failure('exits').message, /The test called process\.exit\(3\)/);
    assert.equal((await fixture.host.exited).code, 3);
    await assert.rejects(fixture.run(['a.nvme.ts']), HostGoneError, 'a host that is gone refuses at once');
  });

  it('reports a crash in native code on the test that was running', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': "test('crashes', async () => { process.kill(process.pid, 'SIGSEGV'); for (;;); });\n",
    });
    await assert.rejects(fixture.run(['a.nvme.ts']), HostGoneError);
    assert.match(fixture.failure('crashes').message, /ended by SIGSEGV \(invalid memory access in native code\)/);
    const exit = await fixture.host.exited;
    assert.deepEqual([exit.signal, exit.expected], ['SIGSEGV', false]);
  });

  it('passes on the first of 100,000 lines, batched, and keeps all of them in a file', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': "test('floods', async () => { for (let n = 0; n < 100000; n += 1) console.log('line ' + n); });\n",
    });
    const began = performance.now();
    assert.equal((await fixture.run(['a.nvme.ts'])).passed, 1);
    assert.ok(performance.now() - began < 5000);
    const text = fixture.outputOf('floods');
    const match = /\.\.\. ([\d,]+) lines dropped, see (.+)\n$/.exec(text);
    assert.ok(match, text.slice(-200));
    const lines = text.split('\n').filter((line) => line.startsWith('line '));
    assert.equal(lines.length + Number(match[1]!.replaceAll(',', '')), 100_000);
    const kept = readFileSync(match[2]!, 'utf8').trimEnd().split('\n');
    assert.deepEqual([kept.length, kept[0], kept.at(-1)], [100_000, 'line 0', 'line 99999']);
    assert.ok(fixture.outputs.length < 20, `${fixture.outputs.length} messages`);
  });

  it('sends steady output in at most 20 messages a second', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test('talks', async () => {
  for (let n = 0; n < 200; n += 1) { console.log(n); await new Promise((resolve) => setTimeout(resolve, 5)); }
});
`,
    });
    const began = performance.now();
    await fixture.run(['a.nvme.ts']);
    const seconds = (performance.now() - began) / 1000;
    assert.ok(fixture.outputs.length <= 20 * seconds + 3, `${fixture.outputs.length} messages in ${seconds} s`);
    assert.equal(fixture.outputOf('talks').trimEnd().split('\n').length, 200);
  });

  it('says on every test why the native driver is not there, and what to do', async () => {
    const fixture = await HostFixture.start(
      { 'a.nvme.ts': "test('one', async () => {});\ntest('two', async () => {});\n" },
      { addonPath: '/nowhere/doorbell.node' },
    );
    assert.equal(fixture.host.info.addonVersion, '');
    const summary = await fixture.run(['a.nvme.ts']);
    assert.deepEqual([summary.passed, summary.errored], [0, 2]);
    for (const id of ['one', 'two']) {
      assert.match(fixture.failure(id).message, /\/nowhere\/doorbell\.node.*npm run build:native/s);
      assert.deepEqual(fixture.failure(id).stack, []);
    }
  });

  it('says so when the native driver was built for another machine', async () => {
    const fixture = await HostFixture.start({ 'a.nvme.ts': "test('one', async () => {});\n" });
    const header = Buffer.alloc(64);
    header.write('\x7fELF\x02\x01\x01', 'latin1');
    header.writeUInt16LE(3, 16);
    header.writeUInt16LE(183, 18);
    const file = fixture.workspace.path('arm.node');
    writeFileSync(file, header);
    const other = await HostFixture.start({ 'a.nvme.ts': "test('one', async () => {});\n" }, { addonPath: file });
    await other.run(['a.nvme.ts']);
    assert.match(other.failure('one').message, /built for arm64; this Node\.js is x64/);
  });
});
