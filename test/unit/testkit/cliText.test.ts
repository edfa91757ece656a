import assert from 'node:assert/strict';
import { parseCommand } from '../../../testkit/cli/arguments.ts';
import { lineDiff } from '../../../testkit/cli/reporters/lineDiff.ts';
import { globExpression } from '../../../testkit/cli/testFiles.ts';

describe('a line diff', () => {
  it('keeps what both have, in order', () => {
    assert.deepEqual(lineDiff('a\nb\nc\nd', 'a\nc\nx\nd'), ['  a', '- b', '  c', '+ x', '  d']);
  });

  it('shows a changed line as expected, then actual', () => {
    assert.deepEqual(lineDiff('same\nexpected', 'same\nactual'), ['  same', '- expected', '+ actual']);
  });

  it('is cut, saying by how much', () => {
    const many = (word: string) => Array.from({ length: 50 }, (_, index) => `${word} ${index}`).join('\n');
    const lines = lineDiff(many('a'), many('b'));
    assert.deepEqual([lines.length, lines.at(-1)], [41, '... 60 more lines']);
  });

  it('does not compare what is too long', () => {
    const long = 'x\n'.repeat(1000);
    assert.deepEqual(lineDiff(long, `${long}y`).length, 2);
  });
});

describe('a glob', () => {
  const matches = (glob: string, path: string) => globExpression(glob).test(path);

  it('stays within a folder with *, and crosses them with **', () => {
    assert.ok(matches('*.nvme.ts', 'a.nvme.ts'));
    assert.ok(!matches('*.nvme.ts', 'b/a.nvme.ts'));
    assert.ok(matches('**/*.nvme.ts', 'a.nvme.ts'));
    assert.ok(matches('**/*.nvme.ts', 'b/c/a.nvme.ts'));
    assert.ok(matches('b/**', 'b/c/a.nvme.ts'));
  });

  it('knows ? and alternatives, and takes other characters as they are', () => {
    assert.ok(matches('io?.{nvme,test}.ts', 'io1.nvme.ts'));
    assert.ok(!matches('io?.nvme.ts', 'io12.nvme.ts'));
    assert.ok(!matches('a.nvme.ts', 'aXnvmeXts'));
  });
});

describe('the arguments of doorbell run', () => {
  const options = (...argv: string[]) => {
    const command = parseCommand(['run', ...argv]);
    assert.equal(command.name, 'run');
    return command.name === 'run' ? command.options : assert.fail();
  };

  it('have sane defaults', () => {
    assert.deepEqual(options(), {
      patterns: [],
      controllers: [],
      power: [],
      allowedDrives: [],
      tags: [],
      notTags: [],
      repeat: 1,
      untilFailure: false,
      bail: false,
      timeoutMs: 60_000,
      fresh: false,
      reporter: 'spec',
    });
  });

  it('take what switches the power, and refuse what cannot', () => {
    assert.deepEqual(options('--power', 'slot:3', '--power', 'quarch:tcp://lab?port=2').power, [
      'slot:3',
      'quarch:tcp://lab?port=2',
    ]);
    assert.throws(() => options('--power', 'plug'), { message: /--power: "plug" names no power controller/ });
  });

  it('repeat without end until a failure, unless a number is given', () => {
    assert.equal(options('--until-failure').repeat, Number.MAX_SAFE_INTEGER);
    assert.equal(options('--until-failure', '--repeat', '5').repeat, 5);
  });

  it('take a tag several times', () => {
    const { tags, notTags } = options('a', '--tag', 'x', '--tag', 'y', '--no-tag', 'z');
    assert.deepEqual([tags, notTags], [['x', 'y'], ['z']]);
  });
});
