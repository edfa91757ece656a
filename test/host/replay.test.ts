import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ReplayReport } from '../../testkit/trace/replay/replayProtocol.ts';
import { emptyTrim, importText, readAt, recording, writeTrace } from '../unit/trace/support.ts';
import { Workspace } from './support/workspace.ts';

const command = path.resolve('testkit/cli/doorbell.mjs');

describe('doorbell trace replay', () => {
  let workspace: Workspace;
  before(async () => {
    workspace = new Workspace({});
    await importText(recording('qemu-nvme-trace.log'), workspace.path('real.nvtrace'));
  });
  after(() => workspace.dispose());

  async function replay(args: readonly string[], interruptAt?: string) {
    const env = { ...process.env, XDG_STATE_HOME: workspace.path('state'), NO_COLOR: '1' };
    const child = spawn(process.execPath, [command, 'trace', 'replay', ...args], { cwd: workspace.root, env });
    let [stdout, stderr, interrupted] = ['', '', false];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (!interrupted && interruptAt && stderr.includes(interruptAt)) interrupted = child.kill('SIGINT');
    });
    const code = await new Promise<number | null>((resolve) => {
      child.once('close', resolve);
    });
    return { code, stdout, stderr };
  }
  const json = async (...args: string[]): Promise<ReplayReport> => {
    const { stdout, stderr } = await replay([...args, '--json']);
    assert.ok(stdout, stderr);
    return JSON.parse(stdout) as ReplayReport;
  };
  const countOf = ({ ops }: ReplayReport): Record<number, number> =>
    Object.fromEntries(ops.map(({ opcode, latency }) => [opcode, latency.count]));

  it('sends every command of a real recording at its time, on as many queues, and compares latencies', async () => {
    const report = await json('real.nvtrace');
    assert.deepEqual(countOf(report), { 0: 13, 1: 31, 2: 137, 8: 7, 9: 7 });
    const { recorded, sent, completed, errors, queues, ends, left, changed } = report;
    assert.deepEqual(
      { recorded, sent, completed, errors, queues, ends, left, changed },
      { recorded: 195, sent: 195, completed: 195, errors: 0, queues: 2, ends: ['completed'], left: {}, changed: {} },
    );
    assert.equal(report.plannedS.toFixed(6), '0.726131');
    assert.ok(report.elapsedS >= report.plannedS);
    assert.equal(report.drift?.count, 195);
    const reads = report.ops.find(({ opcode }) => opcode === 2);
    assert.ok(reads?.recorded?.count === 137 && reads.latency.maxUs > 0);
  });

  it('maps queues, changes the speed, limits the region and only reads, as it is told', async () => {
    const fast = await json('real.nvtrace', '--speed', '10', '--queues', '1', '--region', '1000-1999', '--read-only');
    assert.deepEqual([fast.queues, fast.errors, fast.plannedS < 0.08], [1, 0, true]);
    assert.deepEqual([countOf(fast), fast.left], [{ 2: 137 }, { 'not a read': 58 }]);
    assert.deepEqual(fast.changed, { 'LBAs scaled to the region': 137 });
    const strict = await json('real.nvtrace', '--speed', 'max', '--region', '0-999', '--no-scale');
    assert.equal(strict.drift, undefined);
    assert.ok((strict.left['beyond the region'] ?? 0) > 0 && strict.errors === 0);
  });

  it('streams a trace that is longer than what it keeps waiting, in order, to its last command', async () => {
    const rows = function* () {
      for (let index = 0; index < 500_000; index += 1) yield readAt(index * 100, (index % 1000) * 8);
      yield emptyTrim(500_000 * 100, [8, 8]);
    };
    await writeTrace(workspace.path('long.nvtrace'), rows());
    const report = await json('long.nvtrace', '--speed', 'max');
    assert.deepEqual([report.recorded, report.sent, report.completed], [500_001, 500_002, 500_002]);
    assert.deepEqual(countOf(report), { 2: 500_000, 9: 2 });
  }).timeout(60_000);

  it('ends at Ctrl-C with what it has', async () => {
    await writeTrace(workspace.path('slow.nvtrace'), [readAt(0, 0), readAt(3600e9, 8)]);
    const { code, stdout } = await replay(['slow.nvtrace'], 'commands');
    assert.equal(code, 130);
    assert.match(stdout, /2 commands in the trace, 1 sent on 1 queues, 1 completed/);
    assert.match(stdout, /Queues ended: stopped/);
  }).timeout(30_000);

  it('says what is wrong before anything is sent', async () => {
    await importText(recording('fio-iolog-v2.log'), workspace.path('timeless.nvtrace'));
    writeFileSync(workspace.path('no.nvtrace'), 'no');
    writeFileSync(workspace.path('empty.nvtrace'), readFileSync(workspace.path('real.nvtrace')));
    await writeTrace(workspace.path('empty.nvtrace'), []);
    const cases: readonly (readonly [string, RegExp])[] = [
      ['missing.nvtrace', /does not exist/],
      ['no.nvtrace', /not a .nvtrace file/],
      ['empty.nvtrace', /has no I\/O commands/],
      ['timeless.nvtrace', /no times. Replay it as fast as possible: --speed max/],
      ['real.nvtrace --speed 0', /--speed takes max or a number/],
      ['real.nvtrace --queues 0', /--queues takes a whole number/],
      ['real.nvtrace --qd 99999', /--qd takes a whole number/],
      ['real.nvtrace --region 9-5', /--region takes the first and the last LBA/],
      ['real.nvtrace --region 0-99999999999', /not inside namespace 1/],
      ['real.nvtrace --controller nothing', /--controller/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await replay(args.split(' '));
      assert.equal(code, 2, `${args}: ${stderr}`);
      assert.match(stderr, message);
    }
  }).timeout(60_000);
});
