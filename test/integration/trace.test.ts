import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { emptyRow, type TraceFacts } from '../../testkit/trace/traceCommand.ts';
import { TraceWriter } from '../../testkit/trace/traceWriter.ts';
import { doorbell, eventually, fileUri } from './support.ts';

const facts: TraceFacts = { source: 'qemu', lbaBytes: 512, clock: 'monotonic', queues: 'sqid', writer: 'a test' };

describe('traces', () => {
  before(() => doorbell());

  it('open in their own editor, not as bytes', async () => {
    const file = fileUri('a.nvtrace');
    const writer = await TraceWriter.create(file.fsPath, facts);
    writer.add({ ...emptyRow(), opcode: 2, queue: 1, nsid: 1, length: 8 });
    await writer.finish({ left: {}, counts: {} });
    await vscode.commands.executeCommand('vscode.open', file);
    const input = await eventually('the editor', () => {
      const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
      return input instanceof vscode.TabInputCustom ? input : undefined;
    });
    assert.deepEqual([input.viewType, input.uri.path], ['doorbell.trace', file.path]);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await vscode.workspace.fs.delete(file);
  });
});
