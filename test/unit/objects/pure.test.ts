import assert from 'node:assert/strict';
import { diffText, hexDump } from '../../../testkit/objects/bufferText.ts';
import { integer, unsigned64 } from '../../../testkit/objects/checks.ts';
import { Cqe } from '../../../testkit/objects/cqe.ts';
import { Fields } from '../../../testkit/objects/fields.ts';
import { encodeSqe, sqeScratch } from '../../../testkit/objects/sqe.ts';
import { Sqe } from '../../../testkit/objects/sqeEntry.ts';
import { Timeouts } from '../../../testkit/objects/timeouts.ts';

const numbered = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index);

describe('fields by byte number', () => {
  const fields = new Fields(numbered(16));
  it('are little-endian, both ends included', () => {
    assert.equal(fields.u(3, 0), 0x03020100);
    assert.equal(fields.u(5), 5);
    assert.equal(fields.big(15, 0), 0x0f0e0d0c0b0a09080706050403020100n);
    assert.equal(fields.bit(0, 3, 1), true);
    assert.equal(fields.bit(3, 3, 1), false);
  });
  it('beyond 2^53-1 are refused as numbers', () => {
    assert.throws(() => fields.u(7, 0), { name: 'RangeError', message: /use big\(7, 0\)/ });
    assert.equal(fields.u(6, 0), 0x06050403020100);
  });
  it('outside, or with the ends swapped, are refused', () => {
    for (const [end, begin] of [
      [16, 0],
      [0, 3],
      [3, -1],
      [1.5, 0],
    ] as const) {
      assert.throws(() => fields.big(end, begin), RangeError);
    }
  });
  it('are text without its padding', () => {
    assert.equal(new Fields(Buffer.from('AB C  \0\0')).ascii(7, 0), 'AB C');
  });
});

describe('bytes as text', () => {
  it('are 16 a row, equal rows folded', () => {
    const bytes = new Uint8Array(70);
    bytes.set(Buffer.from('hello world'), 10);
    assert.equal(
      hexDump(bytes, 0x200),
      [
        '00000200  00 00 00 00 00 00 00 00  00 00 68 65 6c 6c 6f 20  |..........hello |',
        '00000210  77 6f 72 6c 64 00 00 00  00 00 00 00 00 00 00 00  |world...........|',
        '00000220  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|',
        '*',
        '00000240  00 00 00 00 00 00                                 |......|',
      ].join('\n'),
    );
  });
  it('that differ are shown aligned, with a mark under each byte', () => {
    const [actual, expected] = [numbered(40), numbered(40)];
    actual[18] = 0xff;
    actual[33] = 0xee;
    const diff = diffText(actual, expected);
    assert.deepEqual([diff?.first, diff?.count], [18, 2]);
    assert.equal(
      diff?.text,
      [
        '2 of 40 bytes differ, the first at 18 (0x12):',
        '- 00000010  10 11 ff 13 14 15 16 17  18 19 1a 1b 1c 1d 1e 1f  |................|',
        '+ 00000010  10 11 12 13 14 15 16 17  18 19 1a 1b 1c 1d 1e 1f  |................|',
        '                  ^^',
        '- 00000020  20 ee 22 23 24 25 26 27                           | ."#$%&\'|',
        '+ 00000020  20 21 22 23 24 25 26 27                           | !"#$%&\'|',
        '               ^^',
      ].join('\n'),
    );
    assert.equal(diffText(actual, actual), undefined);
  });
  it('that differ everywhere stay readable', () => {
    const lines = diffText(numbered(512), new Uint8Array(512))?.text.split('\n') ?? [];
    assert.equal(lines.at(-1), '... and 24 more rows');
    assert.equal(lines.length, 1 + 8 * 3 + 1);
  });
});

describe('checks', () => {
  it('name the argument, its limits and what was given', () => {
    assert.throws(() => integer('depth', 1, 2, 1024), {
      name: 'RangeError',
      message: 'depth must be an integer of 2 to 1,024, not 1',
    });
    assert.throws(() => integer('depth', '2', 2, 4), {
      name: 'TypeError',
      message: "depth must be an integer, not '2'",
    });
    assert.throws(() => integer('depth', Number.NaN, 2, 4), TypeError);
    assert.throws(() => integer('depth', null, 2, 4), { message: 'depth must be an integer, not null' });
    assert.throws(() => unsigned64('slba', 2 ** 53), { name: 'RangeError', message: /a bigint above 2\^53-1/ });
    assert.equal(unsigned64('slba', 0xffff_ffff_ffff_ffffn), 0xffff_ffff_ffff_ffffn);
    assert.throws(() => unsigned64('slba', 2n ** 64n), RangeError);
  });
});

describe('a submission queue entry', () => {
  it('has every field in its place', () => {
    encodeSqe({
      opcode: 0x02,
      flags: 0x40,
      nsid: 0xffff_ffff,
      cdw2: 2,
      cdw3: 3,
      mptr: 0x1_0000_0004n,
      prp1: 2 ** 40 + 6,
      prp2: 0xffff_ffff_ffff_ffffn,
      cdw10: 10,
      cdw11: 11,
      cdw12: 12,
      cdw13: 13,
      cdw14: 14,
      cdw15: 0xffff_ffff,
    });
    assert.deepEqual(
      [...sqeScratch.dwords],
      [0x4002, 0xffff_ffff, 2, 3, 4, 1, 6, 256, 0xffff_ffff, 0xffff_ffff, 10, 11, 12, 13, 14, 0xffff_ffff],
    );
    const sqe = new Sqe(sqeScratch.dwords.slice());
    assert.deepEqual(
      [sqe.opcode, sqe.flags, sqe.nsid, sqe.mptr, sqe.prp1],
      [2, 0x40, 0xffff_ffff, 0x1_0000_0004n, 2n ** 40n + 6n],
    );
    encodeSqe({ opcode: 0 });
    assert.ok(
      sqeScratch.dwords.every((dword) => dword === 0),
      'nothing stays of the one before',
    );
  });
  it('is summed up for messages', () => {
    encodeSqe({ opcode: 0x01, nsid: 1, cdw10: 8, cdw11: 1, cdw12: 0x4000_0007 });
    const sqe = new Sqe(sqeScratch.dwords.slice());
    assert.equal(sqe.summary(1), 'Write, CID 0, NSID 1, SLBA 4294967304, 8 blocks');
    assert.equal(sqe.summary(0), 'Create I/O Submission Queue, CID 0, NSID 1, cdw10 0x8');
  });
});

describe('a completion', () => {
  const cqe = (dw3: number, outcome = 1): Cqe => {
    const view = new DataView(new ArrayBuffer(48));
    view.setUint32(0, 0x1234, true);
    view.setUint32(8, 0x0003_0007, true);
    view.setUint32(12, dw3, true);
    view.setBigUint64(16, 2n ** 40n, true);
    view.setBigUint64(24, 2n ** 40n + 1500n, true);
    view.setBigUint64(32, 2n ** 33n + 5n, true);
    view.setUint16(40, 9, true);
    view.setUint16(42, outcome, true);
    return new Cqe(view, 0);
  };
  it('is decoded', () => {
    const done = cqe(0x0001_0009);
    assert.deepEqual(
      [done.ok, done.dw0, done.sqHead, done.sqId, done.cid, done.latencyNs, done.latencyUs, done.sequence],
      [true, 0x1234, 7, 3, 9, 1500, 1.5, 2 ** 33 + 5],
    );
  });
  it('is an error by type and code, not by More, DNR or a retry delay', () => {
    assert.equal(cqe((0x6000 << 17) >>> 0).ok, true);
    const failed = cqe(((0x4000 | 0x281) * 2 ** 17) >>> 0);
    assert.equal(failed.ok, false);
    assert.deepEqual([failed.status.type, failed.status.code, failed.status.dnr], [2, 0x81, true]);
  });
  it('that the device never posted is no success', () => {
    for (const [value, name] of [
      [2, 'timed-out'],
      [3, 'reset'],
      [4, 'power-lost'],
      [5, 'queue-deleted'],
      [6, 'removed'],
      [7, 'closed'],
    ] as const) {
      assert.deepEqual([cqe(0, value).ok, cqe(0, value).outcome], [false, name]);
    }
  });
});

describe('timeouts', () => {
  it('depend on the opcode and the queue', () => {
    const timeouts = new Timeouts();
    assert.deepEqual([timeouts.of(0, 0x0c), timeouts.of(0, 0x80), timeouts.of(0, 0x84)], [0, 600_000, 600_000]);
    assert.deepEqual([timeouts.of(0, 0x06), timeouts.of(1, 0x02), timeouts.of(1, 0x0c)], [10_000, 10_000, 10_000]);
    assert.equal(timeouts.of(0, 0x10), 60_000);
    timeouts.setMtfa(0);
    assert.equal(timeouts.of(0, 0x10), 60_000);
    timeouts.setMtfa(25);
    assert.equal(timeouts.of(0, 0x10), 60_000);
    timeouts.setMtfa(1000);
    assert.equal(timeouts.of(0, 0x10), 100_000);
  });
  it('are set for all, or for one opcode', () => {
    const timeouts = new Timeouts();
    timeouts.defaultMs = 500;
    timeouts.setIo(0x02, 20);
    assert.deepEqual([timeouts.of(1, 0x01), timeouts.of(1, 0x02), timeouts.of(0, 0x02)], [500, 20, 500]);
    assert.throws(() => timeouts.setIo(256, 1), RangeError);
    assert.throws(() => {
      timeouts.defaultMs = -1;
    }, RangeError);
  });
});
