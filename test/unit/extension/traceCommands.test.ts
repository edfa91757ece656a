import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../../extension/commands.ts';
import { TraceCommands } from '../../../extension/trace/traceCommands.ts';
import type { ReplayReport, ReplayRequest } from '../../../testkit/trace/replay/replayProtocol.ts';
import { replayLines } from '../../../testkit/trace/replay/replayText.ts';
import { TraceClient } from '../../../testkit/trace/traceClient.ts';
import { fake } from '../../fakes/vscode.ts';
import { recordings } from '../trace/support.ts';
import { FakeWorkspace, fakeHosts } from './support.ts';

describe('vTracer in the palette', () => {
  let folder: string;
  let client: TraceClient;
  let commands: TraceCommands;
  let hosts: ReturnType<typeof fakeHosts>['manager'];
  let links: ReturnType<typeof fakeHosts>['links'];
  const failures: string[] = [];

  beforeEach(() => {
    new FakeWorkspace();
    folder = mkdtempSync(path.join(tmpdir(), 'doorbell-trace-'));
    client = new TraceClient(path.resolve('dist/trace.cjs'));
    failures.length = 0;
    ({ manager: hosts, links } = fakeHosts());
    commands = new TraceCommands(client, '0.1.0', hosts, (what, error) =>
      failures.push(`${what}: ${(error as Error).message}`),
    );
  });
  afterEach(() => {
    commands.dispose();
    client.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (command: string, ...args: unknown[]): Promise<void> => {
    await (fake.commands.get(command) as (...args: unknown[]) => Promise<void>)(...args);
  };
  const uri = (name: string) => vscode.Uri.file(path.join(folder, name));

  it('imports a recording, opens the trace, and says what was left out', async () => {
    fake.answers.push(uri('a.nvtrace'));
    await run(Command.traceImport, vscode.Uri.file(path.join(recordings, 'ftrace-nvme.log')));
    assert.deepEqual(failures, []);
    assert.ok(existsSync(uri('a.nvtrace').fsPath));
    const [opened] = fake.executed.filter(({ command }) => command === 'vscode.openWith');
    assert.deepEqual(opened?.args.map(String), [uri('a.nvtrace').toString(), 'doorbell.trace']);
    assert.match(JSON.stringify(fake.shown), /a\.nvtrace has 184 commands\. Left out: DSM ranges not recorded: 7\./);
    assert.equal(fake.context.get('doorbell.hasRecording'), false);
  });

  it('exports to fio, and says what such a log cannot hold', async () => {
    fake.answers.push(uri('a.nvtrace'));
    await run(Command.traceImport, vscode.Uri.file(path.join(recordings, 'qemu-nvme-trace.log')));
    fake.answers.push(uri('a.log'));
    await run(Command.traceExport, uri('a.nvtrace'));
    assert.match(readFileSync(uri('a.log').fsPath, 'utf8'), /^fio version 3 iolog\n/);
    assert.match(JSON.stringify(fake.shown), /188 entries\. Not in a fio I\/O log: .*left out: Write Zeroes: 7/);
  });

  it('says what is wrong with a recording, and leaves no file', async () => {
    fake.answers.push(uri('a.nvtrace'));
    await run(Command.traceImport, vscode.Uri.file(path.resolve('package.json')));
    assert.match(failures.join(), /Import Trace: This is no recording vTracer knows/);
    assert.equal(existsSync(uri('a.nvtrace').fsPath), false);
  });

  const report: ReplayReport = {
    ...{
      controller: 'emulated',
      model: 'Doorbell Emulated SSD',
      serial: 'S',
      queues: 2,
      recorded: 5,
      sent: 4,
      completed: 4,
    },
    ...{
      errors: 0,
      ends: ['completed'],
      left: { 'admin command': 1 },
      changed: {},
      plannedS: 1,
      elapsedS: 1,
      iops: 4,
      ops: [],
    },
  };

  it('replays a trace at the speed that was chosen, and shows the report', async () => {
    const session = await hosts.current().acquire();
    const asked: ReplayRequest[] = [];
    session.link.calls.replay = async (request) => {
      asked.push(request);
      links[0]?.tell.replayProgress?.({ done: 2, total: 5, iops: 4 });
      return report;
    };
    fake.answers.push({ speed: 'max' });
    await run(Command.traceReplay, uri('a.nvtrace'));
    assert.deepEqual(failures, []);
    assert.deepEqual(asked, [
      {
        ...{ trace: uri('a.nvtrace').fsPath, controller: 'emulated', allowedDrives: [], speed: 'max' },
        ...{ qdepth: 64, scale: true, readOnly: false },
      },
    ]);
    assert.equal(fake.executed.filter(({ command }) => command === 'show document').length, 1);
    assert.match(
      replayLines(report).join('\n'),
      /5 commands in the trace, 4 sent on 2 queues.*\n(.*\n)*Not sent\n +1 {2}admin command/,
    );
  });

  it('does nothing when a dialog is closed', async () => {
    for (const command of [
      Command.traceImport,
      Command.traceOpen,
      Command.traceExport,
      Command.traceRecord,
      Command.traceReplay,
    ])
      await run(command);
    assert.deepEqual([failures, fake.shown], [[], []]);
  });
});
