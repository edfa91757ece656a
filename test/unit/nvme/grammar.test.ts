import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { clockOf } from '../../../testkit/nvme/clock.ts';
import { renderCmdlog } from '../../../testkit/nvme/cmdlogText.ts';
import type { CommandOutcome, CommandRecord } from '../../../testkit/nvme/commandRecords.ts';
import { statuses } from '../../../testkit/nvme/status.ts';

interface Rule {
  readonly match: string;
  readonly captures?: Readonly<Record<string, { readonly name: string }>>;
}

const grammar = JSON.parse(readFileSync('media/cmdlog.tmLanguage.json', 'utf8')) as {
  repository: Record<string, Rule>;
};
const language = JSON.parse(readFileSync('media/cmdlog.language-configuration.json', 'utf8')) as {
  folding: { markers: { start: string; end: string } };
};

const clock = clockOf(
  { ticks: 0n, monotonicNs: 0n, realtimeNs: 1_600_000_000_000_000_000n },
  undefined,
  1_000_000_000n,
);

function textOf(outcome: CommandOutcome, { status = 0, opcode = 1 } = {}): string {
  const sqe = new Uint8Array(64);
  sqe[0] = opcode;
  const cqe = new Uint8Array(16);
  new DataView(cqe.buffer).setUint32(12, status * 2 ** 17, true);
  const completed = outcome === 'completed';
  const command: CommandRecord = {
    sequence: 1n,
    sqe,
    cqe: completed ? cqe : undefined,
    outcome,
    submitTicks: 1n,
    completeTicks: 2n,
    bytes: 0,
  };
  return renderCmdlog([command], { qid: 1, clock }).text;
}

/** Last part of the scope a piece of a line gets by a rule of the grammar. */
function scopes(rule: string, line: string): Record<string, string> {
  const { match, captures } = grammar.repository[rule]!;
  const found = new RegExp(match).exec(line);
  assert.ok(found, `${rule} does not match "${line}"`);
  const names = found.flatMap((text, group) => {
    const name = captures?.[group]?.name;
    return name && text !== undefined && !name.startsWith('punctuation')
      ? [[text, name.replace('.doorbell-cmdlog', '')]]
      : [];
  });
  return Object.fromEntries(names) as Record<string, string>;
}

describe('command log grammar', () => {
  it('colours the line of a command', () => {
    const [head = ''] = textOf('completed').split('\n');
    assert.deepEqual(Object.values(scopes('command', head)), [
      'constant.numeric.timestamp',
      'keyword.other.place',
      'entity.name.function.command',
    ]);
    assert.equal(scopes('command', head).Write, 'entity.name.function.command');
    const [unnamed = ''] = textOf('completed', { opcode: 0xc1 }).split('\n');
    assert.equal(scopes('command', unnamed)['Vendor Specific (C1h)'], 'entity.name.type.unnamed-command');
  });

  it('tells success, every status of a device, and every other end apart', () => {
    const endOf = (outcome: CommandOutcome, status = 0) => textOf(outcome, { status }).split('\n')[5] ?? '';
    assert.equal(scopes('completion', endOf('completed')).SUCCESS, 'markup.inserted.success');
    for (const { type, code } of statuses.slice(1)) {
      const found = Object.values(scopes('completion', endOf('completed', type * 256 + code)));
      assert.ok(found.includes('invalid.status'), `${type}/${code}`);
    }
    for (const outcome of ['timed-out', 'reset', 'power-lost', 'queue-deleted', 'removed', 'closed'] as const) {
      assert.ok(Object.values(scopes('completion', endOf(outcome))).includes('markup.deleted.outcome'), outcome);
    }
  });

  it('lets zeros stand back', () => {
    assert.deepEqual(scopes('dwords', '0x00000000'), { '0x00000000': 'meta.dword.zero' });
    assert.deepEqual(scopes('dwords', '0x005a0001'), { '0x005a0001': 'constant.numeric.hex.dword' });
  });

  it('colours a command in flight', () => {
    const lines = textOf('in-flight').split('\n');
    for (const line of [lines[5], lines[6]])
      assert.match(line ?? '', new RegExp(grammar.repository['in-flight']!.match));
  });

  it('leaves no line without a rule', () => {
    const rules = Object.values(grammar.repository).map(({ match }) => new RegExp(match));
    for (const outcome of ['completed', 'in-flight', 'power-lost'] as const) {
      for (const line of textOf(outcome)
        .split('\n')
        .filter((text) => text !== '')) {
        assert.ok(line === '...' || rules.some((rule) => rule.test(line)), line);
      }
    }
  });

  it('folds an entry from its first line to its blank one', () => {
    const { start, end } = language.folding.markers;
    const lines = textOf('completed').split('\n').slice(0, 8);
    assert.deepEqual(
      lines.map((line) => new RegExp(start).test(line)),
      [true, ...Array(7).fill(false)],
    );
    assert.deepEqual(
      lines.map((line) => new RegExp(end).test(line)),
      [...Array(7).fill(false), true],
    );
  });
});
