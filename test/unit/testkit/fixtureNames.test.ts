import assert from 'node:assert/strict';
import { patternNames } from '../../../testkit/api/fixtureNames.ts';

describe('the names in a parameter pattern', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['async () => {}', []],
    ['async ({}) => {}', []],
    ['async ({ nvme0 }) => {}', ['nvme0']],
    ['({nvme0,buf}) => 1', ['nvme0', 'buf']],
    ['async ({ nvme0, qpair, }, row, index) => {}', ['nvme0', 'qpair']],
    ['async ({ buf: b, seed = f({ a: 1 }, [2, 3]) }) => {}', ['buf', 'seed']],
    ['async ({ log: { x } }) => {}', ['log']],
    ['async function named({ buf }) {}', ['buf']],
    ['async function ({ buf }) {}', ['buf']],
    ['async({ buf }) { }', ['buf']],
    ["async ({ buf = ')', /* { not */ seed = '}' }) => {}", ['buf', 'seed']],
    ['async ({\n  // the queue\n  qpair,\n}) => {}', ['qpair']],
    ['async (_fixtures, use) => use(1)', []],
    ['_ => {}', []],
  ];
  for (const [source, names] of cases) {
    it(`of ${JSON.stringify(source)}`, () => assert.deepEqual(patternNames(source), names));
  }

  it('must be a pattern', () => {
    assert.throws(() => patternNames('async (fixtures) => {}'), /must name the fixtures it uses.*not "fixtures"/);
    assert.throws(() => patternNames('fixtures => {}'), /must name the fixtures it uses/);
  });

  it('are given one by one', () => {
    assert.throws(() => patternNames('async ({ buf, ...rest }) => {}'), /"\.\.\.rest" cannot be a fixture's name/);
  });
});
