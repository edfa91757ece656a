import {
  CompletionQueue,
  type Controller,
  expect,
  nvmOpcode,
  PrpList,
  Sqe,
  SubmissionQueue,
  test,
} from '@doorbell/testkit';

const flush = (cid: number) => new Sqe({ opcode: nvmOpcode.flush, cid, nsid: 1 });

async function pair(nvme0: Controller, qid: number, depth = 4) {
  const cq = new CompletionQueue(nvme0, { qid, depth });
  const sq = new SubmissionQueue(nvme0, { qid, depth });
  await cq.create();
  await sq.create();
  return { cq, sq };
}

test.describe('creation of queues', { spec: 'NVMe Base 2.0, Create I/O Completion Queue command' }, () => {
  test('needs an identifier that is not in use, and not 0', async ({ nvme0 }) => {
    await pair(nvme0, 7);
    await expect(new CompletionQueue(nvme0, { qid: 7, depth: 4 }).create()).toRejectWithStatus(
      'Invalid Queue Identifier',
    );
    await expect(new SubmissionQueue(nvme0, { qid: 7, depth: 4 }).create()).toRejectWithStatus(
      'Invalid Queue Identifier',
    );
    await expect(new CompletionQueue(nvme0, { qid: 0, depth: 4 }).create()).toRejectWithStatus(
      'Invalid Queue Identifier',
    );
    await expect(new CompletionQueue(nvme0, { qid: 0xffff, depth: 4 }).create()).toRejectWithStatus(
      'Invalid Queue Identifier',
    );
  });

  test('needs two entries at least, and no more than CAP.MQES allows', async ({ nvme0 }) => {
    const { mqes } = nvme0.registers.cap;
    const cq = new CompletionQueue(nvme0, { qid: 8, depth: mqes + 1 });
    await expect(cq.create({ cdw10: 8 + (mqes + 1) * 0x1_0000 })).toRejectWithStatus('Invalid Queue Size');
    await expect(cq.create({ cdw10: 8 })).toRejectWithStatus('Invalid Queue Size');
    await cq.create();
    await cq.delete();
  });

  test('needs a page aligned address', async ({ nvme0 }) => {
    const cq = new CompletionQueue(nvme0, { qid: 8, depth: 4 });
    await expect(cq.create({ prp1: cq.busAddress + 4n })).toRejectWithStatus('PRP Offset Invalid');
  });

  test('needs the completion queue first', { spec: 'NVMe Base 2.0, Create I/O Submission Queue command' }, async ({
    nvme0,
  }) => {
    const sq = new SubmissionQueue(nvme0, { qid: 9, depth: 4, cqid: 10 });
    await expect(sq.create()).toRejectWithStatus('Completion Queue Invalid');
  });
});

test.describe('queues that are not physically contiguous', {
  spec: 'NVMe Base 2.0, Create I/O Submission Queue command',
}, () => {
  test.each([4096, 16_384])(
    'lie in the pages of %d bytes that a PRP list names',
    async ({ nvme0, skip }, pageBytes) => {
      if (nvme0.registers.cap.cqr) skip('queues have to be contiguous (CAP.CQR)');
      if (pageBytes > nvme0.registers.cap.maxPageBytes) skip('no such memory pages (CAP.MPSMAX)');
      await nvme0.initialize({ pageBytes });
      const depth = pageBytes / 32 + 3;
      const cq = new CompletionQueue(nvme0, { qid: 5, depth, contiguous: false });
      const sq = new SubmissionQueue(nvme0, { qid: 5, depth, contiguous: false });
      await cq.create();
      await sq.create();
      for (let sent = 0; sent < depth + 5; sent += 1) {
        sq[sent % depth] = flush(sent);
        sq.tail = (sent + 1) % depth;
        expect((await cq.next()).cid).toBe(sent);
      }
    },
  );

  test('need page aligned pages and a list that can be read', async ({ nvme0, skip }) => {
    if (nvme0.registers.cap.cqr) skip('queues have to be contiguous (CAP.CQR)');
    const cq = new CompletionQueue(nvme0, { qid: 5, depth: 300, contiguous: false });
    const list = new PrpList([cq.busAddress + 4n, cq.busAddress]);
    await expect(cq.create({ prp1: list.busAddress(nvme0) })).toRejectWithStatus('PRP Offset Invalid');
    await expect(cq.create({ prp1: 1n << 60n })).toRejectWithStatus('Data Transfer Error');
    await cq.create();
  });

  test('carry the commands of a queue pair', async ({ nvme0, nvme0n1, skip }) => {
    if (nvme0.registers.cap.cqr) skip('queues have to be contiguous (CAP.CQR)');
    const qpair = await nvme0.createQpair({ depth: 600, contiguous: false });
    await Promise.all(Array.from({ length: 599 }, () => nvme0n1.flush(qpair)));
    await Promise.all(Array.from({ length: 599 }, () => nvme0n1.flush(qpair)));
  });
});

test.describe('deletion of queues', { spec: 'NVMe Base 2.0, Delete I/O Completion Queue command' }, () => {
  test('of a completion queue waits for its submission queues', async ({ nvme0 }) => {
    const { cq, sq } = await pair(nvme0, 11);
    await expect(cq.delete()).toRejectWithStatus('Invalid Queue Deletion');
    await sq.delete();
    await cq.delete();
    await expect(cq.delete()).toRejectWithStatus('Invalid Queue Identifier');
  });
});

test('deletion of a submission queue ends its commands', {
  spec: 'NVMe Base 2.0, Status Code: Command Aborted due to SQ Deletion',
}, async ({ nvme0 }) => {
  const { cq, sq } = await pair(nvme0, 13);
  const slow = nvme0.faults.delay(60_000, { queue: 13, command: 'flush' });
  sq[0] = flush(5);
  sq.tail = 1;
  // A command that was not fetched yet goes with its queue, without a completion.
  const until = Date.now() + 5000;
  while (slow.fired === 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 1));
  await sq.delete();
  const ended = await cq.next();
  expect([ended.cid, ended.status.name, slow.fired]).toEqual([5, 'Command Aborted due to SQ Deletion', 1]);
  await cq.delete();
});

test.describe('doorbells', { spec: 'PCIe Transport 1.0, Submission Queue y Tail Doorbell' }, () => {
  test('start commands in the order of the queue, and not before they are rung', async ({ nvme0 }) => {
    const { cq, sq } = await pair(nvme0, 12, 8);
    for (const cid of [3, 1, 2]) sq[sq.tail + [3, 1, 2].indexOf(cid)] = flush(cid);
    await expect(cq.wait({ timeoutMs: 5 })).rejects.toThrow('no completion');
    sq.tail = 3;
    const heads: number[] = [];
    for (let at = 0; at < 3; at += 1) heads.push((await cq.next()).sqHead);
    expect(Math.max(...heads)).toBe(3);
  });

  test('with a value beyond the queue are reported, once each', {
    spec: 'NVMe Base 2.0, Asynchronous Event Information - Error Status',
  }, async ({ nvme0 }) => {
    const { sq, cq } = await pair(nvme0, 13);
    nvme0.aer.arm(1);
    sq.tail = 4;
    expect(await nvme0.aer.next()).toMatchObject({ type: 0, info: 1 });
    await nvme0.errorLog();
    cq.head = 9;
    expect(await nvme0.aer.next()).toMatchObject({ type: 0, info: 1 });
  });

  test('of a queue that does not exist are reported', {
    spec: 'NVMe Base 2.0, Asynchronous Event Information - Error Status',
  }, async ({ nvme0 }) => {
    const nowhere = new SubmissionQueue(nvme0, { qid: 14, depth: 4 });
    nvme0.aer.arm(1);
    nowhere.tail = 1;
    expect(await nvme0.aer.next()).toMatchObject({ type: 0, info: 0 });
  });
});

test('completions carry the queue, the head, and a phase that turns with the queue', {
  spec: 'NVMe Base 2.0, Common Completion Queue Entry',
}, async ({ nvme0 }) => {
  const { cq, sq } = await pair(nvme0, 15);
  for (let sent = 0; sent < 12; sent += 1) {
    sq[sent % 4] = flush(sent);
    sq.tail = (sent + 1) % 4;
    const turn = Math.floor(sent / 4);
    const cqe = await cq.next();
    expect(cqe).toMatchObject({ cid: sent, sqId: 15, sqHead: (sent + 1) % 4, phase: turn % 2 === 0 ? 1 : 0 });
  }
});

test('several submission queues share one completion queue', {
  spec: 'NVMe Base 2.0, Create I/O Submission Queue command',
}, async ({ nvme0 }) => {
  const cq = new CompletionQueue(nvme0, { qid: 16, depth: 16 });
  await cq.create();
  const queues = [16, 17, 18].map((qid) => new SubmissionQueue(nvme0, { qid, depth: 4, cqid: 16 }));
  for (const sq of queues) await sq.create();
  for (const sq of queues) {
    sq[0] = flush(sq.qid);
    sq.tail = 1;
  }
  const seen = [await cq.next(), await cq.next(), await cq.next()];
  expect(seen.map(({ sqId }) => sqId).sort()).toEqual([16, 17, 18]);
  for (const { cid, sqId } of seen) expect(cid).toBe(sqId);
});

test('a completion queue that is full holds the rest back', {
  spec: 'PCIe Transport 1.0, Completion Queue y Head Doorbell',
}, async ({ nvme0 }) => {
  const cq = new CompletionQueue(nvme0, { qid: 19, depth: 3 });
  const sq = new SubmissionQueue(nvme0, { qid: 19, depth: 8 });
  await cq.create();
  await sq.create();
  for (let cid = 0; cid < 5; cid += 1) sq[cid] = flush(cid);
  sq.tail = 5;
  await cq.wait({ index: 1 });
  await expect(cq.wait({ index: 2, timeoutMs: 20 })).rejects.toThrow('no completion');
  const cids = new Set<number>();
  for (let at = 0; at < 5; at += 1) cids.add((await cq.next()).cid);
  expect(cids.size).toBe(5);
});
