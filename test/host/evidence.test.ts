import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readerOf } from '../../testkit/nvme/bytes.ts';
import { lineOfSequence } from '../../testkit/nvme/cmdlogText.ts';
import { readCommands } from '../../testkit/nvme/commandRecords.ts';
import { readEvidence } from '../../testkit/nvme/evidence.ts';
import { HostGoneError } from '../../testkit/parent/hostOptions.ts';
import { disposeHosts, HostFixture, until } from './support/hosts.ts';

describe('what is told of commands and queues while tests run, and after', () => {
  afterEach(disposeHosts);

  it('tells a failed command by its status, its line, and its place in the command log', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test('beyond the end', async ({ nvme0n1, qpair, buf }) => {
  await nvme0n1.write(qpair, buf, { slba: 0 });
  await nvme0n1.read(qpair, buf, { slba: nvme0n1.nsze });
});
`,
    });
    await fixture.run(['a.nvme.ts']);
    const { message, status, stack, cmdlog } = fixture.failure('beyond the end');
    assert.equal(status, 'LBA Out of Range (0h/80h)');
    assert.match(message, /^LBA Out of Range \(0h\/80h\).*Read, CID 1, NSID 1, SLBA 2097152, 1 block on emulated Q01$/);
    assert.deepEqual(
      stack.map(({ file, line }) => [file, line]),
      [[fixture.workspace.path('a.nvme.ts'), 5]],
    );
    assert.ok(cmdlog);
    assert.deepEqual([cmdlog.controller, cmdlog.qid, cmdlog.sequence], ['emulated', 1, 2n]);
    const { text, sequences, total } = await fixture.host.telemetry.cmdlog({ segment: cmdlog.segment, max: 128 });
    assert.equal(total, 2n);
    const line = lineOfSequence(sequences, cmdlog.sequence);
    assert.match(
      text.split('\n').slice(line).join('\n'),
      /^.* \[cmd001: Read\]\n(?:.*\n){4}.*: \[cpl: LBA OUT OF RANGE\]/,
    );
  });

  it('keeps every queue readable after SIGKILL, those of ioworkers too', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test('dies', async ({ nvme0n1, qpair, buf }) => {
  await nvme0n1.write(qpair, buf, { slba: 7 });
  const worker = nvme0n1.ioworker({ timeS: 60, iops: 2000 });
  void worker.run().catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 300));
  console.log('on');
  await new Promise(() => {});
});
`,
    });
    const run = fixture.run(['a.nvme.ts']);
    run.catch(() => undefined);
    await until(() => fixture.outputOf('dies') === 'on\n', 'the test is on');
    process.kill(fixture.host.pid, 'SIGKILL');
    await assert.rejects(run, HostGoneError);
    const { evidence } = await fixture.host.exited;
    assert.ok(evidence);
    const read = readerOf(readFileSync(evidence));
    const { controllers, problems } = readEvidence(read);
    assert.deepEqual(problems, []);
    const queues = controllers.flatMap((controller) => controller.queues);
    for (const owner of ['admin', 'script', 'ioworker']) {
      const queue = queues.find((other) => other.owner === owner);
      assert.ok(queue, `${owner} among ${queues.map((other) => other.owner)}`);
      assert.ok(readCommands(read, queue, 128).commands.length > 0, owner);
    }
    assert.match(fixture.failure('dies').message, /ended by SIGKILL/);
  });

  it('shows topology and rising counters while an ioworker runs', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts':
        "test('runs', async ({ nvme0n1 }) => { await nvme0n1.ioworker({ timeS: 60, iops: 2000 }).run(); });\n",
    });
    const run = fixture.run(['a.nvme.ts']);
    const ios = async () => (await fixture.host.telemetry.counters())[0]?.ios ?? 0n;
    await until(async () => (await ios()) > 0n, 'the worker is on');
    const first = await ios();
    await until(async () => (await ios()) > first, 'the counters rise');
    const [controller] = (await fixture.host.telemetry.topology()).controllers;
    assert.deepEqual([controller?.address, controller?.state], ['emulated', 'ready']);
    assert.ok(controller?.queues.some((queue) => queue.owner === 'ioworker' && queue.live));
    const last = await ios();
    await fixture.host.calls.cancel({ runId: 1 });
    await run;
    assert.ok((await ios()) >= last);
  });
});
