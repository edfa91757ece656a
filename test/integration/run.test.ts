import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { DoorbellApi } from '../../extension/api.ts';
import { doorbell, eventually, fileUri, type RecordedRun, recordRuns, runFromLens, testItem } from './support.ts';

describe('a run', () => {
  let api: DoorbellApi;
  let recorder: ReturnType<typeof recordRuns>;
  before(async () => {
    api = await doorbell();
  });
  beforeEach(() => {
    recorder = recordRuns(api.testing.controller);
  });
  afterEach(() => recorder.restore());

  const onlyRun = (): RecordedRun => {
    assert.equal(recorder.runs.length, 1);
    return recorder.runs[0]!;
  };

  it('of hello world passes from its code lens', async () => {
    await runFromLens(await testItem(api, 'hello.nvme.ts', 'hello world'));
    const run = onlyRun();
    assert.deepEqual(run.states, ['hello world: enqueued', 'hello world: started', 'hello world: passed']);
    assert.ok(run.ended);
    assert.match(run.output, /^\$ doorbell run /);
  });

  it('of a failing test names the status, the difference, the line, and the command', async () => {
    const file = api.testing.tree.file(fileUri('failing.nvme.ts'));
    assert.ok(file);
    await runFromLens(file);
    const run = onlyRun();
    assert.ok(run.states.some((state) => state.endsWith(': failed')));
    const text = run.messages.map(({ message }) => (typeof message === 'string' ? message : message.value)).join('\n');
    assert.match(text, /LBA Out of Range \(0h\/80h\)/);
    assert.match(text, /Open CMDLOG emulated Q\d\d at command \d+/);
    const different = run.messages.find(({ expectedOutput, actualOutput }) => expectedOutput && actualOutput);
    assert.ok(different, 'no message has expected and actual');
    for (const { location } of run.messages) assert.equal(location?.uri.toString(), file.uri?.toString());
  });

  it('of two clicks at once is two runs, one after the other', async () => {
    const item = await testItem(api, 'hello.nvme.ts', 'hello world');
    await Promise.all([runFromLens(item), runFromLens(item)]);
    assert.equal(recorder.runs.length, 2);
    for (const run of recorder.runs) {
      assert.equal(run.states.at(-1), 'hello world: passed');
      assert.ok(run.ended);
    }
    assert.match(recorder.runs[1]!.output, /Waiting: another run is using the driver host/);
  });

  it('can be cancelled while its test waits', async () => {
    const item = await testItem(api, 'faults/stops.nvme.ts', 'waits until it is cancelled');
    const running = runFromLens(item);
    await eventually('its start', () => recorder.runs[0]?.states.includes(`${item.label}: started`));
    await vscode.commands.executeCommand('testing.cancelRun');
    await running;
    assert.equal(onlyRun().states.at(-1), `${item.label}: skipped`);
    assert.ok(onlyRun().ended);
  });
});
