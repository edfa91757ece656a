import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { DoorbellApi } from '../../extension/api.ts';
import { doorbell, eventually, fileUri, recordRuns, runFromLens, testItem } from './support.ts';

interface StackFrame {
  readonly id: number;
  readonly line: number;
  readonly source?: { readonly path?: string };
}

interface Stop {
  readonly session: vscode.DebugSession;
  readonly threadId: number;
}

/** In a remote window the workbench turns source paths into URIs. */
const plainPath = (path = ''): string => (path.includes('://') ? vscode.Uri.parse(path).path : path);

/** Notes where a debugger stops, whichever of its sessions that is in. */
function watchStops(): { readonly stops: Stop[]; readonly watch: vscode.Disposable } {
  const stops: Stop[] = [];
  const watch = vscode.debug.registerDebugAdapterTrackerFactory('*', {
    createDebugAdapterTracker: (session) => ({
      onDidSendMessage: (message: { event?: string; body?: { threadId: number } }) => {
        if (message.event === 'stopped' && message.body) stops.push({ session, threadId: message.body.threadId });
      },
    }),
  });
  return { stops, watch };
}

describe('Debug Test', function () {
  this.timeout(60_000);
  let api: DoorbellApi;
  before(async () => {
    api = await doorbell();
  });
  afterEach(async () => {
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    await vscode.debug.stopDebugging();
  });

  it('stops on a breakpoint in the .ts file, and Stop ends the run', async () => {
    const uri = fileUri('faults/stops.nvme.ts');
    const item = await testItem(api, 'faults/stops.nvme.ts', 'stops on a breakpoint');
    const line = (item.range?.start.line ?? 0) + 3;
    // The host has loaded the file before: the debugger must still bind to what it loads next.
    await runFromLens(await testItem(api, 'faults/stops.nvme.ts', 'ends at once'));
    vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(new vscode.Location(uri, new vscode.Position(line, 0)))]);
    const { stops, watch } = watchStops();
    const recorder = recordRuns(api.testing.controller);
    try {
      const running = runFromLens(item, 'doorbell.debugTest');
      const { session, threadId } = await eventually('a stop', () => stops[0]);
      const trace = await session.customRequest('stackTrace', { threadId, levels: 1 });
      const [frame] = trace.stackFrames as StackFrame[];
      assert.equal(frame?.line, line + 1);
      assert.equal(plainPath(frame?.source?.path), uri.fsPath);
      const request = { expression: 'answer', frameId: frame?.id, context: 'repl' };
      assert.equal((await session.customRequest('evaluate', request)).result, '42');
      await vscode.commands.executeCommand('workbench.action.debug.stop');
      await running;
      assert.ok(recorder.runs[0]?.ended);
      const [run] = recorder.runs;
      assert.equal(run?.states.at(-1), `${item.label}: skipped`, JSON.stringify(run));
    } finally {
      recorder.restore();
      watch.dispose();
    }
  });
});
