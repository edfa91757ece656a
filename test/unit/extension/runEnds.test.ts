import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { TestRunner } from '../../../extension/testing/testRunner.ts';
import { workspaceEvents } from '../../fakes/vscode/workspace.ts';
import { ids, passAll, setUp, source } from './runSetUp.ts';
import { FakeWorkspace, fakeHosts, fakeLog, makeTree, never, noDrives, runAt, until } from './support.ts';

describe('the end of a run', () => {
  afterEach(() => {
    for (const emitter of Object.values(workspaceEvents)) if ('listeners' in emitter) emitter.listeners.clear();
  });

  it('cancelled, asks the host first, then ends a host that does not answer; what did not run is skipped', async () => {
    const { click, run, links, item } = await setUp((request, host) => {
      host.tell.testStarted?.({ runId: request.runId, id: ids[0]!, title: 'one', iteration: 1, seed: '1' });
      return new Promise(() => undefined);
    });
    const source = new vscode.CancellationTokenSource();
    const done = click([item('a.nvme.ts')], source.token);
    await until(() => links[0]?.requests.length === 1, 'the run');
    source.cancel();
    await done;
    assert.deepEqual(links[0]?.said, ['cancel 1', 'stop']);
    assert.deepEqual(
      run().states.slice(-3),
      ids.map((id) => `skipped ${id}`),
    );
    assert.equal(run().ended, 1);
  });

  it('ends with the reason on every test that has no result when the host crashes; the next click starts a fresh host', async () => {
    const { click, run, links } = await setUp((request, host) => {
      if (request.runId > 1) return passAll(request, host);
      host.tell.testStarted?.({ runId: 1, id: ids[0]!, title: 'one', iteration: 1, seed: '1' });
      host.tell.testEnded?.({ runId: 1, id: ids[0]!, outcome: { state: 'passed' }, durationMs: 1 });
      host.die();
      return new Promise(() => undefined);
    });
    await click();
    assert.deepEqual(run().states.slice(-3), [`passed ${ids[0]}`, `errored ${ids[1]}`, `errored ${ids[2]}`]);
    const message = run().messages[0]?.message.message as unknown as vscode.MarkdownString;
    assert.match(message.value.replaceAll('\\', ''), /ended by SIGSEGV.*\[Show Log\]/s);
    await click();
    assert.equal(links.length, 2);
    assert.match(run(1).log(), /passed a\.nvme\.ts > two/);
  });

  it('a crash that comes with the cancellation still says that it was a crash', async () => {
    const { click, run, links } = await setUp(() => new Promise(() => undefined));
    const source = new vscode.CancellationTokenSource();
    const done = click(undefined, source.token);
    await until(() => links[0]?.requests.length === 1, 'the run');
    links[0]?.die();
    source.cancel();
    await done;
    assert.match(run().log(), /errored a\.nvme\.ts > one/);
  });

  it('says on the tests why the host could not start, without a stack trace', async () => {
    const workspace = new FakeWorkspace();
    workspace.write('a.nvme.ts', source);
    const { controller, tree, loader } = makeTree(workspace);
    const broken = fakeHosts();
    broken.failNext = new Error('The native addon is missing: doorbell.node. Run `npm run build`.');
    const runner = new TestRunner({
      controller,
      tree,
      loader,
      hosts: broken.manager,
      log: fakeLog(),
      consent: noDrives,
    });
    await loader.discoverAll();
    const request = new vscode.TestRunRequest();
    await runner.run({ request, selection: request, mode: 'run', token: never() });
    const { messages, states } = runAt(controller);
    assert.deepEqual(
      states.slice(-3),
      ids.map((id) => `errored ${id}`),
    );
    const text = (messages[0]!.message.message as unknown as vscode.MarkdownString).value;
    assert.match(text.replaceAll('\\', ''), /^The native addon is missing/);
    assert.doesNotMatch(text, /\bat .*:\d+:\d+/);
  });
});
