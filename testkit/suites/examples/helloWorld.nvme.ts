import { DmaBuffer, expect, test } from '@doorbell/testkit';

test('hello world', async ({ nvme0, nvme0n1 }) => {
  const readBuf = new DmaBuffer(512);
  const writeBuf = new DmaBuffer(512);
  writeBuf.write('hello world', 10);
  const qpair = await nvme0.createQpair({ depth: 16 });

  // The read is sent when the write is complete.
  nvme0n1.write(qpair, writeBuf, { slba: 0 }, () => {
    nvme0n1.read(qpair, readBuf, { slba: 0 });
  });

  expect(readBuf.toString('ascii', 10, 21)).not.toBe('hello world');
  await qpair.waitdone(2);
  expect(readBuf.toString('ascii', 10, 21)).toBe('hello world');
});

test('hello world, awaited', async ({ nvme0n1, qpair, buf }) => {
  buf.write('hello world', 10);
  await nvme0n1.write(qpair, buf, { slba: 8 });
  buf.fill('zeros');
  await nvme0n1.read(qpair, buf, { slba: 8 });
  expect(buf.toString('ascii', 10, 21)).toBe('hello world');
});
