import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { TestRunner } from '../../../extension/testing/testRunner.ts';
import { debugEvents, type FakeSession } from '../../fakes/vscode/debugging.ts';
import { fake } from '../../fakes/vscode.ts';
import {
  emptySummary,
  type FakeLink,
  FakeWorkspace,
  fakeHosts,
  fakeLog,
  makeTree,
  never,
  noDrives,
  runAt,
  until,
} from './support.ts';

interface Tracker {
  onWillReceiveMessage(message: { command: string; arguments: { terminateDebuggee: boolean } }): void;
  onDidSendMessage(message: { type: string; command: string }): void;
}

/** The JavaScript debugger: a session that is started, and a child of it that talks to the host. */
class FakeDebugger {
  root: FakeSession | undefined;
  /** Says that every breakpoint was sent. */
  configured: () => void = () => undefined;
  answer = true;
  /** Does what the Stop command does to an attached session. */
  kill: () => void = () => undefined;

  constructor(private readonly configureAtOnce = true) {
    debugEvents.trackers.splice(0);
    for (const emitter of [debugEvents.started, debugEvents.terminated]) emitter.listeners.clear();
    debugEvents.start = async (configuration) => {
      if (!this.answer) return false;
      const root: FakeSession = { id: 'root', type: 'node', name: 'x', configuration };
      const child: FakeSession = { id: 'child', type: 'pwa-node', name: 'y', configuration: {}, parentSession: root };
      this.root = root;
      debugEvents.started.fire(root);
      const trackers = debugEvents.trackers.map(
        (factory) => factory.createDebugAdapterTracker(child) as Tracker | undefined,
      );
      this.configured = () => {
        for (const tracker of trackers) tracker?.onDidSendMessage({ type: 'response', command: 'configurationDone' });
      };
      this.kill = () => {
        const message = { command: 'disconnect', arguments: { terminateDebuggee: true } };
        for (const tracker of trackers) tracker?.onWillReceiveMessage(message);
        debugEvents.terminated.fire(root);
      };
      if (this.configureAtOnce) this.configured();
      return true;
    };
  }
}

async function setUp(script: Parameters<typeof fakeHosts>[0]) {
  const workspace = new FakeWorkspace();
  workspace.write('a.nvme.ts', `import { test } from '@doorbell/testkit';\ntest('one', async () => {});\n`);
  const { controller, tree, loader } = makeTree(workspace);
  await loader.discoverAll();
  const { manager, links } = fakeHosts(script);
  const runner = new TestRunner({
    controller,
    tree,
    loader,
    hosts: manager,
    log: fakeLog(),
    consent: noDrives,
    cancelGraceMs: 50,
  });
  const request = new vscode.TestRunRequest();
  const debug = (token = never()) => runner.run({ request, selection: request, mode: 'debug', token });
  return { controller, links, debug, manager };
}

/** Runs until it is cancelled. */
function untilCancelled(_request: unknown, host: FakeLink) {
  return new Promise<typeof emptySummary>((resolve) => {
    host.calls.cancel = async ({ runId }) => {
      host.said.push(`cancel ${runId}`);
      resolve({ ...emptySummary, cancelled: true });
    };
  });
}

describe('a debugged run', () => {
  const order = () => fake.executed.map(({ command }) => command).filter((command) => command.endsWith('debugging'));

  it('starts only after the debugger is attached and knows the breakpoints, and detaches at the end', async () => {
    const debuggerOf = new FakeDebugger(false);
    const { controller, links, debug } = await setUp(() => emptySummary);
    const done = debug();
    await until(() => debuggerOf.root !== undefined, 'the session');
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(links[0]?.requests.length, 0);
    debuggerOf.configured();
    await done;
    assert.equal(links[0]?.requests[0]?.debug, true);
    assert.deepEqual(order(), ['start debugging', 'stop debugging']);
    assert.deepEqual(links[0]?.said, ['open inspector', 'close inspector']);
    const [configuration, options] = fake.executed.find(({ command }) => command === 'start debugging')!.args as [
      vscode.DebugConfiguration,
      vscode.DebugSessionOptions,
    ];
    const { type, request, websocketAddress, continueOnAttach, outFiles } = configuration;
    assert.deepEqual(
      { type, request, websocketAddress, continueOnAttach, outFiles },
      { type: 'node', request: 'attach', websocketAddress: 'ws://127.0.0.1:9/x', continueOnAttach: true, outFiles: [] },
    );
    assert.equal(options.testRun as unknown, runAt(controller));
  });

  it('is cancelled when someone ends the debug session', async () => {
    const debuggerOf = new FakeDebugger();
    const { controller, links, debug } = await setUp(untilCancelled);
    const done = debug();
    await until(() => links[0]?.requests.length === 1, 'the run');
    debugEvents.terminated.fire(debuggerOf.root!);
    await done;
    assert.match(runAt(controller).log(), /skipped a\.nvme\.ts > one\nend$/);
    assert.deepEqual(links[0]?.said, ['open inspector', 'cancel 1', 'close inspector']);
  });

  it('cancelled, does not wait for the answer of a paused host before it detaches', async () => {
    new FakeDebugger();
    const { links, debug } = await setUp((_request, host) => host.untilReleased());
    const source = new vscode.CancellationTokenSource();
    const done = debug(source.token);
    await until(() => links[0]?.requests.length === 1, 'the run');
    links[0]!.calls.cancel = async ({ runId }) => {
      // A paused host reads the request when the debugger let go, not before.
      await until(() => order().includes('stop debugging'), 'the detachment');
      links[0]!.said.push(`cancel ${runId}`);
      links[0]!.release();
    };
    source.cancel();
    await done;
    assert.ok(links[0]?.said.includes('cancel 1'));
  });

  it('ended by Stop, which ends the host too, is cancelled and no crash', async () => {
    const debuggerOf = new FakeDebugger();
    const { controller, links, debug, manager } = await setUp((_request, host) => host.untilReleased());
    const done = debug();
    await until(() => links[0]?.requests.length === 1, 'the run');
    const test = { runId: 1, id: 'a.nvme.ts > one' };
    links[0]!.tell.testStarted?.({ ...test, title: 'one', iteration: 1, seed: '1' });
    debuggerOf.kill();
    const outcome = {
      state: 'errored',
      failures: [{ message: 'ended by SIGKILL', stack: [] }],
      hostGone: true,
    } as const;
    links[0]!.tell.testEnded?.({ ...test, outcome, durationMs: 1 });
    links[0]!.die();
    await done;
    assert.match(runAt(controller).log(), /started a\.nvme\.ts > one\nskipped a\.nvme\.ts > one\nend$/);
    await until(() => manager.hosts[0]?.state.kind === 'stopped', 'the end of the host');
  });

  it('says why when the debugger does not start, and closes the inspector', async () => {
    const debuggerOf = new FakeDebugger();
    debuggerOf.answer = false;
    const { controller, links, debug } = await setUp(() => emptySummary);
    await debug();
    const [first] = runAt(controller).messages;
    assert.match(
      (first!.message.message as unknown as vscode.MarkdownString).value.replaceAll('\\', ''),
      /debugger did not start/,
    );
    assert.deepEqual(links[0]?.said, ['open inspector', 'close inspector']);
    assert.equal(links[0]?.requests.length, 0);
  });

  it('leaves no tracker or listener behind', async () => {
    new FakeDebugger();
    const { debug, manager } = await setUp(() => emptySummary);
    await debug();
    manager.dispose();
    assert.deepEqual(
      fake.alive().filter((kind) => kind.startsWith('debug')),
      [],
    );
    assert.equal(debugEvents.started.listeners.size + debugEvents.terminated.listeners.size, 0);
  });
});
