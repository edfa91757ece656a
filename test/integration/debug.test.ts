import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { DoorbellApi } from '../../extension/api.ts';
import { doorbell, eventually, fileUri, recordRuns, runFromLens, testItem } from './support.ts';

interface StackFrame {
  readonly id: number;
  readonly line: number;
  readonly source?: { readonly path?: string };
}

/** In a remote window the workbench turns source paths into URIs. */
const plainPath = (path = ''): string => (path.includes('://') ? vscode.Uri.parse(path).path : path);

describe('Debug Test', function () {
  this.timeout(60_000);
  let api: DoorbellApi;
  before(async () => {
    api = await doorbell();
  });

  it('stops on a breakpoint in the .ts file, and Stop ends the run', async () => {
    const uri = fileUri('faults/stops.nvme.ts');
    const item = await testItem(api, 'faults/stops.nvme.ts', 'stops on a breakpoint');
    const line = (item.range?.start.line ?? 0) + 3;
    const breakpoint = new vscode.SourceBreakpoint(new vscode.Location(uri, new vscode.Position(line, 0)));
    vscode.debug.addBreakpoints([breakpoint]);
    const recorder = recordRuns(api.testing.controller);
    try {
      const running = runFromLens(item, 'doorbell.debugTest');
      const frame = await eventually(
        'a stop',
        () => vscode.debug.activeStackItem as vscode.DebugStackFrame | undefined,
      );
      const { session } = frame;
      const { stackFrames } = (await session.customRequest('stackTrace', { threadId: frame.threadId, levels: 1 })) as {
        stackFrames: StackFrame[];
      };
      assert.equal(stackFrames[0]?.line, line + 1);
      assert.equal(plainPath(stackFrames[0]?.source?.path), uri.fsPath);
      const { result } = (await session.customRequest('evaluate', {
        expression: 'answer',
        frameId: stackFrames[0]?.id,
        context: 'repl',
      })) as { result: string };
      assert.equal(result, '42');
      await vscode.commands.executeCommand('workbench.action.debug.stop');
      await running;
      assert.ok(recorder.runs[0]?.ended);
      assert.doesNotMatch(recorder.runs[0]?.states.join() ?? '', /passed/);
    } finally {
      recorder.restore();
      vscode.debug.removeBreakpoints([breakpoint]);
      await vscode.debug.stopDebugging();
    }
  });
});
