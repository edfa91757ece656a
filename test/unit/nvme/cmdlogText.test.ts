import assert from 'node:assert/strict';
import { clockOf } from '../../../testkit/nvme/clock.ts';
import { dwordAt, entryAt, parseCmdlog } from '../../../testkit/nvme/cmdlogParse.ts';
import { formatLocalTime, lineOfSequence, linesPerEntry, renderCmdlog } from '../../../testkit/nvme/cmdlogText.ts';
import type { CommandOutcome, CommandRecord } from '../../../testkit/nvme/commandRecords.ts';
import { randomOf } from './evidenceBytes.ts';

const golden = `2020-04-15 13:32:39.104405 [cmd001: Create I/O Submission Queue]
0x005a0001, 0x00000000, 0x00000000, 0x00000000
0x00000000, 0x00000000, 0x0ea00000, 0x00000001
0x00000000, 0x00000000, 0x00070010, 0x00100001
0x00000000, 0x00000000, 0x00000000, 0x00000000
2020-04-15 13:32:39.104519: [cpl: SUCCESS]
0x00000000, 0x00000000, 0x00000056, 0x0000005a

`;

/** Local time, whatever the zone of the machine. */
const startNs = BigInt(new Date(2020, 3, 15, 13, 32, 39).getTime()) * 1_000_000n;
const clock = clockOf({ ticks: 0n, monotonicNs: 0n, realtimeNs: startNs }, undefined, 1_000_000_000n);

const bytesOf = (dwords: readonly number[]) => new Uint8Array(Uint32Array.from(dwords).buffer);

function command(change: Partial<CommandRecord> = {}): CommandRecord {
  return {
    sequence: 1n,
    sqe: bytesOf([0x005a0001, 0, 0, 0, 0, 0, 0x0ea00000, 1, 0, 0, 0x00070010, 0x00100001, 0, 0, 0, 0]),
    cqe: bytesOf([0, 0, 0x56, 0x5a]),
    outcome: 'completed',
    submitTicks: 104_405_999n,
    completeTicks: 104_519_001n,
    bytes: 0,
    ...change,
  };
}

const failed = (status: number) => command({ cqe: bytesOf([0, 0, 0, status * 2 ** 17 + 0x1_0000 + 0x5a]) });
const textOf = (commands: readonly CommandRecord[], qid = 0) => renderCmdlog(commands, { qid, clock }).text;

describe('renderCmdlog', () => {
  it("writes the predecessor's form to the byte", () => {
    assert.equal(textOf([command()]), golden);
  });

  it('names the status in upper case, whatever phase, More and DNR are', () => {
    assert.match(textOf([failed(0x0080)]), /: \[cpl: LBA OUT OF RANGE\]\n/);
    assert.match(textOf([failed(0x6281)]), /: \[cpl: UNRECOVERED READ ERROR\]\n/);
    assert.match(textOf([failed(0x07c1)]), /: \[cpl: VENDOR SPECIFIC \(7h\/C1h\)\]\n/);
    assert.match(textOf([failed(0)]), /: \[cpl: SUCCESS\]\n/);
  });

  it('names a command by the queue it is on', () => {
    assert.match(textOf([command()], 1), /\[cmd001: Write\]/);
    assert.match(
      textOf([command({ sqe: new Uint8Array(64).fill(0xc1, 0, 1) })]),
      /\[cmd001: Vendor Specific \(C1h\)\]/,
    );
  });

  it('keeps 8 lines for a command in flight', () => {
    const text = textOf([command({ outcome: 'in-flight', cqe: undefined, completeTicks: undefined })]);
    const lines = text.split('\n');
    assert.deepEqual(lines.slice(5), ['not completed', '...', '', '']);
    assert.equal(lines.length - 1, linesPerEntry);
  });

  it('says how a command ended that no device completed', () => {
    const outcomes: readonly (readonly [CommandOutcome, string])[] = [
      ['timed-out', 'TIMED OUT'],
      ['reset', 'CONTROLLER RESET'],
      ['power-lost', 'POWER LOST'],
      ['queue-deleted', 'QUEUE DELETED'],
      ['removed', 'CONTROLLER REMOVED'],
      ['closed', 'CONTROLLER CLOSED'],
    ];
    for (const [outcome, name] of outcomes) {
      const lines = textOf([command({ outcome, cqe: undefined })]).split('\n');
      assert.deepEqual(lines.slice(5, 8), [`2020-04-15 13:32:39.104519: [cpl: ${name}]`, '...', '']);
    }
  });

  it('numbers entries from the newest, and finds the line of a command by its own number', () => {
    const { text, sequences } = renderCmdlog(
      [7003n, 7002n, 6990n].map((sequence) => command({ sequence })),
      { qid: 1, clock },
    );
    assert.deepEqual(text.match(/cmd\d+/g), ['cmd001', 'cmd002', 'cmd003']);
    const line = lineOfSequence(sequences, 6990n)!;
    assert.match(text.split('\n')[line]!, /cmd003/);
    assert.equal(lineOfSequence(sequences, 1n), undefined);
  });

  it('is nothing for an empty log', () => {
    assert.deepEqual(renderCmdlog([], { qid: 0, clock }), { text: '', sequences: [] });
  });
});

describe('formatLocalTime', () => {
  it('cuts to microseconds, and pads', () => {
    const time = BigInt(new Date(2026, 0, 2, 3, 4, 5).getTime()) * 1_000_000n;
    assert.equal(formatLocalTime(time), '2026-01-02 03:04:05.000000');
    assert.equal(formatLocalTime(time + 7_999n), '2026-01-02 03:04:05.000007');
    assert.equal(formatLocalTime(time + 999_999_999n), '2026-01-02 03:04:05.999999');
  });
});

describe('parseCmdlog', () => {
  const text = textOf([failed(0x80), command({ outcome: 'in-flight', cqe: undefined }), command()]);

  it('gives back what was written, for any dwords', () => {
    const random = randomOf(7);
    for (let round = 0; round < 50; round += 1) {
      const dwords = Array.from({ length: 16 }, () => random(2 ** 32));
      const cqe = Array.from({ length: 4 }, () => random(2 ** 32));
      const [entry] = parseCmdlog(textOf([command({ sqe: bytesOf(dwords), cqe: bytesOf(cqe) })]));
      assert.deepEqual([entry!.sqe, entry!.cqe], [dwords, cqe]);
    }
  });

  it('finds the entry of every line', () => {
    const entries = parseCmdlog(text);
    assert.deepEqual(
      entries.map(({ line, endLine, place, result }) => [line, endLine, place, result]),
      [
        [0, 6, 1, 'LBA OUT OF RANGE'],
        [8, 14, 2, undefined],
        [16, 22, 3, 'SUCCESS'],
      ],
    );
    assert.equal(entryAt(entries, 7), undefined);
    assert.equal(entryAt(entries, 12)!.place, 2);
    assert.equal(entries[1]!.completed, undefined);
    assert.equal(entries[2]!.completed, '2020-04-15 13:32:39.104519');
  });

  it('names the dword under the cursor', () => {
    const at = (line: number, column: number) => {
      const found = dwordAt(text, line, column);
      return found && [found.entry.place, found.of, found.index, found.value];
    };
    assert.deepEqual(at(1, 0), [1, 'sqe', 0, 0x005a0001]);
    assert.deepEqual(at(3, 30), [1, 'sqe', 10, 0x00070010]);
    assert.deepEqual(at(22, 40), [3, 'cqe', 3, 0x5a]);
    assert.equal(at(0, 5), undefined);
    assert.equal(at(5, 5), undefined);
    assert.equal(at(14, 1), undefined);
    assert.equal(at(99, 0), undefined);
  });

  it('takes CRLF, foreign lines and cut text', () => {
    assert.equal(parseCmdlog(text.replaceAll('\n', '\r\n')).length, 3);
    const [entry] = parseCmdlog(`a note\n\n${golden.slice(0, 150)}`);
    assert.deepEqual([entry!.line, entry!.result, entry!.sqe.length < 16], [2, undefined, true]);
    for (let cut = 0; cut < text.length; cut += 1) parseCmdlog(text.slice(cut));
  });
});
