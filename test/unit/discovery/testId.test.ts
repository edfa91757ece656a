import assert from 'node:assert/strict';
import { fileId, isSelectedBy, TestIds } from '../../../testkit/discovery/testId.ts';
import { formatTitle, templateRows } from '../../../testkit/discovery/title.ts';

describe('test ids', () => {
  it('names a file by its path below the root', () => {
    assert.equal(fileId('/home/a/ws', '/home/a/ws/tests/io.nvme.ts'), 'tests/io.nvme.ts');
  });

  it('never gives an id twice, whatever the titles', () => {
    const made = new TestIds('f');
    const titles = ['a', 'a', 'a #2', 'a', 'a #3', 'a #2', ''];
    const ids = titles.map((title) => made.child('f', title));
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(ids.slice(0, 3), ['f > a', 'f > a #2', 'f > a #2 #2']);
  });

  it('selects a suite with what is in it, and not its namesakes', () => {
    assert.ok(isSelectedBy('f > s > t', 'f > s'));
    assert.ok(isSelectedBy('f > s', 'f > s'));
    assert.ok(isSelectedBy('f > s', 'f'));
    assert.ok(!isSelectedBy('f > s #2 > t', 'f > s'));
    assert.ok(!isSelectedBy('f > st', 'f > s'));
  });

  it('selects the cases of a template by what is fixed in its title', () => {
    const template = new TestIds('f').template('f', 'reads %d blocks (%s)');
    assert.ok(isSelectedBy('f > reads 8 blocks (seq)', template));
    assert.ok(isSelectedBy('f > reads 8 blocks (seq) #2', template));
    assert.ok(isSelectedBy('f > reads 8 blocks (seq) > inside', template));
    assert.ok(!isSelectedBy('f > writes 8 blocks (seq)', template));
    assert.ok(!isSelectedBy('g > reads 8 blocks (seq)', template));
    assert.ok(!isSelectedBy('f > reads 8 > of 9 blocks (seq)', template));
  });

  it('keeps regular expression characters of titles literal', () => {
    const template = new TestIds('f').template('f', 'a+b (%d)? [x]');
    assert.ok(isSelectedBy('f > a+b (1)? [x]', template));
    assert.ok(!isSelectedBy('f > aab 1 x', template));
  });
});

describe('formatTitle', () => {
  it('takes arguments in order and leaves what has none', () => {
    assert.equal(formatTitle('%s %d %i %j %#', ['a', 1.5, 2.9, { x: 1n }], 7), 'a 1.5 2 {"x":"1"} 7');
    assert.equal(formatTitle('%s and %s', ['one'], 0), 'one and %s');
    assert.equal(formatTitle('%%d is not %d', [1], 0), '%d is not 1');
  });

  it('writes bigints as numbers, strings plainly or quoted', () => {
    assert.equal(
      formatTitle('%d %s %p %s', [2n ** 60n, 'a', 'a', undefined], 0),
      '1152921504606846976 a "a" undefined',
    );
  });

  it('never puts a value where another value brought a placeholder', () => {
    assert.equal(formatTitle('%s %s', ['%s', 'x'], 0), '%s x');
    assert.equal(formatTitle('$a', { a: '$b', b: 1 }, 0), '$b');
  });

  it('makes objects of a template table', () => {
    assert.deepEqual(templateRows('\n  a | b\n', [1, 2, 3, 4]), [
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
    assert.deepEqual(templateRows('', [1]), []);
  });
});
