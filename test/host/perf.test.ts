import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { PerfReport } from '../../testkit/perf/perfProtocol.ts';
import { Workspace } from './support/workspace.ts';

const command = path.resolve('testkit/cli/doorbell.mjs');

describe('doorbell perf', () => {
  let workspace: Workspace;
  before(() => {
    workspace = new Workspace({});
  });
  after(() => workspace.dispose());

  async function perf(args: readonly string[], interruptAt?: string) {
    const env = { ...process.env, XDG_STATE_HOME: workspace.path('state'), NO_COLOR: '1' };
    const child = spawn(process.execPath, [command, 'perf', ...args], { cwd: workspace.root, env });
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

  it('measures a mix on several queues, after writing the region, and its figures agree', async () => {
    const { code, stdout } = await perf(
      '--rw randrw --rwmixread 70 --bs 8k --qd 4 --queues 2 --region 4M --time 1.2 --iops 2000 --json'.split(' '),
    );
    const report = JSON.parse(stdout) as PerfReport;
    assert.equal(code, 0);
    const { total, read, write, all, fromDue, media } = report;
    assert.deepEqual([report.ends, report.regionBytes, report.preconditionedBytes], [['completed'], 2 ** 22, 2 ** 22]);
    assert.equal(read.count + write.count, total.ios);
    assert.equal(total.bytes, total.ios * 8192);
    assert.ok(total.ios > 0 && total.ios <= 2402, `${total.ios}`);
    assert.ok(Math.abs(total.iops * report.elapsedS - total.ios) < 1);
    assert.ok(Math.abs(read.count / total.ios - 0.7) < 0.15);
    assert.equal(fromDue?.count, all.count);
    assert.ok((all.percentilesUs['50'] ?? Number.NaN) <= (all.percentilesUs['99.9'] ?? Number.NaN));
    assert.equal(report.ioPerSecond.length, 1);
    // The device counts in units of 512,000 bytes.
    assert.ok(Math.abs(media.bytesRead - read.count * 8192) <= 2 * 512_000, `${media.bytesRead}`);
  });

  it('shows a table to a person', async () => {
    const { code, stdout } = await perf('--rw write --bs 128k --qd 2 --region 4M --time 0.1'.split(' '));
    assert.equal(code, 0);
    assert.match(stdout, /^emulated: Doorbell Emulated SSD/);
    assert.match(stdout, /write, 128 KiB, queue depth 2, 1 queue, region 4 MiB/);
    assert.match(stdout, /preconditioned: all 4 MiB of the region written first/);
    assert.match(stdout, /IOPS, .* MB\/s/);
    assert.match(stdout, /^us +min +avg +p1 +p10 +p50 +p90 +p99 +p99\.9 +p99\.99 +max$/m);
    assert.match(stdout, /^write +\d/m);
    assert.doesNotMatch(stdout, /^read /m);
  });

  it('reports what it has at Ctrl-C', async () => {
    const { code, stdout } = await perf('--region 1M --time 600 --iops 1000'.split(' '), 'measuring');
    assert.equal(code, 130);
    assert.match(stdout, /ended: stopped/);
  });

  it('refuses what cannot be measured, with the option and the way out', async () => {
    for (const [args, message] of [
      ['--bs 1000', /--bs 1000 is no multiple of the logical block of 512 bytes/],
      ['--rw sequential', /--rw takes read, write, rw/],
      ['--qd 0', /--qd takes a number of 1 to 65535, not "0"/],
      ['--qd 60000', /qdepth \(up to CAP\.MQES\)/],
      ['--region 1k', /has no room for a command/],
      ['--time ten', /--time takes a number/],
      ['--iodepth 3', /--iodepth/],
      ['--controller nowhere', /--controller/],
    ] as const) {
      const { code, stderr, stdout } = await perf(args.split(' '));
      assert.deepEqual([code, stdout], [2, ''], args);
      assert.match(stderr, message);
    }
  });
});
