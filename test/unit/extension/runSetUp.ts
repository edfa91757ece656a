import * as vscode from 'vscode';
import { TestRunner } from '../../../extension/testing/testRunner.ts';
import type { RunRequest } from '../../../testkit/protocol.ts';
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
} from './support.ts';

/** The text of that file. */
export const source = `import { test } from '@doorbell/testkit';
test('one', async () => {});
test('two', async () => {});
test.describe('suite', () => {
  test('wipes', { tags: ['destructive'] }, async () => {});
});
`;
/** Ids of the tests of the one file, in order. */
export const ids = ['a.nvme.ts > one', 'a.nvme.ts > two', 'a.nvme.ts > suite > wipes'];

/** A host that passes everything it is asked for. */
export function passAll(request: RunRequest, host: FakeLink) {
  const wanted = ids.filter(
    (id) => !request.only || request.only.some((only) => id === only || id.startsWith(`${only} > `)),
  );
  for (const id of wanted) {
    host.tell.testStarted?.({ runId: request.runId, id, title: id, iteration: 1, seed: '1' });
    host.tell.testEnded?.({ runId: request.runId, id, outcome: { state: 'passed' }, durationMs: 2 });
  }
  return emptySummary;
}

/** A workspace of one file, a runner and fake hosts that follow `script`. */
export async function setUp(script: Parameters<typeof fakeHosts>[0] = passAll) {
  const workspace = new FakeWorkspace();
  const uri = workspace.write('a.nvme.ts', source);
  const made = makeTree(workspace);
  const hosts = fakeHosts(script);
  const { controller, tree, loader } = made;
  const runner = new TestRunner({
    controller,
    tree,
    loader,
    hosts: hosts.manager,
    log: fakeLog(),
    consent: noDrives,
    cancelGraceMs: 20,
  });
  await loader.discoverAll();
  const click = (include?: readonly vscode.TestItem[], token = never(), exclude?: readonly vscode.TestItem[]) => {
    const request = new vscode.TestRunRequest(include, exclude);
    return runner.run({ request, selection: request, mode: 'run', token });
  };
  const item = (id: string) => {
    const found = tree.find(workspace.folder, id);
    if (!found) throw new Error(`no item ${id}`);
    return found;
  };
  return { ...made, ...hosts, workspace, uri, runner, click, item, run: (index = 0) => runAt(controller, index) };
}
