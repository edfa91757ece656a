import assert from 'node:assert/strict';
import { collectDeclarations } from '../../../testkit/api/declaration.ts';
import { makeTest } from '../../../testkit/api/makeTest.ts';
import { fullTitle, planFile } from '../../../testkit/host/engine/plan.ts';
import { iterationSeed, testSeed } from '../../../testkit/host/engine/seeds.ts';

const test = makeTest<object>(new Map());

describe('the plan of a file', () => {
  const file = () =>
    collectDeclarations('a.nvme.ts', () => {
      test('first', () => undefined);
      test.describe('outer', { tags: ['x'], timeoutMs: 5 }, () => {
        test('in', { tags: ['y'] }, () => undefined);
        test.describe('inner', { timeoutMs: 7 }, () => test('deep', () => undefined));
      });
      test('first', () => undefined);
    });

  it('is in source order, with unique ids', () => {
    assert.deepEqual(
      planFile(file(), {}).map((planned) => planned.test.id),
      ['a.nvme.ts > first', 'a.nvme.ts > outer > in', 'a.nvme.ts > outer > inner > deep', 'a.nvme.ts > first #2'],
    );
  });

  it('inherits options: the nearest time-out, all tags', () => {
    const [, inside, deep] = planFile(file(), {});
    assert.deepEqual(inside?.options, { timeoutMs: 5, tags: ['x', 'y'] });
    assert.deepEqual(deep?.options, { timeoutMs: 7, tags: ['x'] });
    assert.equal(fullTitle(deep!), 'outer inner deep');
  });

  it('takes the second of two tests of a name alone', () => {
    const planned = planFile(file(), { only: ['a.nvme.ts > first #2'] });
    assert.deepEqual(
      planned.map((one) => one.test.id),
      ['a.nvme.ts > first #2'],
    );
  });
});

describe('declaring', () => {
  it('is refused outside the load of a file', () => {
    assert.throws(() => test('late', () => undefined), /test was called while no test file is being loaded/);
  });

  it('is refused in an async describe', () => {
    assert.throws(
      () => collectDeclarations('a.nvme.ts', () => test.describe('s', async () => undefined)),
      /The callback of test\.describe\("s"\) must not be async/,
    );
  });

  it('needs a title and a function', () => {
    const declare = (call: () => void) => () => collectDeclarations('a.nvme.ts', call);
    assert.throws(
      declare(() => test('x', undefined as never)),
      /"x" needs a function as its last argument/,
    );
    assert.throws(
      declare(() => test(5 as never, () => undefined)),
      /A title must be a string, not number/,
    );
  });
});

describe('seeds', () => {
  it('differ by test and iteration, and come again', () => {
    assert.equal(iterationSeed('abc', 1), 'abc');
    assert.notEqual(iterationSeed('abc', 2), iterationSeed('abc', 3));
    assert.deepEqual(testSeed('abc', 'one'), testSeed('abc', 'one'));
    assert.notEqual(testSeed('abc', 'one').number, testSeed('abc', 'two').number);
    assert.equal(
      testSeed(iterationSeed(iterationSeed('abc', 4), 1), 't').number,
      testSeed(iterationSeed('abc', 4), 't').number,
    );
  });
});
