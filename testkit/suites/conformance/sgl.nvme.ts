import {
  type Controller,
  DmaBuffer,
  expect,
  type Qpair,
  type SglDescriptor,
  SglSegment,
  test,
} from '@doorbell/testkit';

const spec = 'NVMe Base 2.0, Scatter Gather List (SGL)';
const read = 0x02;
const write = 0x01;
const psdtSgl = 0x40;

/** Dwords 6 to 9 of the command: one descriptor. */
function pointer({ type, address = 0n, length, subType = 0 }: SglDescriptor) {
  const types: Record<string, number> = { 'data-block': 0, 'bit-bucket': 1, segment: 2, 'last-segment': 3 };
  const id = (typeof type === 'number' ? type : (types[type] ?? 0)) * 16 + subType;
  return { prp1: BigInt(address), prp2: BigInt(length) + (BigInt(id) << 56n) };
}

/** Moves blocks from LBA 0 on by the SGL that the test made. */
function move(qpair: Qpair, opcode: number, sgl1: SglDescriptor, blocks: number) {
  const sqe = { opcode, flags: psdtSgl, nsid: 1, cdw12: blocks - 1, ...pointer(sgl1) };
  return qpair.send(sqe, undefined, { pointers: 'as-given' });
}

const block = (nvme0: Controller, buffer: DmaBuffer, offset: number, length: number): SglDescriptor => ({
  type: 'data-block',
  address: buffer.busAddress(nvme0) + BigInt(offset),
  length,
});

test('Identify says that SGLs are understood', { spec }, async ({ nvme0 }) => {
  expect(nvme0.identifyData.u(539, 536) & 3).not.toBe(0);
});

test('data moves to any byte address, in pieces of any length', { spec }, async ({ nvme0, nvme0n1, qpair }) => {
  const source = new DmaBuffer(1024, { pattern: { random: 0, seed: 4n } });
  await nvme0n1.write(qpair, source, { slba: 0, blockCount: 2 });
  const target = new DmaBuffer(4096);
  const pieces = [block(nvme0, target, 1, 3), block(nvme0, target, 100, 1000), block(nvme0, target, 2001, 21)];
  const list = new SglSegment(pieces);
  await move(qpair, read, list.descriptor(nvme0), 2);
  const bytes = [target.slice(1, 4), target.slice(100, 1100), target.slice(2001, 2022)];
  expect(Buffer.concat(bytes).equals(source.slice())).toBe(true);
});

test('segments follow each other, and the last one ends the list', { spec }, async ({ nvme0, nvme0n1, qpair }) => {
  const source = new DmaBuffer(2048, { pattern: { random: 0, seed: 5n } });
  const last = new SglSegment([block(nvme0, source, 1024, 1024)]);
  const middle = new SglSegment([block(nvme0, source, 512, 512), last.descriptor(nvme0)]);
  const firsts = new SglSegment([block(nvme0, source, 0, 512), middle.descriptor(nvme0, 'last-segment')]);
  // The segment before the last one must say that it points to the last one.
  await expect(move(qpair, write, firsts.descriptor(nvme0, 'segment'), 4)).toRejectWithStatus(
    'Invalid SGL Segment Descriptor',
  );
  firsts[1] = middle.descriptor(nvme0, 'segment');
  await move(qpair, write, firsts.descriptor(nvme0, 'segment'), 4);
  const back = new DmaBuffer(2048);
  await nvme0n1.read(qpair, back, { slba: 0, blockCount: 4 });
  expect(back.equals(source)).toBe(true);
});

test('bit buckets swallow what is read', { spec }, async ({ nvme0, nvme0n1, qpair }) => {
  const source = new DmaBuffer(1024, { pattern: { random: 0, seed: 6n } });
  await nvme0n1.write(qpair, source, { slba: 0, blockCount: 2 });
  const target = new DmaBuffer(512);
  const list = new SglSegment([{ type: 'bit-bucket', length: 512 }, block(nvme0, target, 0, 512)]);
  await move(qpair, read, list.descriptor(nvme0), 2);
  expect(Buffer.from(target.slice()).equals(source.slice(512))).toBe(true);
});

test('an SGL that is too short, too long or of another type is judged', { spec }, async ({ nvme0, qpair, buf }) => {
  await expect(move(qpair, read, block(nvme0, buf, 0, 511), 1)).toRejectWithStatus('Data SGL Length Invalid');
  const isLongerFine = (nvme0.identifyData.u(539, 536) & (1 << 18)) !== 0;
  const longer = move(qpair, read, block(nvme0, buf, 0, 4096), 1);
  if (isLongerFine) await longer;
  else await expect(longer).toRejectWithStatus('Data SGL Length Invalid');
  for (const type of [4, 5, 6, 15]) {
    const odd = move(qpair, read, { ...block(nvme0, buf, 0, 512), type }, 1);
    await expect(odd).toRejectWithStatus('SGL Descriptor Type Invalid');
  }
  await expect(move(qpair, read, { ...block(nvme0, buf, 0, 512), subType: 5 }, 1)).toRejectWithStatus(
    'SGL Descriptor Type Invalid',
  );
});

test('segments have whole descriptors, and there is memory where they are', { spec }, async ({ nvme0, qpair, buf }) => {
  const list = new SglSegment([block(nvme0, buf, 0, 512)]);
  for (const length of [0, 8, 24]) {
    const wrong = { ...list.descriptor(nvme0), length };
    await expect(move(qpair, read, wrong, 1)).toRejectWithStatus('Invalid SGL Segment Descriptor');
  }
  const nowhere = { type: 'data-block', address: 1n << 60n, length: 512 } as const;
  await expect(move(qpair, read, nowhere, 1)).toRejectWithStatus('Data Transfer Error');
});

test('PSDT 11b is reserved, and admin commands take PRPs', {
  spec: 'NVMe Base 2.0, Common Command Format',
}, async ({ nvme0, qpair, buf }) => {
  const flags = 0xc0;
  const reserved = qpair.send({ opcode: read, flags, nsid: 1 }, buf, { pointers: 'as-given' });
  await expect(reserved).toRejectWithStatus('Invalid Field in Command');
  const identify = { opcode: 0x06, flags: psdtSgl, cdw10: 1, ...pointer(block(nvme0, buf, 0, 4096)) };
  await expect(nvme0.adminQpair.send(identify, undefined, { pointers: 'as-given' })).toRejectWithStatus(
    'Invalid Field in Command',
  );
});
