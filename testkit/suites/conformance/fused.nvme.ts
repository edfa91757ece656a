import { CompletionQueue, DmaBuffer, expect, nvmOpcode, Sqe, SubmissionQueue, test } from '@doorbell/testkit';

const spec = 'NVM Command Set 1.0, Fused Operation';
const first = 1;
const second = 2;

test('the write happens when the comparison holds', { spec }, async ({ nvme0n1, qpair }) => {
  const before = new DmaBuffer(512, { pattern: 'ones' });
  const after = new DmaBuffer(512, { pattern: { random: 0, seed: 1n } });
  const back = new DmaBuffer(512);
  await nvme0n1.write(qpair, before, { slba: 50 });
  const pair = nvme0n1.compareAndWrite(qpair, { compare: before, write: after }, { slba: 50 });
  expect([(await pair.compare).ok, (await pair.write).ok]).toEqual([true, true]);
  await nvme0n1.read(qpair, back, { slba: 50 });
  expect(back.equals(after)).toBe(true);
});

test('nothing is written when it does not, and the write says which command failed', { spec }, async ({
  nvme0n1,
  qpair,
}) => {
  const there = new DmaBuffer(512, { pattern: 'ones' });
  const other = new DmaBuffer(512);
  const back = new DmaBuffer(512);
  await nvme0n1.write(qpair, there, { slba: 51 });
  const { compare, write } = nvme0n1.compareAndWrite(
    qpair,
    { compare: other, write: other },
    { slba: 51, allowError: true },
  );
  expect((await compare).status.name).toBe('Compare Failure');
  expect((await write).status.name).toBe('Command Aborted due to Failed Fused Command');
  await nvme0n1.read(qpair, back, { slba: 51 });
  expect(back.equals(there)).toBe(true);
});

test('both commands are about the same blocks', { spec }, async ({ nvme0n1, qpair }) => {
  const data = new DmaBuffer(1024);
  const pair = (write: { slba?: number; blockCount?: number }) =>
    nvme0n1.compareAndWrite(
      qpair,
      { compare: data, write: data },
      { slba: 60, blockCount: 1, write, allowError: true },
    );
  for (const write of [{ slba: 61 }, { blockCount: 2 }]) {
    const { compare, write: written } = pair(write);
    expect((await compare).status.name).toBe('Invalid Field in Command');
    expect((await written).status.name).toBe('Invalid Field in Command');
  }
});

test('half a pair is aborted for the missing half', { spec: 'NVMe Base 2.0, Fused Operation' }, async ({ nvme0 }) => {
  const cq = new CompletionQueue(nvme0, { qid: 4, depth: 8 });
  const sq = new SubmissionQueue(nvme0, { qid: 4, depth: 8 });
  await cq.create();
  await sq.create();
  const data = new DmaBuffer(512);
  const half = (cid: number, opcode: number, flags: number) =>
    new Sqe({ opcode, flags, cid, nsid: 1, prp1: data.busAddress(nvme0) });
  // A first that nothing follows, a second that nothing precedes, a first before an ordinary command.
  sq[0] = half(1, nvmOpcode.compare, first);
  sq.tail = 1;
  expect((await cq.next()).status.name).toBe('Command Aborted due to Missing Fused Command');
  sq[1] = half(2, nvmOpcode.write, second);
  sq.tail = 2;
  expect((await cq.next()).status.name).toBe('Command Aborted due to Missing Fused Command');
  sq[2] = half(3, nvmOpcode.compare, first);
  sq[3] = half(4, nvmOpcode.flush, 0);
  sq.tail = 4;
  const both = [await cq.next(), await cq.next()];
  expect(both.map(({ cid, ok }) => [cid, ok])).toEqual([
    [3, false],
    [4, true],
  ]);
  expect(both[0]?.status.name).toBe('Command Aborted due to Missing Fused Command');
});

test('other pairs, and the reserved value of FUSE, are refused', { spec: 'NVMe Base 2.0, Fused Operation' }, async ({
  qpair,
}) => {
  const data = new DmaBuffer(512);
  const [one, two] = qpair.sendFused(
    { sqe: { opcode: nvmOpcode.write, nsid: 1 }, buffer: data, options: { allowError: true } },
    { sqe: { opcode: nvmOpcode.write, nsid: 1 }, buffer: data, options: { allowError: true } },
  );
  expect((await one).status.name).toBe('Invalid Field in Command');
  expect((await two).status.name).toBe('Invalid Field in Command');
  const reserved = qpair.send({ opcode: nvmOpcode.flush, flags: 3, nsid: 1 });
  await expect(reserved).toRejectWithStatus('Invalid Field in Command');
});
