import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

function run(...args: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 120_000 });
  return { status, text: `${stdout}${stderr}` };
}

describe('npm run demo', function () {
  this.timeout(150_000);

  it('runs every sample test but the ones that fail on purpose, and all pass', () => {
    const { status, text } = run('test/tools/demo.mjs');
    assert.equal(status, 0, text);
    for (const name of readdirSync('testkit/sample').filter((file) => file.endsWith('.nvme.ts'))) {
      assert.equal(text.includes(name), name !== 'failing.nvme.ts', `${name} in:\n${text}`);
    }
    assert.match(text, /\d+ passed/);
    assert.doesNotMatch(text, /[1-9]\d* failed/);
  });

  it('leaves out tests that would fail, and say why', () => {
    const { status, text } = run('testkit/cli/doorbell.mjs', 'run', 'testkit/sample/failing.nvme.ts');
    assert.equal(status, 1);
    assert.match(text, /LBA Out of Range \(0h\/80h\)/);
    assert.match(text, /what the test hoped/);
  });
});
