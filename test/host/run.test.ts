import assert from 'node:assert/strict';
import { disposeHosts, HostFixture } from './support/hosts.ts';

describe('a run of the driver host', () => {
  afterEach(disposeHosts);

  it('reports what passed, failed and was skipped, with the reasons', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test('passes', async () => { expect(1 + 1).toBe(2); });
test('fails', async () => { expect({ a: [1, 2] }).toEqual({ a: [1, 3] }); });
test.skip('declared', async () => {});
test('at run time', async ({ skip }) => { skip('no volatile write cache'); });
`,
    });
    const summary = await fixture.run(['a.nvme.ts']);
    assert.deepEqual(
      [summary.passed, summary.failed, summary.errored, summary.skipped, summary.cancelled],
      [1, 1, 0, 2, false],
    );
    assert.deepEqual(fixture.outcome('passes'), { state: 'passed' });
    assert.deepEqual(fixture.outcome('declared'), { state: 'skipped', reason: 'test.skip' });
    assert.deepEqual(fixture.outcome('at run time'), { state: 'skipped', reason: 'no volatile write cache' });
    const failure = fixture.failure('fails');
    assert.deepEqual([failure.expected, failure.actual], ['{ a: [ 1, 3 ] }', '{ a: [ 1, 2 ] }']);
    assert.ok(failure.message.split('\n').length <= 10);
  });

  it('shows the TypeScript line of a failure, without frames of the framework', async () => {
    const fixture = await HostFixture.start({
      'helper.ts': `interface Limits { max: number }

export function check(value: number, { max }: Limits): void {
  if (value > max) throw new Error('too large');
}
`,
      'a.nvme.ts': `import { check } from './helper.ts';
type Unused = { a: string };
test('checks', async () => {
  check(5, { max: 4 });
});
`,
    });
    await fixture.run(['a.nvme.ts']);
    const { message, stack } = fixture.failure('checks');
    assert.equal(message, 'too large');
    assert.deepEqual(
      stack.map(({ label, file, line, column }) => [label, file.slice(fixture.workspace.root.length), line, column]),
      [
        ['check', '/helper.ts', 4, 26],
        ['', '/a.nvme.ts', 5, 8],
      ],
    );
  });

  it('tells a syntax error with its place, and runs the other files', async () => {
    const fixture = await HostFixture.start({
      'bad.nvme.ts': "test('x', async () => {\n  const a: number = ;\n});\n",
      'good.nvme.ts': "test('runs', async () => {});\n",
    });
    const summary = await fixture.run(['bad.nvme.ts', 'good.nvme.ts']);
    assert.deepEqual([summary.passed, summary.errored], [1, 1]);
    const [error] = fixture.fileErrors;
    assert.equal(error?.file, fixture.workspace.path('bad.nvme.ts'));
    assert.match(error.failure.message, /Unexpected token[\s\S]*> 3 \|\s+const a: number = ;[\s\S]*\^/);
    assert.deepEqual(error.failure.stack, [
      { label: '', file: fixture.workspace.path('bad.nvme.ts'), line: 3, column: 21 },
    ]);
  });

  it('tells a file that throws while it is loaded', async () => {
    const fixture = await HostFixture.start({ 'a.nvme.ts': "throw new Error('not today');\n" });
    const summary = await fixture.run(['a.nvme.ts']);
    assert.equal(summary.errored, 1);
    const [error] = fixture.fileErrors;
    assert.equal(error?.failure.message, 'not today');
    assert.equal(error.failure.stack[0]?.line, 2);
  });

  it('names a fixture that does not exist, and those that do', async () => {
    const fixture = await HostFixture.start({ 'a.nvme.ts': "test('x', async ({ nvme7 }) => {});\n" });
    await fixture.run(['a.nvme.ts']);
    assert.match(fixture.fileErrors[0]!.failure.message, /There is no fixture "nvme7"\. There are: buf, log, nvme0/);
  });

  it('sees edits of a file and of its helpers in the next run', async () => {
    const fixture = await HostFixture.start({
      'helper.ts': 'export const limit = 1;\n',
      'a.nvme.ts': "import { limit } from './helper.ts';\ntest('limit', async () => { expect(limit).toBe(2); });\n",
    });
    assert.equal((await fixture.run(['a.nvme.ts'])).failed, 1);
    fixture.workspace.write('helper.ts', 'export const limit = 2;\n');
    assert.equal((await fixture.run(['a.nvme.ts'])).passed, 1);
  });

  it('imports packages of the workspace, ESM and CJS, and always its own testkit', async () => {
    const fixture = await HostFixture.start({
      'node_modules/esm-only/package.json': '{"name":"esm-only","type":"module","exports":{"import":"./index.js"}}',
      'node_modules/esm-only/index.js': "export default 'esm'; export const named = 1;",
      'node_modules/waits/package.json': '{"name":"waits","type":"module","exports":"./index.js"}',
      'node_modules/waits/index.js': 'export const value = await Promise.resolve(3);',
      'node_modules/plain/package.json': '{"name":"plain","main":"main.js"}',
      'node_modules/plain/main.js': "module.exports = { kind: 'cjs' };",
      'node_modules/@doorbell/testkit/package.json': '{"name":"@doorbell/testkit","main":"main.js"}',
      'node_modules/@doorbell/testkit/main.js': "throw new Error('the wrong copy');",
      'a.nvme.ts': `import esm, { named } from 'esm-only';
import { kind } from 'plain';
test('imports', async () => {
  expect([esm, named, kind]).toEqual(['esm', 1, 'cjs']);
  const { value } = await import('waits');
  expect(value).toBe(3);
  expect(import.meta.url).toMatch(/a\\.nvme\\.ts$/);
});
`,
    });
    const summary = await fixture.run(['a.nvme.ts']);
    assert.deepEqual(fixture.fileErrors, []);
    assert.deepEqual(fixture.outcome('imports'), { state: 'passed' });
    assert.equal(summary.passed, 1);
  });

  it('fails the running test for a stray rejection and for an exception in a callback', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
test('rejects', async () => { void Promise.reject(new Error('nobody awaits')); await pause(); });
test('throws', async () => { setTimeout(() => { throw new Error('in a callback'); }, 5); await pause(); });
test('is fine', async () => { await pause(); });
`,
    });
    await fixture.run(['a.nvme.ts']);
    assert.equal(fixture.failure('rejects').message, 'nobody awaits');
    assert.equal(fixture.failure('throws').message, 'in a callback');
    assert.deepEqual(fixture.outcome('is fine'), { state: 'passed' });
  });

  it('expands test.each and takes a template id for all its cases', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts':
        "test.each([1, 2, 3])('depth %d', async ({}, depth) => { expect(depth).toBeLessThan(3); });\ntest('other', async () => {});\n",
    });
    await fixture.run(['a.nvme.ts']);
    const [found] = fixture.cases;
    assert.deepEqual(
      found?.cases.map(({ title }) => title),
      ['depth 1', 'depth 2', 'depth 3'],
    );
    fixture.ended.length = 0;
    const summary = await fixture.run(['a.nvme.ts'], { only: [found!.parent] });
    assert.deepEqual([summary.passed, summary.failed], [2, 1]);
  });

  it('filters by id, title and tag, and skips beside a test marked only', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test('slow one', { tags: ['slow'] }, async () => {});
test.describe('power', { tags: ['power'] }, () => { test('cycle', async () => {}); });
test('plain', async () => {});
`,
      'b.nvme.ts': "test.only('this', async () => {});\ntest('not this', async () => {});\n",
    });
    const ran = async (request: object) => {
      fixture.ended.length = 0;
      await fixture.run(['a.nvme.ts'], request);
      return fixture.ended.map(({ id }) => id.slice('a.nvme.ts > '.length));
    };
    assert.deepEqual(await ran({ only: ['a.nvme.ts > power'] }), ['power > cycle']);
    assert.deepEqual(await ran({ grep: '^power cycle$' }), ['power > cycle']);
    assert.deepEqual(await ran({ tags: ['slow', 'power'] }), ['slow one', 'power > cycle']);
    assert.deepEqual(await ran({ notTags: ['slow'] }), ['power > cycle', 'plain']);
    await fixture.run(['b.nvme.ts']);
    assert.deepEqual(fixture.outcome('not this'), {
      state: 'skipped',
      reason: 'another test of the file is marked only',
    });
    await fixture.run(['b.nvme.ts'], { only: ['b.nvme.ts > not this'] });
    assert.deepEqual(fixture.ended.at(-1)?.outcome, { state: 'passed' });
  });

  it('repeats with a new seed each time, which gives the same number again when it is set', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': "test('seeded', async ({ seed }) => console.log(seed));\n",
    });
    await fixture.run(['a.nvme.ts'], { repeat: 3, seed: 'abc' });
    const numbers = fixture.outputOf('seeded').trim().split('\n');
    assert.equal(new Set(numbers).size, 3);
    assert.deepEqual(
      fixture.started.map(({ iteration }) => iteration),
      [1, 2, 3],
    );
    fixture.outputs.length = 0;
    await fixture.run(['a.nvme.ts'], { seed: fixture.started[2]!.seed });
    assert.equal(fixture.outputOf('seeded').trim(), numbers[2]);
  });

  it('repeats until a test fails', async () => {
    const fixture = await HostFixture.start({
      'count.txt': '',
      'a.nvme.ts': `import { appendFileSync, readFileSync } from 'node:fs';
test('third time', async () => {
  appendFileSync('count.txt', 'x');
  expect(readFileSync('count.txt', 'utf8').length).toBeLessThan(3);
});
`,
    });
    const summary = await fixture.run(['a.nvme.ts'], { repeat: 1000, untilFailure: true });
    assert.deepEqual([summary.passed, summary.failed], [2, 1]);
  });

  it('does not repeat what has nothing to run', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': "test.skip('declared', async () => {});\ntest('other', async () => {});\n",
    });
    const endless = { repeat: 1_000_000_000, untilFailure: true };
    assert.equal((await fixture.run(['a.nvme.ts'], { ...endless, grep: 'no such title' })).skipped, 0);
    assert.equal((await fixture.run(['a.nvme.ts'], { ...endless, grep: 'declared' })).skipped, 1);
  });

  it('stops at the first failure when asked to', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': "test('one', async () => { throw new Error('x'); });\ntest('two', async () => {});\n",
    });
    const summary = await fixture.run(['a.nvme.ts'], { bail: true });
    assert.deepEqual([summary.failed, summary.skipped], [1, 1]);
    assert.deepEqual(fixture.outcome('two'), { state: 'skipped', reason: 'the run stopped at the first failure' });
  });
});
