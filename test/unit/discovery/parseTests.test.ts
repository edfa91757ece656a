import assert from 'node:assert/strict';
import { parseTests } from '../../../testkit/discovery/parseTests.ts';
import { ids, outline } from './outline.ts';

const head = `import { test, expect } from '@doorbell/testkit';\n`;
const parse = (source: string) => parseTests('io.nvme.ts', head + source);
const treeOf = (source: string) => outline(parse(source).tests);

describe('parseTests', () => {
  it('finds tests and nested suites in source order', () => {
    const tree = treeOf(`
      test('hello world', async ({ nvme0n1 }) => {});
      test.describe('limits', () => {
        test('at the end', async () => {});
        test.describe('beyond', () => { test('by one', () => {}); });
      });
      test('last', () => {});
    `);
    assert.deepEqual(tree, [
      'test: hello world',
      'suite: limits',
      '  test: at the end',
      '  suite: beyond',
      '    test: by one',
      'test: last',
    ]);
  });

  it('recognises test by its import, under any name, and nothing else', () => {
    const source = `
      import { test as check, expect } from '@doorbell/testkit';
      import * as kit from '@doorbell/testkit';
      import { test } from 'vitest';
      check('mine', () => {});
      kit.test('mine too', () => {});
      test('not mine', () => {});
      it('neither', () => {});
      kit.expect('nor this', () => {});
    `;
    assert.deepEqual(outline(parseTests('a', source).tests), ['test: mine', 'test: mine too']);
  });

  it('recognises test.extend, extended again, and what require gives', () => {
    const source = `
      const { test: base } = require('@doorbell/testkit');
      export const test = base.extend({ a: async ({}, use) => use(1) });
      const deeper = test.extend({}).extend({});
      const other = someone.extend({});
      test('one', () => {});
      deeper('two', () => {});
      other('three', () => {});
    `;
    assert.deepEqual(outline(parseTests('a', source).tests), ['test: one', 'test: two']);
  });

  it('recognises an extended test imported from a file of the workspace', () => {
    const exportsOf = (specifier: string) =>
      specifier === './fixtures' ? new Set(['withDrive', 'default']) : undefined;
    const source = `
      import plain, { withDrive as test, unrelated } from './fixtures';
      test('a', () => {});
      plain('b', () => {});
      unrelated('c', () => {});
    `;
    assert.deepEqual(outline(parseTests('a', source, exportsOf).tests), ['test: a', 'test: b']);
  });

  it('marks skip and only, and passes skip on to what is inside', () => {
    const tree = treeOf(`
      test.skip('a', () => {});
      test.only('b', () => {});
      test.describe.skip('s', () => { test('inside', () => {}); });
      test.describe.only('o', () => { test('inside', () => {}); });
    `);
    assert.deepEqual(tree, [
      'test skip: a',
      'test only: b',
      'suite skip: s',
      '  test skip: inside',
      'suite only: o',
      '  test: inside',
    ]);
  });

  it('expands literal rows of each with their titles', () => {
    const tree = treeOf(`
      const sizes = [512, 4 * 1024] as const;
      test.each([1, 2])('%d queues', () => {});
      test.each(sizes)('%i bytes (#%#)', () => {});
      test.each([['read', 0n], ['write', -1]])('%s at %d, 100%%', () => {});
      test.each([{ op: 'trim', n: 3 }])('$op of $n, $other', () => {});
      test.each(Array.from({ length: 2 }, (_, i) => 1 << i))('depth %d', () => {});
      test.each([...Array(2).keys()])('queue %d', () => {});
      test.describe.each([8, 16])('qd %d', () => { test('reads', () => {}); });
    `);
    assert.deepEqual(tree, [
      'test: 1 queues',
      'test: 2 queues',
      'test: 512 bytes (#0)',
      'test: 4096 bytes (#1)',
      'test: read at 0, 100%',
      'test: write at -1, 100%',
      'test: trim of 3, $other',
      'test: depth 1',
      'test: depth 2',
      'test: queue 0',
      'test: queue 1',
      'suite: qd 8',
      '  test: reads',
      'suite: qd 16',
      '  test: reads',
    ]);
  });

  it('expands the rows of a template table', () => {
    const tree = treeOf(
      'test.each`\n  op | blocks\n  \u0024{"read"} | \u0024{8}\n  \u0024{"write"} | \u0024{1 + 1}\n`("$op of $blocks", () => {});',
    );
    assert.deepEqual(tree, ['test: read of 8', 'test: write of 2']);
  });

  it('makes one template item of what only a run can know', () => {
    const file = parse(`
      test.each(rows())('row %d', () => {});
      for (const n of [1, 2]) test(\`reads \${n} blocks\`, () => {});
      test(title, () => {});
      test.describe.each(depths)('qd %d', () => { test('reads', () => {}); });
    `);
    assert.deepEqual(outline(file.tests), [
      'template: row %d',
      'template: reads \u0024{n} blocks',
      'template: \u0024{title}',
      'template: qd %d',
    ]);
    assert.equal(file.tests[1]?.id, 'io.nvme.ts > reads \u0024{…} blocks');
  });

  it('reads tags, time-out and requirement where they are literal', () => {
    const [first, second] = parse(`
      const minute = 60_000;
      test('a', { timeoutMs: 2 * minute, tags: ['slow', 'power'], spec: 'NVMe Base 2.0, Identify command' }, () => {});
      test('b', { timeoutMs: later(), tags, ...common }, () => {});
    `).tests;
    assert.deepEqual(
      { timeoutMs: first?.timeoutMs, tags: first?.tags, spec: first?.spec },
      { timeoutMs: 120_000, tags: ['slow', 'power'], spec: 'NVMe Base 2.0, Identify command' },
    );
    assert.deepEqual(
      Object.keys(second ?? {}).filter((key) => ['timeoutMs', 'tags', 'spec'].includes(key)),
      [],
    );
  });

  it('gives ranges that count lines and columns from 0', () => {
    const [found] = parseTests('a', `${head}\n  test('näme',\n    async () => {\n  });\n`).tests;
    assert.deepEqual(found?.range, { startLine: 2, startColumn: 2, endLine: 4, endColumn: 4 });
    assert.deepEqual(found?.titleRange, { startLine: 2, startColumn: 2, endLine: 2, endColumn: 13 });
  });

  it('numbers equal titles, and keeps nested ones apart', () => {
    const file = parse(`
      test('same', () => {});
      test('same', () => {});
      test.describe('s', () => { test('same', () => {}); });
      test.describe('s', () => { test('same', () => {}); });
      test('s > same', () => {});
    `);
    const found = ids(file.tests);
    assert.deepEqual(found, [
      'io.nvme.ts > same',
      'io.nvme.ts > same #2',
      'io.nvme.ts > s',
      'io.nvme.ts > s > same',
      'io.nvme.ts > s #2',
      'io.nvme.ts > s #2 > same',
      'io.nvme.ts > s > same #2',
    ]);
    assert.equal(new Set(found).size, found.length);
  });

  it('says where a syntax error is', () => {
    const file = parse(`\ntest('a', () => {});\ntest('b', async ( => {});\n`);
    assert.deepEqual(file.tests, []);
    assert.match(file.fault?.message ?? '', /Unexpected token/);
    assert.doesNotMatch(file.fault?.message ?? '', /\(\d+:\d+\)/);
    assert.equal(file.fault?.line, 3);
    assert.equal(file.fault?.column, 18);
  });

  it('looks into helpers and blocks, but not into the bodies of tests', () => {
    const tree = treeOf(`
      if (process.env.X) { test('conditional', () => {}); }
      function more() { test('in a helper', () => {}); }
      ['a'].forEach((name) => { test('in a callback', () => {}); });
      test('outer', () => { test('inside a test', () => {}); });
    `);
    assert.deepEqual(tree, ['test: conditional', 'test: in a helper', 'test: in a callback', 'test: outer']);
  });

  it('takes what TypeScript and ES2025 allow', () => {
    const tree = treeOf(`
      type A<T> = T extends infer U ? U : never;
      enum E { A = 1 }
      @decorated class C { accessor x = 1; }
      export default {} satisfies object;
      test('using', async () => { await using q = make(); using r = make<number>(); });
    `);
    assert.deepEqual(tree, ['test: using']);
  });

  it('ends for sources made to explode', () => {
    const doubling = Array.from({ length: 60 }, (_, i) => `const x${i} = [x${i + 1}, x${i + 1}];`).join('\n');
    assert.deepEqual(treeOf(`${doubling}\nconst x60 = 1;\ntest.each(x0)('boom', () => {});`), ['template: boom']);
    assert.deepEqual(treeOf(`const a = [a]; test.each(a)('self', () => {});`), ['template: self']);
    assert.deepEqual(treeOf(`test.each(Array.from({ length: 1e9 }))('many', () => {});`), ['template: many']);
    const deep = parse(`x = ${'('.repeat(20_000)}1${')'.repeat(20_000)}; test('a', () => {});`);
    assert.ok(deep.fault !== undefined || deep.tests.length === 1);
  });

  it('never throws on mutilated sources', () => {
    const source = `${head}test.describe.each([[1, 'a']])('s %d', () => { test.only(\`t \${1}\`, { tags: ['x'] }, async () => {}); });`;
    for (let cut = 0; cut <= source.length; cut += 1) {
      for (const text of [source.slice(0, cut), source.slice(0, cut) + source.slice(cut + 1), source.slice(cut)]) {
        const file = parseTests('a', text);
        assert.ok(file.fault === undefined || file.tests.length === 0);
      }
    }
  });
});
