import assert from 'node:assert/strict';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import { TestScope } from '../../../testkit/objects/testScope.ts';
import { openEvidence } from './support.ts';

describe('a DMA buffer', () => {
  before(openEvidence);

  it('starts with zeros, or a pattern', () => {
    assert.deepEqual([...new DmaBuffer(4).slice()], [0, 0, 0, 0]);
    assert.deepEqual([...new DmaBuffer(3, { pattern: 'ones' }).slice()], [255, 255, 255]);
    assert.deepEqual([...new DmaBuffer(6, { pattern: 0x04030201 }).slice()], [1, 2, 3, 4, 1, 2]);
    const counting = new DmaBuffer(12, { pattern: 'incrementing' });
    assert.deepEqual([counting.dword(0), counting.dword(4), counting.dword(8)], [0, 1, 2]);
  });

  it('is random by its seed, or the test’s, and as compressible as asked', () => {
    const crcs = (): number[] => {
      const leave = new TestScope({ onFailure: () => assert.fail('no failure expected'), seed: 5n }).enter();
      const found = [1, 2].map(() => new DmaBuffer(4096, { pattern: { random: 0 } }).crc32c());
      leave();
      return found;
    };
    const [first, second] = crcs();
    assert.notEqual(first, second);
    assert.deepEqual(crcs(), [first, second]);
    const seeded = () => new DmaBuffer(8192, { pattern: { random: 75, seed: 9n } });
    assert.equal(seeded().compare(seeded()), undefined);
    assert.equal(
      seeded()
        .slice(1024, 4096)
        .every((byte) => byte === 0),
      true,
    );
  });

  it('takes text and bytes, and gives them back', () => {
    const buf = new DmaBuffer(64);
    buf.write('hello world', 10);
    assert.equal(buf.toString('ascii', 10, 21), 'hello world');
    assert.equal(buf.ascii(20, 10), 'hello world');
    buf.write(Uint8Array.of(1, 2, 3), 61);
    assert.deepEqual([...buf.slice(60)], [0, 1, 2, 3]);
    assert.throws(() => buf.write('four', 61), {
      name: 'RangeError',
      message: '4 bytes at offset 61 do not fit: buffer has 64 bytes',
    });
    assert.throws(() => buf.write(5 as never), TypeError);
  });

  it('has its bytes, words, dwords and qwords at any position', () => {
    const buf = new DmaBuffer(16);
    buf.setByte(0, 0xfe);
    buf.setWord(1, 0xabcd);
    buf.setDword(3, 0xffff_fff0);
    buf.setQword(8, 0x0123_4567_89ab_cdefn);
    assert.deepEqual(
      [buf.byte(0), buf.word(1), buf.dword(3), buf.qword(8)],
      [0xfe, 0xabcd, 0xffff_fff0, 0x0123_4567_89ab_cdefn],
    );
    assert.equal(buf.u(4, 3), 0xfff0);
    assert.equal(buf.big(15, 8), 0x0123_4567_89ab_cdefn);
    assert.throws(() => buf.u(15, 8), { name: 'RangeError', message: /use big/ });
    assert.throws(() => buf.setByte(0, 256), RangeError);
    assert.throws(() => buf.dword(13), { name: 'RangeError', message: /position must be an integer of 0 to 12/ });
    assert.throws(() => buf.u(16), RangeError);
  });

  it('shows and compares itself', () => {
    const [actual, expected] = [new DmaBuffer(512, { name: 'actual' }), new DmaBuffer(512)];
    assert.equal(actual.compare(expected), undefined);
    expected.setByte(500, 1);
    const diff = actual.compare(expected);
    assert.deepEqual([diff?.first, diff?.count], [500, 1]);
    assert.match(diff?.text ?? '', /\+ 000001f0 {2}00 00 00 00 01/);
    assert.equal(actual.equals(expected), false);
    assert.equal(
      expected.dump({ start: 496, end: 504 }),
      '000001f0  00 00 00 00 01 00 00 00                           |........|',
    );
    assert.throws(() => actual.compare(new DmaBuffer(16)), /actual has 512 bytes, buffer has 16: compare equal sizes/);
  });

  it('has views that share its bytes and leave it its memory', () => {
    const buf = new DmaBuffer(4096, { offset: 100, name: 'shared' });
    const view = buf.view(10, 20);
    assert.deepEqual([buf.offset, view.offset, view.size], [100, 110, 20]);
    view.fill('ones');
    assert.deepEqual([buf.byte(9), buf.byte(10), buf.byte(29), buf.byte(30)], [0, 255, 255, 0]);
    const whole = buf.view(0);
    whole.close();
    assert.equal(buf.byte(10), 255);
    assert.throws(() => view.view(0, 21), RangeError);
    buf.close();
    assert.throws(() => view.byte(0), { name: 'TypeError', message: /shared is closed/ });
  });

  it('lays out Dataset Management ranges', () => {
    const buf = new DmaBuffer(32);
    buf.setDsmRange(1, 0x1_0000_0002n, 8, 0x0a);
    assert.deepEqual([buf.dword(16), buf.dword(20), buf.qword(24)], [0x0a, 8, 0x1_0000_0002n]);
    assert.throws(() => buf.setDsmRange(2, 0, 1), {
      name: 'RangeError',
      message: /range 2 needs 48 bytes; buffer has 32/,
    });
    assert.throws(() => buf.setDsmRange(256, 0, 1), RangeError);
  });

  it('refuses a size, offset or pattern that cannot be', () => {
    for (const size of [0, -1, 1.5, 2 ** 32]) assert.throws(() => new DmaBuffer(size), RangeError);
    assert.throws(() => new DmaBuffer('512' as never), {
      name: 'TypeError',
      message: "size must be an integer, not '512'",
    });
    assert.throws(() => new DmaBuffer(16, { offset: 4096 }), RangeError);
    assert.throws(
      () => new DmaBuffer(16, { pattern: 'stripes' as never }),
      /pattern must be 'zeros', .* not 'stripes'/,
    );
    assert.throws(() => new DmaBuffer(16, { pattern: 2 ** 32 }), RangeError);
    assert.throws(() => new DmaBuffer(16, { pattern: { random: 101 } }), /pattern\.random/);
  });

  it('is disposed with its block', () => {
    let kept: DmaBuffer | undefined;
    {
      using buf = new DmaBuffer(16);
      kept = buf;
    }
    assert.throws(() => kept?.byte(0), TypeError);
  });
});
