import assert from 'node:assert/strict';
import { encodeFrame, FrameDecoder } from '../../../testkit/parent/framedSocket.ts';

describe('a stream of frames', () => {
  const messages = [{ a: 1n }, 'text', { bytes: new Uint8Array([1, 2, 3]) }, undefined, { long: 'x'.repeat(100_000) }];
  const stream = Buffer.concat(messages.map(encodeFrame));

  for (const size of [1, 3, 4, 5, 1000, stream.length]) {
    it(`comes back whole in pieces of ${size} bytes`, () => {
      const decoder = new FrameDecoder();
      const received: unknown[] = [];
      for (let at = 0; at < stream.length; at += size) received.push(...decoder.push(stream.subarray(at, at + size)));
      assert.deepEqual(received, messages);
    });
  }

  it('is given up when it is out of step', () => {
    assert.throws(() => new FrameDecoder().push(Buffer.from([0xff, 0xff, 0xff, 0xff])), /out of step/);
  });
});
