import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { ContinuousRuns } from '../../../extension/testing/continuousRuns.ts';
import { TestRunner } from '../../../extension/testing/testRunner.ts';
import { FakeDocument } from '../../fakes/vscode/editing.ts';
import { changeSetting, workspaceEvents } from '../../fakes/vscode/workspace.ts';
import { ids, passAll, setUp } from './runSetUp.ts';
import {
  emptySummary,
  FakeWorkspace,
  fakeHosts,
  fakeLog,
  makeTree,
  never,
  noDrives,
  runAt,
  trim,
  until,
} from './support.ts';

describe('a run', () => {
  afterEach(() => {
    for (const emitter of Object.values(workspaceEvents)) if ('listeners' in emitter) emitter.listeners.clear();
  });

  it('is enqueued at the click, started and ended for every test, and ends once', async () => {
    const { click, run, links } = await setUp();
    await click();
    assert.equal(
      run().log(),
      trim(`
        enqueued a.nvme.ts > one
        enqueued a.nvme.ts > two
        enqueued a.nvme.ts > suite > wipes
        started a.nvme.ts > one
        passed a.nvme.ts > one
        started a.nvme.ts > two
        passed a.nvme.ts > two
        started a.nvme.ts > suite > wipes
        passed a.nvme.ts > suite > wipes
        end
      `),
    );
    assert.equal(run().ended, 1);
    assert.deepEqual(links[0]?.requests[0]?.files, ['/ws/a.nvme.ts']);
    assert.equal(links[0]?.requests[0]?.only, undefined);
  });

  it('asks for what was clicked only, and says first how to do it in a shell', async () => {
    const { click, run, links, item } = await setUp();
    await click([item('a.nvme.ts > one')]);
    assert.deepEqual(links[0]?.requests[0]?.only, ['a.nvme.ts > one']);
    assert.match(run().output().split('\r\n')[0] ?? '', /^\$ doorbell run a\.nvme\.ts --grep '\^one\$' --seed \w+$/);
    await click([item('a.nvme.ts > suite')]);
    assert.match(run(1).output(), /^\$ doorbell run a\.nvme\.ts --grep '\^suite ' --seed \w+\r\n/);
    await click([item('a.nvme.ts')], never(), [item('a.nvme.ts > suite')]);
    assert.deepEqual(links[0]?.requests[2]?.only, ['a.nvme.ts > one', 'a.nvme.ts > two']);
  });

  it('takes the settings that are in force at the click', async () => {
    const { click, links } = await setUp();
    changeSetting('doorbell.controller', '0000:3d:00.0');
    changeSetting('doorbell.timeoutSeconds', 5);
    changeSetting('doorbell.seed', '42');
    changeSetting('doorbell.freshPerRun', true);
    await click();
    const { controllers, timeoutMs, seed, fresh, debug, repeat } = links[0]!.requests[0]!;
    assert.deepEqual(
      { controllers, timeoutMs, seed, fresh, debug, repeat },
      {
        controllers: ['0000:3d:00.0'],
        timeoutMs: 5000,
        seed: '42',
        fresh: true,
        debug: false,
        repeat: 1,
      },
    );
  });

  it('waits for the run before it, enqueued and never lost', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { click, run, links, item } = await setUp(async (request, host) => {
      if (request.runId === 1) await gate;
      return passAll(request, host);
    });
    const first = click([item('a.nvme.ts > one')]);
    await until(() => links[0]?.requests.length === 1, 'the first run');
    const second = click([item('a.nvme.ts > two')]);
    await until(() => run(1).states.length === 1, 'the second run in the queue');
    assert.equal(run(1).log(), 'enqueued a.nvme.ts > two');
    release();
    await Promise.all([first, second]);
    assert.equal(run(1).log(), 'enqueued a.nvme.ts > two\nstarted a.nvme.ts > two\npassed a.nvme.ts > two\nend');
    assert.match(run(1).output(), /Waiting: another run is using the driver host/);
    assert.equal(links.length, 1, 'both used the one host');
  });

  it('can be cancelled while it waits, and the next one still gets its turn', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { click, run, links, item } = await setUp(async (request, host) => {
      if (request.runId === 1) await gate;
      return passAll(request, host);
    });
    const runs = [click([item('a.nvme.ts > one')])];
    await until(() => links[0]?.requests.length === 1, 'the first run');
    const source = new vscode.CancellationTokenSource();
    runs.push(click([item('a.nvme.ts > two')], source.token), click([item('a.nvme.ts > one')]));
    await until(() => run(2).states.length === 1, 'two runs in the queue');
    source.cancel();
    await runs[1];
    assert.equal(run(1).log(), 'enqueued a.nvme.ts > two\nskipped a.nvme.ts > two\nend');
    release();
    await Promise.all(runs);
    assert.match(run(2).log(), /passed a\.nvme\.ts > one\nend$/);
    assert.equal(links[0]?.requests.length, 2);
  });

  it('says in its first line how to make the same random choices again', async () => {
    const { click, run, links } = await setUp();
    await click();
    const { seed } = links[0]!.requests[0]!;
    assert.match(seed ?? '', /^[0-9a-f]{12}$/);
    assert.match(run().output(), new RegExp(`^\\$ doorbell run a\\.nvme\\.ts --seed ${seed}\r\n`));
  });

  it('names the iteration that failed, however quick it was', async () => {
    const { click, run } = await setUp(({ runId }, host) => {
      for (let iteration = 1; iteration <= 3; iteration += 1) {
        host.tell.testStarted?.({ runId, id: ids[0]!, title: 'one', iteration, seed: `s${iteration}` });
        const failed = { state: 'failed' as const, failures: [{ message: 'x', stack: [] }] };
        const outcome = iteration < 3 ? { state: 'passed' as const } : failed;
        host.tell.testEnded?.({ runId, id: ids[0]!, outcome, durationMs: 1 });
      }
      return emptySummary;
    });
    await click();
    assert.match(run().output(), /Iteration 2, seed s2[\s\S]*Iteration 3, seed s3/);
  });

  it('shows an afterAll that failed on its suite, and leaves the tests of the file to themselves', async () => {
    const { click, run, uri } = await setUp(({ runId, ...request }, host) => {
      const failure = { message: 'afterAll: left over', stack: [] };
      host.tell.fileErrored?.({ runId, file: uri.fsPath, failure, suite: 'a.nvme.ts > suite' });
      return passAll({ runId, ...request }, host);
    });
    await click();
    assert.ok(run().states.includes('errored a.nvme.ts > suite'));
    for (const id of ids) assert.ok(run().states.includes(`passed ${id}`) && !run().states.includes(`errored ${id}`));
  });

  it('gives a test its words with their place, and reports a file that could not be loaded', async () => {
    const { click, run, item } = await setUp((request, host) => {
      const { runId } = request;
      host.tell.output?.({ runId, id: ids[0], text: 'hi\nthere\n', file: '/ws/a.nvme.ts', line: 2 });
      host.tell.output?.({ runId: 99, id: ids[0], text: 'of another run\n' });
      host.tell.fileErrored?.({ runId, file: '/ws/a.nvme.ts', failure: { message: 'no such module', stack: [] } });
      return emptySummary;
    });
    await click([item('a.nvme.ts')]);
    const words = run().outputs.find(({ text }) => text.includes('there'));
    assert.equal(words?.text, 'hi\r\nthere\r\n');
    assert.equal(words?.id, ids[0]);
    assert.equal(words?.location?.range.start.line, 1);
    assert.doesNotMatch(run().output(), /another run/);
    assert.deepEqual(
      run().states.slice(-3),
      ids.map((id) => `errored ${id}`),
    );
    assert.match(String(run().messages[0]?.message.message), /no such module/);
  });

  it('shows the cases of a computed test.each at their first run', async () => {
    const workspace = new FakeWorkspace();
    workspace.write(
      'a.nvme.ts',
      `import { test } from '@doorbell/testkit';\nimport { rows } from 'x';\ntest.each(rows)('row %d', async () => {});\n`,
    );
    const { controller, tree, loader } = makeTree(workspace);
    const templateId = () => [...tree.file(workspace.uri('a.nvme.ts'))!.children][0]![0];
    const { manager } = fakeHosts((request, host) => {
      const cases = [7, 8].map((row) => ({ id: `a.nvme.ts > row ${row}`, title: `row ${row}` }));
      host.tell.casesFound?.({ runId: request.runId, parent: templateId(), cases });
      for (const { id } of cases)
        host.tell.testEnded?.({ runId: request.runId, id, outcome: { state: 'passed' }, durationMs: 1 });
      return emptySummary;
    });
    await loader.discoverAll();
    const template = templateId();
    const runner = new TestRunner({ controller, tree, loader, hosts: manager, log: fakeLog(), consent: noDrives });
    const request = new vscode.TestRunRequest();
    await runner.run({ request, selection: request, mode: 'run', token: never() });
    assert.equal(
      runAt(controller).log(),
      trim(`
        enqueued ${template}
        enqueued a.nvme.ts > row 7
        enqueued a.nvme.ts > row 8
        passed a.nvme.ts > row 7
        passed a.nvme.ts > row 8
        end
      `),
    );
    assert.deepEqual(
      [...tree.find(workspace.folder, template)!.children].map(([id]) => id),
      ['a.nvme.ts > row 7', 'a.nvme.ts > row 8'],
    );
  });

  it('repeats until the first failure in that mode', async () => {
    const { runner, links } = await setUp();
    const request = new vscode.TestRunRequest();
    await runner.run({ request, selection: request, mode: 'untilFailure', token: never() });
    const { untilFailure, repeat } = links[0]!.requests[0]!;
    assert.equal(untilFailure, true);
    assert.ok(repeat > 1e6);
  });
});

describe('a continuous run', () => {
  it('runs the saved file again, without its destructive tests, until it is switched off', async () => {
    const { runner, tree, uri, links, item } = await setUp();
    const runs = new ContinuousRuns(runner, tree);
    const source = new vscode.CancellationTokenSource();
    runs.add(new vscode.TestRunRequest([item('a.nvme.ts')], undefined, undefined, true), source.token);
    const document = new FakeDocument(uri as never, '');
    workspaceEvents.saved.fire(document);
    await until(() => links[0]?.requests.length === 1, 'the run');
    assert.deepEqual(links[0]?.requests[0]?.only, ids.slice(0, 2));
    source.cancel();
    workspaceEvents.saved.fire(document);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(links[0]?.requests.length, 1);
    runs.dispose();
  });
});
