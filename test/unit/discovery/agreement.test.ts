import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { collectDeclarations, type DeclaredSuite } from '../../../testkit/api/declaration.ts';
import type { Fixture } from '../../../testkit/api/fixtureTable.ts';
import { makeTest } from '../../../testkit/api/makeTest.ts';
import { parseTests } from '../../../testkit/discovery/parseTests.ts';
import { isSelectedBy } from '../../../testkit/discovery/testId.ts';
import { ids } from './outline.ts';

const fixtureNames = ['nvme0', 'nvme0n1', 'qpair', 'buf', 'log', 'skip', 'progress', 'subsystem', 'seed', 'pcie'];
const fixture: Fixture = { make: () => Promise.resolve(), names: [] };
const test = makeTest(new Map(fixtureNames.map((name) => [name, fixture])));

/** What the file declares when it runs. */
function declared(file: string, source: string) {
  const { code } = transformSync(source, { loader: 'ts', format: 'cjs', target: 'node20' });
  const load = new Function('require', 'module', 'exports', code);
  return collectDeclarations(file, () => load(() => ({ test, expect: () => undefined }), { exports: {} }, {}));
}

function declaredIds({ children }: DeclaredSuite): string[] {
  return children.flatMap((child) => (child.kind === 'suite' ? [child.id, ...declaredIds(child)] : [child.id]));
}

const head = `import { test } from '@doorbell/testkit';\n`;

describe('discovery and run', () => {
  it('give the tests of the sample workspace the same ids', () => {
    const files = readdirSync('testkit/sample').filter((name) => name.endsWith('.nvme.ts'));
    assert.ok(files.length >= 3);
    for (const file of files) {
      const source = readFileSync(join('testkit/sample', file), 'utf8');
      const found = ids(parseTests(file, source).tests);
      assert.deepEqual(found, declaredIds(declared(file, source).suite));
      assert.ok(found.length > 0);
    }
  });

  it('agree on equal titles, rows, tables, nesting, constants and modifiers', () => {
    const source = `${head}
      const sizes = [1, 8, 8] as const;
      test('same', () => {}); test('same', () => {}); test('same #2', () => {});
      test.describe('s', () => { test('same', () => {}); test.skip('skipped', () => {}); });
      test.describe('s', { tags: ['x'] }, () => { test.only('same', { timeoutMs: 5 }, () => {}); });
      test.each(sizes)('%d blocks (#%#)', () => {});
      test.each([...sizes, ...Array(2).keys()])('again %d', () => {});
      test.each([['a', 1n], ['b', -2]])('%s at %d: 100%%', () => {});
      test.each([{ op: 'trim', deep: { n: 1 } }])('$op $deep $none %j', () => {});
      test.each\`
        op | n
        \${'r'} | \${1}
        \${'w'} | \${2 * 3}
      \`('$op of $n', () => {});
      test.describe.each(Array.from({ length: 3 }, (_, i) => 2 ** i))('depth %d', () => { test('x', () => {}); });
    `;
    assert.deepEqual(ids(parseTests('f', source).tests), declaredIds(declared('f', source).suite));
  });

  it('agree on suites whose body is a named function', () => {
    const source = `${head}
      const arrow = () => { test('deep', () => {}); };
      test.describe('early', declared);
      function declared() { test('same', () => {}); test.describe('inner', arrow); }
      test.describe('again', declared);
      test.describe.each([1, 2])('row %d', arrow);
      function helper() { test('not of a suite', () => {}); }
      helper();
    `;
    const found = ids(parseTests('f', source).tests);
    assert.deepEqual([...found].sort(), declaredIds(declared('f', source).suite).sort());
    assert.ok(found.includes('f > again > inner > deep'));
  });

  it('end a suite that names itself', () => {
    const source = `${head}function loop() { test('x', () => {}); test.describe('s', loop); }\ntest.describe('s', loop);`;
    assert.deepEqual(ids(parseTests('f', source).tests), ['f > s', 'f > s > x', 'f > s > s']);
  });

  it('let the item of a computed each stand for all its cases', () => {
    const source = `${head}
      const rows = () => [1, 2, 3];
      test.each(rows())('reads %d blocks', () => {});
      test.describe('s', () => { test.each(rows())('again %d', () => {}); });
      for (const n of rows()) test(\`in a loop: \${n}\`, () => {});
      test('reads nothing', () => {});
    `;
    const { suite, cases } = declared('f', source);
    const [template, inSuite, looped] = [
      ...parseTests('f', source).tests.flatMap((item) => (item.kind === 'suite' ? item.children : [item])),
    ];
    assert.deepEqual(
      cases.map(({ parent }) => parent),
      [template?.id, inSuite?.id],
    );
    const all = declaredIds(suite);
    const selected = (id = '') => all.filter((one) => isSelectedBy(one, id));
    assert.deepEqual(selected(template?.id), ['f > reads 1 blocks', 'f > reads 2 blocks', 'f > reads 3 blocks']);
    assert.deepEqual(selected(inSuite?.id), ['f > s > again 1', 'f > s > again 2', 'f > s > again 3']);
    assert.deepEqual(selected(looped?.id), ['f > in a loop: 1', 'f > in a loop: 2', 'f > in a loop: 3']);
  });
});
