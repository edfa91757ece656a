import assert from 'node:assert/strict';
import { disposeHosts, HostFixture } from './support/hosts.ts';

describe('fixtures and hooks', () => {
  afterEach(disposeHosts);

  it('tears fixtures down in reverse order, also after a failure', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
const steps: string[] = [];
const own = test.extend<{ outer: string; inner: string }>({
  outer: async ({}, use) => { steps.push('outer up'); await use('outer'); steps.push('outer down'); },
  inner: async ({ outer }, use) => { steps.push('inner up on ' + outer); await use('inner'); steps.push('inner down'); },
});
own('fails', async ({ inner }) => { steps.push(inner); throw new Error('x'); });
own('then', async ({}) => {
  expect(steps).toEqual(['outer up', 'inner up on outer', 'inner', 'inner down', 'outer down']);
});
`,
    });
    await fixture.run(['a.nvme.ts']);
    assert.equal(fixture.failure('fails').message, 'x');
    assert.deepEqual(fixture.outcome('then'), { state: 'passed' });
  });

  it('runs hooks around each test, and errors the tests of a suite whose beforeAll failed', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test.beforeEach(() => console.log('file before'));
test.describe('suite', () => {
  test.beforeAll(() => console.log('all'));
  test.beforeEach(() => console.log('suite before'));
  test.afterEach(() => console.log('suite after'));
  test('one', async () => { console.log('one'); throw new Error('x'); });
  test('two', async () => {});
});
test.describe('broken', () => {
  test.beforeAll(() => { throw new Error('no way'); });
  test('never', async () => {});
});
`,
    });
    const summary = await fixture.run(['a.nvme.ts']);
    assert.equal(fixture.outputOf('suite > one'), 'file before\nsuite before\none\nsuite after\n');
    assert.equal(fixture.outputOf('suite > two'), 'file before\nsuite before\nsuite after\n');
    assert.equal(fixture.failure('never').message, 'beforeAll: no way');
    assert.deepEqual([summary.passed, summary.failed, summary.errored], [1, 1, 1]);
  });

  it('skips a suite whose beforeAll says so, and tells an afterAll that failed as such', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test.describe('left out', () => {
  test.beforeAll(({ skip }) => skip('no volatile write cache'));
  test('one', async () => {});
  test.describe('inner', () => { test('two', async () => {}); });
});
test.describe('untidy', () => {
  test.afterAll(() => { throw new Error('left over'); });
  test('three', async () => {});
});
test('four', async () => {});
`,
    });
    const summary = await fixture.run(['a.nvme.ts']);
    for (const id of ['one', 'two'])
      assert.deepEqual(fixture.outcome(id), { state: 'skipped', reason: 'no volatile write cache' });
    const [error] = fixture.fileErrors;
    assert.deepEqual([error?.suite, error?.failure.message], ['a.nvme.ts > untidy', 'afterAll: left over']);
    assert.deepEqual([summary.passed, summary.skipped, summary.errored], [2, 2, 1]);
  });

  it('gives the hooks after a test the time of a test', async () => {
    const fixture = await HostFixture.start({
      'a.nvme.ts': `
test.describe('hangs', { timeoutMs: 300 }, () => {
  test.afterEach(async () => { await new Promise(() => {}); });
  test('one', async () => {});
});
test('two', async ({ nvme0 }) => { expect(nvme0.powered).toBe(true); });
`,
    });
    await fixture.run(['a.nvme.ts']);
    assert.match(fixture.failure('one').message, /time-out of 300 ms/);
    assert.deepEqual(fixture.outcome('two'), { state: 'passed' });
  });
});
