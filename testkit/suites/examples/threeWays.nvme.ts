import { CompletionQueue, DmaBuffer, expect, nvmOpcode, Sqe, SubmissionQueue, test } from '@doorbell/testkit';

// Three ways of sending I/O, from the most work done for you to the least.

test('an ioworker makes the I/O by itself', async ({ nvme0n1 }) => {
  const { reads, writes, end } = await nvme0n1
    .ioworker({ ioSize: 8, lbaRandom: false, readPercentage: 50, ioCount: 1000, qdepth: 16 })
    .run();
  expect(end).toBe('completed');
  expect(reads + writes).toBe(1000);
});

test('a namespace sends commands on a queue pair', async ({ nvme0, nvme0n1 }) => {
  const qpair = await nvme0.createQpair({ depth: 10 });
  const buf = new DmaBuffer(512, { pattern: 'ones' });
  await nvme0n1.write(qpair, buf, { slba: 11 });
  const back = new DmaBuffer(512);
  await nvme0n1.read(qpair, back, { slba: 11 });
  expect(back.equals(buf)).toBe(true);
});

test('metamode: the test owns the queues, and NSID 0 is refused', async ({ nvme0 }) => {
  const cq = new CompletionQueue(nvme0, { qid: 33, depth: 10 });
  const sq = new SubmissionQueue(nvme0, { qid: 33, depth: 10 });
  await cq.create();
  await sq.create();

  sq[0] = new Sqe({ opcode: nvmOpcode.writeZeroes, cid: 1, nsid: 0 });
  sq.tail = 1;
  const cqe = await cq.wait();
  expect(cqe.status).toMatchObject({ type: 0x0, code: 0x0b, name: 'Invalid Namespace or Format' });
  expect([cqe.cid, cqe.sqId, cqe.sqHead]).toEqual([1, 33, 1]);
  cq.head = 1;

  sq[1] = new Sqe({ opcode: nvmOpcode.writeZeroes, cid: 2, nsid: 1 });
  sq.tail = 2;
  expect((await cq.wait()).ok).toBe(true);
  await sq.delete();
  await cq.delete();
});
