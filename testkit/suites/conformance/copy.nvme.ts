import { test as base, Controller, DmaBuffer, expect, type Namespace, type Qpair } from '@doorbell/testkit';

const spec = 'NVM Command Set 1.0, Copy command';
const checkAll = 7;
const act = 8;

const test = base.extend<{ marked: (slba: number, blocks: number) => Promise<void> }>({
  /** Writes blocks whose first byte is the low byte of their LBA. */
  marked: async ({ nvme0n1, qpair }, use) => {
    await use(async (slba, blocks) => {
      const data = new DmaBuffer(blocks * nvme0n1.lbaBytes);
      for (let block = 0; block < blocks; block += 1) data.setByte(block * nvme0n1.lbaBytes, (slba + block) & 0xff);
      await nvme0n1.write(qpair, data, { slba, blockCount: blocks });
    });
  },
});

async function marksOf(ns: Namespace, qpair: Qpair, slba: number, blocks: number): Promise<number[]> {
  const data = new DmaBuffer(blocks * ns.lbaBytes);
  await ns.read(qpair, data, { slba, blockCount: blocks });
  return Array.from({ length: blocks }, (_, block) => data.byte(block * ns.lbaBytes));
}

/** MSSRL, MCL and MSRC of Identify Namespace. */
async function limitsOf(ns: Namespace) {
  const { identifyData } = ns;
  return { mssrl: identifyData.u(75, 74), mcl: identifyData.u(79, 76), msrc: identifyData.u(80) };
}

test('ranges are gathered in their order', { spec }, async ({ nvme0n1, qpair, marked }) => {
  await marked(0, 32);
  await marked(100, 16);
  const sources = [{ slba: 20, blockCount: 3 }, { slba: 5 }, { slba: 7, blockCount: 4 }];
  await nvme0n1.copy(qpair, sources, { slba: 100 });
  expect(await marksOf(nvme0n1, qpair, 100, 9)).toEqual([20, 21, 22, 5, 7, 8, 9, 10, 108]);
  expect(await marksOf(nvme0n1, qpair, 20, 3)).toEqual([20, 21, 22]);
});

test('a copy with FUA is durable', { spec, tags: ['power'] }, async ({ nvme0, nvme0n1, qpair, marked, subsystem }) => {
  await marked(0, 8);
  await nvme0n1.flush(qpair);
  await nvme0n1.copy(qpair, { slba: 0, blockCount: 8 }, { slba: 200, fua: true });
  await subsystem.powerCycle();
  await nvme0.reset();
  expect(await marksOf(nvme0n1, await nvme0.createQpair(), 200, 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('limits of ranges and blocks are those of Identify, and one beyond is refused', { spec }, async ({
  nvme0n1,
  qpair,
  marked,
}) => {
  const { mssrl, mcl, msrc } = await limitsOf(nvme0n1);
  await marked(0, mssrl + 1);
  const target = { slba: 8192 };
  const refused = 'Command Size Limit Exceeded';
  await nvme0n1.copy(qpair, { slba: 0, blockCount: mssrl }, target);
  await expect(nvme0n1.copy(qpair, { slba: 0, blockCount: mssrl + 1 }, target)).toRejectWithStatus(refused);
  const one = { slba: 0, blockCount: 1 };
  await nvme0n1.copy(
    qpair,
    Array.from({ length: msrc + 1 }, () => one),
    target,
  );
  const many = Array.from({ length: msrc + 2 }, () => one);
  await expect(nvme0n1.copy(qpair, many, target)).toRejectWithStatus(refused);
  const full = Array.from({ length: mcl / mssrl }, () => ({ slba: 0, blockCount: mssrl }));
  await nvme0n1.copy(qpair, full, target);
  await expect(nvme0n1.copy(qpair, [...full, one], target)).toRejectWithStatus(refused);
});

test('sources and target lie in the namespace', { spec }, async ({ nvme0n1, qpair }) => {
  const { nsze } = nvme0n1;
  const outside = [{ slba: 0 }, { slba: nsze - 1n, blockCount: 2 }];
  await expect(nvme0n1.copy(qpair, outside, { slba: 10 })).toRejectWithStatus('LBA Out of Range');
  const inside = { slba: 0, blockCount: 4 };
  await expect(nvme0n1.copy(qpair, inside, { slba: nsze - 3n })).toRejectWithStatus('LBA Out of Range');
});

test('a range that cannot be read ends it, and the completion names the range', { spec }, async ({
  nvme0n1,
  qpair,
  marked,
}) => {
  await marked(40, 4);
  await marked(300, 4);
  await nvme0n1.writeUncorrectable(qpair, { slba: 42 });
  const sources = [40, 41, 42, 43].map((slba) => ({ slba }));
  const cqe = await nvme0n1.copy(qpair, sources, { slba: 300, allowError: true });
  expect(cqe.status.name).toBe('Unrecovered Read Error');
  expect(cqe.dw0).toBe(2);
  expect(await marksOf(nvme0n1, qpair, 300, 4)).toEqual([40, 41, 302 & 0xff, 303 & 0xff]);
  await marked(40, 4);
});

test('descriptor formats that Identify does not list are refused', { spec }, async ({ nvme0, nvme0n1, qpair }) => {
  const ocfs = nvme0.identifyData.u(535, 534);
  for (let descriptorFormat = 0; descriptorFormat < 16; descriptorFormat += 1) {
    if ((ocfs & (1 << descriptorFormat)) !== 0) continue;
    const copy = nvme0n1.copy(qpair, { slba: 0 }, { slba: 8, descriptorFormat });
    await expect(copy).toRejectWithStatus('Invalid Field in Command');
  }
});

test('protection information is checked where it is read, and carried or made where it is written', {
  spec: 'NVM Command Set 1.0, End-to-end Data Protection',
}, async () => {
  await using ssd = await Controller.open('emulated?name=copy-pi&size=16M&lbaSize=512+8:pi1');
  const ns = ssd.namespace(1);
  const qpair = await ssd.createQpair();
  const data = new DmaBuffer(1024, { pattern: { random: 0, seed: 2n } });
  await ns.write(qpair, data, { slba: 10, blockCount: 2, prinfo: act, refTag: 10, appTag: 0xaa });
  const source = { slba: 10, blockCount: 2, refTag: 10, appTag: 0xaa, appTagMask: 0xffff };
  // Made anew: the reference tags of the target.
  await ns.copy(qpair, source, {
    slba: 30,
    prinfoRead: act | checkAll,
    prinfoWrite: act,
    refTag: 30,
    appTag: 0xbb,
    appTagMask: 0xffff,
  });
  const back = new DmaBuffer(1024);
  await ns.read(qpair, back, {
    slba: 30,
    blockCount: 2,
    prinfo: act | checkAll,
    refTag: 30,
    appTag: 0xbb,
    appTagMask: 0xffff,
  });
  expect(back.equals(data)).toBe(true);
  const wrong = { ...source, appTag: 0xab };
  await expect(ns.copy(qpair, wrong, { slba: 40, prinfoRead: checkAll, refTag: 40 })).toRejectWithStatus(
    'End-to-end Application Tag Check Error',
  );
  // Carried: the tags of the source are wrong for the target.
  await expect(
    ns.copy(qpair, source, { slba: 40, prinfoRead: checkAll, prinfoWrite: 1, refTag: 40 }),
  ).toRejectWithStatus('End-to-end Reference Tag Check Error');
  // PRACT of both sides must agree.
  await expect(
    ns.copy(qpair, source, { slba: 40, prinfoRead: checkAll, prinfoWrite: act, refTag: 40 }),
  ).toRejectWithStatus('Invalid Field in Command');
});
