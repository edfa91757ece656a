import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const command = path.resolve('testkit/cli/doorbell.mjs');
const recordings = path.resolve('test/data/traces');

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('doorbell trace', () => {
  let folder: string;
  const file = (name: string): string => path.join(folder, name);

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'doorbell-trace-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [command, 'trace', ...args], { cwd: folder });

  function ended(child: ChildProcess): Promise<Result> {
    let [stdout, stderr] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    return new Promise((resolve) => {
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
  }
  const doorbell = (...args: string[]): Promise<Result> => ended(start(...args));

  it('records standard input, tells what is in the trace, and converts it', async () => {
    const child = start('record', '-o', 'boot.nvtrace');
    child.stdin?.end(readFileSync(path.join(recordings, 'qemu-nvme-trace.log')));
    assert.deepEqual(
      { ...(await ended(child)), stderr: '' },
      {
        code: 0,
        stdout:
          'boot.nvtrace\n195 commands in 2,832 bytes\nAlso counted\n           937  lines of other events\n         1,516  lines\n',
        stderr: '',
      },
    );
    const info = await doorbell('info', 'boot.nvtrace');
    assert.match(info.stdout, /^commands {6}195 in 1 blocks$/m);
    assert.match(info.stdout, /^start {9}2026-11-22T06:44:42.534Z$/m);
    const { stdout } = await doorbell('convert', 'boot.nvtrace', '-o', 'boot.log');
    assert.match(stdout, /188 entries\nNot in a fio I\/O log\n(.*\n)* +7 {2}left out: Write Zeroes/);
    assert.equal((await doorbell('convert', 'boot.nvtrace', '-o', 'copy.nvtrace')).code, 0);
    assert.ok(readFileSync(file('boot.nvtrace')).equals(readFileSync(file('copy.nvtrace'))));
  });

  it('ends a recording of a silent FIFO properly at Ctrl-C', async () => {
    execFileSync('mkfifo', [file('fifo')]);
    const child = start('record', 'fifo', '-o', 'a.nvtrace');
    const feeder = spawn('sh', [
      '-c',
      'exec 3>"$0"; cat "$1" >&3; echo fed; exec sleep 60',
      file('fifo'),
      path.join(recordings, 'ftrace-nvme.log'),
    ]);
    try {
      await new Promise((resolve) => feeder.stdout.once('data', resolve));
      // The file appears with the first command: from then on there is something to end.
      const result = ended(child);
      while (!existsSync(file('a.nvtrace'))) await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill('SIGINT');
      assert.equal((await result).code, 0);
      const info = JSON.parse((await doorbell('info', '--json', 'a.nvtrace')).stdout) as {
        totals: { commands: number };
        damage?: unknown;
      };
      assert.ok(info.totals.commands > 0);
      assert.equal(info.damage, undefined);
    } finally {
      feeder.kill();
    }
  });

  it('switches tracepoints on for a recording and back afterwards', async () => {
    const events = ['nvme/nvme_setup_cmd', 'nvme/nvme_complete_rq', 'block/block_rq_issue'].map(
      (name) => `tracefs/events/${name}`,
    );
    for (const event of events) mkdirSync(file(event), { recursive: true });
    for (const event of events) writeFileSync(file(`${event}/enable`), '0');
    writeFileSync(file('tracefs/tracing_on'), '1');
    execFileSync('mkfifo', [file('tracefs/trace_pipe')]);
    const child = start('record', '--tracefs', 'tracefs', '-o', 'a.nvtrace');
    const result = ended(child);
    // Opening the FIFO to write waits until the recorder reads it: then the events are on.
    writeFileSync(file('tracefs/trace_pipe'), readFileSync(path.join(recordings, 'ftrace-trace_pipe.log')));
    assert.match((await result).stdout, /2 commands/);
    assert.deepEqual(
      events.map((event) => readFileSync(file(`${event}/enable`), 'utf8')),
      ['0', '0', '0'],
    );
  });

  it('says what is wrong with its input, and what to do', async () => {
    writeFileSync(file('there.nvtrace'), 'x');
    writeFileSync(file('text.log'), 'hello\n');
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['record'], /needs -o/],
      [['record', '-o', 'there.nvtrace', path.join(recordings, 'blkparse.txt')], /there.nvtrace exists. .* --force/],
      [['import'], /needs the recording/],
      [['import', 'no.log'], /no.log does not exist/],
      [['import', '.'], /is a folder/],
      [['import', 'text.log'], /no recording vTracer knows/],
      [['import', 'text.log', '--from', 'dtrace'], /--from knows qemu, ftrace, blkparse, fio/],
      [['import', 'text.log', '--lba-size', '513'], /power of two/],
      [['record', '-o', 'b.nvtrace', '--tracefs', 'nowhere'], /no tracefs. Mount it/],
      [['info', 'there.nvtrace'], /not a .nvtrace file/],
      [['convert', 'there.nvtrace', '-o', 'x.log'], /not a .nvtrace file/],
      [['convert', 'there.nvtrace'], /needs -o/],
      [['info', 'a', 'b'], /takes one file/],
      [['play'], /There are: record, import, info, replay, convert/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await doorbell(...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr, message);
    }
    assert.deepEqual(
      [existsSync(file('b.nvtrace')), existsSync(file('text.nvtrace')), existsSync(file('x.log'))],
      [false, false, false],
    );
  });

  it('keeps what is before the damage of a file that was cut short, and says so', async () => {
    await doorbell('import', path.join(recordings, 'qemu-nvme-trace.log'), '-o', 'a.nvtrace');
    writeFileSync(file('cut.nvtrace'), readFileSync(file('a.nvtrace')).subarray(0, -10));
    const info = await doorbell('info', 'cut.nvtrace');
    assert.equal(info.code, 1);
    assert.match(info.stdout, /Damaged at byte \d+: .*\. Everything before it is there\./);
    const { code, stderr } = await doorbell('convert', 'cut.nvtrace', '-o', 'whole.nvtrace');
    assert.equal(code, 1);
    assert.match(stderr, /cut.nvtrace is damaged/);
    assert.ok(readFileSync(file('a.nvtrace')).equals(readFileSync(file('whole.nvtrace'))));
  });
});
