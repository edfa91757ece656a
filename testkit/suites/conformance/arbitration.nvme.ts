import {
  CompletionQueue,
  type Controller,
  expect,
  nvmOpcode,
  Sqe,
  SubmissionQueue,
  type SubmissionQueueOptions,
  test,
} from '@doorbell/testkit';

const arbitration = 0x01;
const depth = 16;
const busMaster = 0x4;
const commandRegister = 0x04;

type Priority = NonNullable<SubmissionQueueOptions['priority']>;

/** Submission queues 1, 2, ... that complete in one queue: its entries show in which order commands were executed. */
async function queuesOf(nvme0: Controller, priorities: readonly Priority[]) {
  const cq = new CompletionQueue(nvme0, { qid: 1, depth: depth * priorities.length });
  await cq.create();
  const queues: SubmissionQueue[] = [];
  for (const [index, priority] of priorities.entries()) {
    const sq = new SubmissionQueue(nvme0, { qid: index + 1, depth, cqid: 1, priority });
    await sq.create();
    queues.push(sq);
  }
  return { cq, queues };
}

/** The identifiers of the queues in the order of their commands: all doorbells ring before the controller may fetch. */
async function race(nvme0: Controller, { cq, queues }: Awaited<ReturnType<typeof queuesOf>>, commands: number) {
  const { config } = nvme0.pcie;
  const command = config.read16(commandRegister);
  config.write16(commandRegister, command & ~busMaster);
  for (const sq of queues) {
    const first = sq.tail;
    for (let at = 0; at < commands; at += 1)
      sq[(first + at) % depth] = new Sqe({ opcode: nvmOpcode.flush, cid: at, nsid: 1 });
    sq.tail = (first + commands) % depth;
  }
  config.write16(commandRegister, command);
  const order: number[] = [];
  while (order.length < commands * queues.length) order.push((await cq.next()).sqId);
  return order;
}

/** Weights are 0's based; the burst is a power of two, 7 without a limit. */
const weights = ({ low = 0, medium = 0, high = 0, burst = 0 }) =>
  high * 2 ** 24 + medium * 2 ** 16 + low * 2 ** 8 + burst;

test.describe('weighted round robin with urgent priority class', {
  spec: 'NVMe Base 2.0, Weighted Round Robin with Urgent Priority Class Arbitration',
}, () => {
  test('serves urgent queues first, then classes by their weights', async ({ nvme0, skip }) => {
    if ((nvme0.registers.cap.ams & 1) === 0) skip('no weighted round robin (CAP.AMS)');
    await nvme0.initialize({ arbitration: 'weighted' });
    await nvme0.setFeatures(arbitration, weights({ medium: 1, high: 2 }));
    const queues = await queuesOf(nvme0, ['low', 'medium', 'high', 'urgent']);
    const order = await race(nvme0, queues, 6);
    expect(order.slice(0, 6)).toEqual([4, 4, 4, 4, 4, 4]);
    expect(order.slice(6)).toEqual([3, 3, 3, 2, 2, 1, 3, 3, 3, 2, 2, 1, 2, 2, 1, 1, 1, 1]);
  });

  test('serves queues of one class by turns of the arbitration burst', async ({ nvme0, skip }) => {
    if ((nvme0.registers.cap.ams & 1) === 0) skip('no weighted round robin (CAP.AMS)');
    await nvme0.initialize({ arbitration: 'weighted' });
    await nvme0.setFeatures(arbitration, weights({ high: 15, burst: 1 }));
    const order = await race(nvme0, await queuesOf(nvme0, ['high', 'high']), 4);
    expect(order).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
  });

  test('changes with the weights, while queues exist', async ({ nvme0, skip }) => {
    if ((nvme0.registers.cap.ams & 1) === 0) skip('no weighted round robin (CAP.AMS)');
    await nvme0.initialize({ arbitration: 'weighted' });
    const queues = await queuesOf(nvme0, ['low', 'high']);
    await nvme0.setFeatures(arbitration, weights({ low: 1, high: 0, burst: 7 }));
    expect(await race(nvme0, queues, 4)).toEqual([2, 1, 1, 2, 1, 1, 2, 2]);
    await nvme0.setFeatures(arbitration, weights({ low: 0, high: 1, burst: 7 }));
    expect(await race(nvme0, queues, 4)).toEqual([2, 2, 1, 2, 2, 1, 1, 1]);
  });
});

test.describe('round robin', { spec: 'NVMe Base 2.0, Round Robin Arbitration' }, () => {
  test('ignores priorities', async ({ nvme0 }) => {
    await nvme0.initialize({ arbitration: 'round-robin' });
    await nvme0.setFeatures(arbitration, weights({ high: 9, burst: 1 }));
    const order = await race(nvme0, await queuesOf(nvme0, ['low', 'urgent', 'high']), 4);
    expect(order).toEqual([1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3]);
  });
});

test('queue pairs of every priority work side by side', {
  spec: 'NVMe Base 2.0, Create I/O Submission Queue command',
}, async ({ nvme0, nvme0n1 }) => {
  await nvme0.initialize({ arbitration: 'weighted' });
  const priorities: Priority[] = ['urgent', 'high', 'medium', 'low'];
  const qpairs = await Promise.all(priorities.map((priority) => nvme0.createQpair({ depth, priority })));
  const all = qpairs.flatMap((qpair) => Array.from({ length: depth - 1 }, () => nvme0n1.flush(qpair)));
  for (const cqe of await Promise.all(all)) expect(cqe.ok).toBe(true);
});

test('an arbitration mechanism that CAP.AMS does not have is fatal', {
  spec: 'NVMe Base 2.0, Controller Configuration',
}, async ({ nvme0 }) => {
  await nvme0.initialize(async ({ registers }, steps) => {
    const enable = async (cc: number) => {
      await steps.disable();
      const { aqa, asq, acq } = await steps.prepareAdmin({ depth: 32 });
      registers.set('AQA', aqa);
      registers.set('ASQ', asq);
      registers.set('ACQ', acq);
      registers.set('CC', cc);
    };
    await enable(0x0046_0001 | (2 << 11));
    await steps.waitCsts(0x2, 0x2);
    await enable(0x0046_0001);
    await steps.waitCsts(0x1, 0x1);
    await steps.adopt();
  });
  expect(nvme0.registers.csts.cfs).toBe(false);
});
