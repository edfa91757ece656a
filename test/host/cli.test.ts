import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { imports, Workspace } from './support/workspace.ts';

const command = path.resolve('testkit/cli/doorbell.mjs');

const files = {
  'a.nvme.ts': `${imports}
test('passes', async ({ log }) => { log('said'); });
test.describe('suite', { tags: ['bad'] }, () => {
  test('is refused', { spec: 'NVM Command Set 1.0, Read command' }, async ({ nvme0n1, qpair, buf }) => {
    await nvme0n1.read(qpair, buf, { slba: nvme0n1.nsze });
  });
  test("isn't equal", { tags: ['slow'] }, async () => { expect('a\\nb\\nc').toBe('a\\nx\\nc'); });
});
test('is left out', async ({ skip }) => { skip('no reason'); });
`,
  'b/c.nvme.ts': `${imports}
test.each([1, 2])('case %d', async () => {});
`,
  'broken.nvme.ts': 'const a = ;\n',
};

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the doorbell command', () => {
  let workspace: Workspace;

  beforeEach(() => {
    workspace = new Workspace(files);
  });
  afterEach(() => workspace.dispose());

  async function doorbell(args: readonly string[], interruptAfter?: string): Promise<Result> {
    const env = { ...process.env, XDG_STATE_HOME: workspace.path('state'), NO_COLOR: '1' };
    const child = spawn(process.execPath, [command, ...args], { cwd: workspace.root, env });
    let [stdout, stderr, interrupted] = ['', '', false];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (!interrupted && interruptAfter && stdout.includes(interruptAfter)) interrupted = child.kill('SIGINT');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const code = await new Promise<number | null>((resolve) => {
      child.once('close', resolve);
    });
    return { code, stdout, stderr };
  }

  it('shows a run as a tree, each failure with the command that reproduces it', async () => {
    const { code, stdout } = await doorbell(['run', 'a.nvme.ts', '--seed', 'abc']);
    assert.equal(code, 1);
    assert.equal(
      stdout.replaceAll(workspace.root, '<root>').replace(/\(\d+ ms\)/g, '(n ms)'),
      `a.nvme.ts
    | said
  ✓ passes (n ms)
  suite
    ✗ is refused (n ms)
      doorbell run a.nvme.ts --grep '^suite is refused$' --seed abc
      LBA Out of Range (0h/80h), do not retry, more in the error log: Read, CID 0, NSID 1, SLBA 2097152, 1 block on emulated Q01
      at <root>/a.nvme.ts:6:5
      CMDLOG emulated Q01, command 1
    ✗ isn't equal (n ms)
      doorbell run a.nvme.ts --grep '^suite isn'\\''t equal$' --seed abc
      expect(received).toBe(expected) // Object.is equality
        a
      - x
      + b
        c
      at <root>/a.nvme.ts:8:75
  - is left out (skipped: no reason)

1 passed, 2 failed, 1 skipped (n ms)
`,
    );
  });

  it('runs the reproducing command to the same failure', async () => {
    const { code, stdout } = await doorbell(['run', 'a.nvme.ts', '--grep', "^suite isn't equal$", '--seed', 'abc']);
    assert.equal(code, 1);
    assert.match(stdout, /✗ isn't equal/);
    assert.match(stdout, /\n1 failed \(/);
  });

  it('passes with exit code 0, by folder, glob and tag', async () => {
    assert.equal((await doorbell(['run', 'b'])).code, 0);
    assert.match((await doorbell(['run', '**/c.nvme.{ts,mts}'])).stdout, /\n2 passed/);
    const { code, stdout } = await doorbell(['run', 'a.nvme.ts', '--no-tag', 'bad']);
    assert.equal(code, 0);
    assert.match(stdout, /\n1 passed, 1 skipped/);
  });

  it('counts a file that cannot be loaded as a failure', async () => {
    const { code, stdout } = await doorbell(['run', 'broken.nvme.ts', 'b']);
    assert.equal(code, 1);
    assert.match(stdout, /! broken\.nvme\.ts could not be loaded\n.*Unexpected token/);
    assert.match(stdout, /\n2 passed, 1 errored/);
  });

  it('writes JSON that holds everything', async () => {
    const { stdout } = await doorbell(['run', 'a.nvme.ts', '--reporter', 'json']);
    const report = JSON.parse(stdout);
    assert.deepEqual(
      report.tests.map((test: { id: string; outcome: { state: string } }) => [test.id, test.outcome.state]),
      [
        ['a.nvme.ts > passes', 'passed'],
        ['a.nvme.ts > suite > is refused', 'failed'],
        ["a.nvme.ts > suite > isn't equal", 'failed'],
        ['a.nvme.ts > is left out', 'skipped'],
      ],
    );
    assert.equal(report.tests[0].output, 'said\n');
    assert.equal(report.tests[1].spec, 'NVM Command Set 1.0, Read command');
    assert.equal(report.tests[1].outcome.failures[0].status, 'LBA Out of Range (0h/80h)');
    assert.equal(report.tests[1].outcome.failures[0].cmdlog.sequence, '1');
    assert.deepEqual([report.summary.passed, report.summary.failed, report.summary.skipped], [1, 2, 1]);
  });

  it('writes JUnit to a file and shows the tree', async () => {
    const { code, stdout } = await doorbell([
      'run',
      'a.nvme.ts',
      '--reporter',
      'junit',
      '--output',
      'report.xml',
      '--seed',
      's',
    ]);
    assert.equal(code, 1);
    assert.match(stdout, /1 passed, 2 failed, 1 skipped/);
    const xml = readFileSync(workspace.path('report.xml'), 'utf8');
    const stable = xml.replace(/(time|timestamp)="[^"]*"/g, '$1=""').replaceAll(workspace.root, '<root>');
    assert.match(
      stable,
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites name="doorbell" time="" timestamp=""><testsuite name="a.nvme.ts" tests="4" failures="2" errors="0" skipped="1" time="">/,
    );
    assert.match(
      stable,
      /<testcase name="suite &gt; is refused" classname="a.nvme.ts" time=""><properties><property name="seed" value="s"\/><property name="iteration" value="1"\/><property name="spec" value="NVM Command Set 1.0, Read command"\/><\/properties><failure message="LBA Out of Range [^"]*" type="LBA Out of Range \(0h\/80h\)">doorbell run a.nvme.ts --grep/,
    );
    assert.match(stable, /<skipped message="no reason"\/>/);
    assert.match(stable, /<system-out>said\n<\/system-out>/);
  });

  it('lists tests without running them, and says what cannot be read', async () => {
    const { code, stdout } = await doorbell(['list']);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /a\.nvme\.ts\n {2}passes\n {2}suite {2}\[#bad\]\n {4}is refused {2}\[NVM Command Set 1\.0, Read command\]/,
    );
    assert.match(stdout, /b\/c\.nvme\.ts\n {2}case 1\n {2}case 2\n/);
    assert.match(stdout, /broken\.nvme\.ts\n {2}! line 1, column 11: /);
    assert.match(stdout, /\n6 tests in 3 files, 1 of them not readable\n$/);
    const json = JSON.parse((await doorbell(['list', 'b', '--reporter', 'json'])).stdout);
    assert.deepEqual(
      json[0].tests.map(({ id }: { id: string }) => id),
      ['b/c.nvme.ts > case 1', 'b/c.nvme.ts > case 2'],
    );
  });

  it('says what is wrong with its arguments, with exit code 2', async () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['run', 'nothing.nvme.ts'], /No test file matches "nothing\.nvme\.ts"/],
      [['run', '--frobnicate'], /Unknown option '--frobnicate'/],
      [['run', '--repeat', 'often'], /--repeat takes a whole number from 1, not "often"/],
      [['run', '--grep', '('], /--grep: Invalid regular expression/],
      [['run', '--reporter', 'tap'], /There is no reporter "tap"/],
      [['run', 'b', '--output', 'no/where/x'], /--output: ENOENT/],
      [
        ['run', 'b', '--controller', 'emulatde'],
        /--controller: There is no controller "emulatde"\. Known forms: 'emulated'/,
      ],
      [
        ['run', 'b', '--controller', 'spdk:0000:3d:00.0'],
        /needs a native driver built with SPDK.*This one has: emulated/,
      ],
      [['run', 'b', '--controller', 'emulated', '--controller', 'emulated'], /The controller emulated is named twice/],
      [['fly'], /There is no command "fly"/],
    ];
    for (const [args, message] of wrong) {
      const { code, stderr } = await doorbell(args);
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr, message);
    }
  });

  it('says that no test could run, with exit code 3', async () => {
    process.env.DOORBELL_ADDON = '/nowhere/doorbell.node';
    try {
      const { code, stdout } = await doorbell(['run', 'b']);
      assert.equal(code, 3);
      assert.match(
        stdout,
        /! case 1[\s\S]*The native driver \(doorbell\.node\) was not found[\s\S]*npm run build:native/,
      );
      assert.match(stdout, /No test could run: the native driver could not be loaded\.\n$/);
      const doctor = await doorbell(['doctor']);
      assert.equal(doctor.code, 3);
      assert.match(doctor.stdout, /✗ The native driver \(doorbell\.node\) was not found/);
    } finally {
      delete process.env.DOORBELL_ADDON;
    }
  });

  it('says that no test matches, with exit code 2', async () => {
    const { code, stderr } = await doorbell(['run', 'b', '--grep', 'typo', '--until-failure']);
    assert.equal(code, 2);
    assert.match(stderr, /No test matches --grep, --tag and --no-tag/);
  });

  it('says why the host ended, with exit code 3, and counts what was told before', async () => {
    workspace.write(
      'exit.nvme.ts',
      `${imports}test('before', async () => {});\ntest('exits', async () => { process.exit(0); });\n`,
    );
    const { code, stdout } = await doorbell(['run', 'exit.nvme.ts']);
    assert.equal(code, 3);
    assert.match(stdout, /! exits .*\n.*doorbell run exit\.nvme\.ts.*\n\s+The test called process\.exit\(0\)/);
    assert.match(stdout, /\n1 passed, 1 errored \(/);
  });

  it('cancels at Ctrl-C, with exit code 130', async () => {
    workspace.write(
      'long.nvme.ts',
      `${imports}
test('long', async ({ nvme0n1 }) => { console.log('it is on'); await nvme0n1.ioworker({ timeS: 60 }).run(); });
test('next', async () => {});
`,
    );
    const began = performance.now();
    const { code, stdout } = await doorbell(['run', 'long.nvme.ts'], 'it is on');
    assert.ok(performance.now() - began < 6000);
    assert.equal(code, 130);
    assert.match(
      stdout,
      /- long \(skipped: cancelled\)[\s\S]*- next \(skipped: cancelled\)[\s\S]*2 skipped, cancelled/,
    );
  });

  it('repeats on a fresh host each time', async () => {
    workspace.write(
      'count.nvme.ts',
      `${imports}
test('first power cycle', async ({ nvme0, subsystem }) => {
  expect((await nvme0.smart()).powerCycles).toBe(1n);
  await subsystem.powerCycle();
});
`,
    );
    assert.match((await doorbell(['run', 'count.nvme.ts', '--repeat', '2'])).stdout, /\n1 passed, 1 failed/);
    assert.match((await doorbell(['run', 'count.nvme.ts', '--repeat', '2', '--fresh'])).stdout, /\n2 passed/);
  });

  it('checks the machine', async () => {
    const { code, stdout } = await doorbell(['doctor']);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /✓ Node\.js \d+/);
    assert.match(stdout, /✓ native driver \d+\.\d+\.\d+ for Doorbell \d+\.\d+\.\d+, platforms: emulated/);
    assert.match(stdout, /✓ emulated SSD \(Doorbell Emulated SSD, firmware [^)]+\): write, read and compare in \d+ ms/);
  });

  it('explains itself', async () => {
    assert.match(
      (await doorbell(['--help'])).stdout,
      /Exit codes: 0 passed, 1 failures, 2 wrong input, 3 the driver host or the addon failed/,
    );
    assert.match((await doorbell(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  });
});
