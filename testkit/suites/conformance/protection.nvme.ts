import { test as base, DmaBuffer, expect, type Namespace, type ProtectionOptions, type Qpair } from '@doorbell/testkit';
import { type Fresh, freshSsd } from './freshSsd.ts';

const layouts = [
  '512+8:pi1',
  '512+8:pi2:extended',
  '4096+64:pi1:extended',
  '4096+64:pi2:first',
  '512+8:pi3',
  '4096+64:pi3:first:extended',
];
const test = base.extend<Fresh>(
  freshSsd('protection', `size=192M&namespaces=${layouts.length}&lbaSize=${layouts.join(',')}`),
);
const nsids = layouts.map((layout, index) => [index + 1, layout] as const);
const clause = 'NVM Command Set 1.0, End-to-end Data Protection';
const act = 8;
const check = { guard: 4, appTag: 2, refTag: 1, all: 7 } as const;
const slba = 100;
const blockCount = 5;
const appTag = 0x1234;

/** Types 1 and 2 count reference tags up; of type 3 they are the host's. */
const checksOf = (ns: Namespace) => (ns.layout.protectionType === 3 ? check.guard | check.appTag : check.all);
const tags = { appTag, appTagMask: 0xffff } as const;

interface Blocks {
  readonly data: DmaBuffer;
  readonly metadata?: DmaBuffer;
}

function blocksOf(ns: Namespace, count = blockCount, pattern: 'zeros' | { random: number } = 'zeros'): Blocks {
  const data = new DmaBuffer(count * ns.blockBytes, { pattern });
  return ns.layout.extended ? { data } : { data, metadata: new DmaBuffer(count * ns.metadataBytes) };
}

/** Blocks with valid protection information, on the medium. */
async function written(ns: Namespace, q: Qpair): Promise<Blocks> {
  const blocks = blocksOf(ns, blockCount, { random: 0 });
  ns.fillProtection(blocks.data, { blockCount, appTag, refTag: slba, ...optional(blocks) });
  await ns.write(q, blocks.data, { slba, blockCount, prinfo: checksOf(ns), ...tags, ...optional(blocks) });
  return blocks;
}
const optional = ({ metadata }: Blocks) => (metadata === undefined ? {} : { metadata });

test.each(nsids)(
  'namespace %d (%s): what the host computed is checked and kept',
  { spec: clause },
  async ({ ssd, q }, nsid) => {
    const ns = ssd.namespace(nsid);
    const blocks = await written(ns, q);
    const found = blocksOf(ns);
    await ns.read(q, found.data, { slba, blockCount, prinfo: checksOf(ns), ...tags, ...optional(found) });
    expect(found.data.compare(blocks.data)).toBeUndefined();
    const expected = { blockCount, appTag, refTag: slba, ...optional(found) };
    expect(ns.checkProtection(found.data, expected)).toBeUndefined();
    await ns.verify(q, { slba, blockCount, prinfo: checksOf(ns), ...tags });
    await ns.compare(q, blocks.data, { slba, blockCount, prinfo: checksOf(ns), ...tags, ...optional(blocks) });
  },
);

test.each(nsids)(
  'namespace %d (%s): PRACT has the controller insert and strip',
  {
    spec: 'NVM Command Set 1.0, Protection Information Action (PRACT)',
  },
  async ({ ssd, q }, nsid) => {
    const ns = ssd.namespace(nsid);
    const isBare = ns.metadataBytes === 8;
    const bytes = isBare ? ns.lbaBytes : ns.blockBytes;
    const data = new DmaBuffer(blockCount * bytes, { pattern: { random: 0 } });
    const apart = !isBare && !ns.layout.extended ? { metadata: new DmaBuffer(blockCount * ns.metadataBytes) } : {};
    await ns.write(q, data, { slba, blockCount, prinfo: act, refTag: slba, appTag, ...apart });
    const found = blocksOf(ns);
    await ns.read(q, found.data, { slba, blockCount, prinfo: checksOf(ns), ...tags, ...optional(found) });
    const expected = { blockCount, appTag, refTag: slba, ...optional(found) };
    expect(ns.checkProtection(found.data, expected)).toBeUndefined();
    const stripped = new DmaBuffer(blockCount * bytes);
    await ns.read(q, stripped, { slba, blockCount, prinfo: act | checksOf(ns), ...tags, ...apart });
    expect(stripped.slice(0, ns.lbaBytes)).toEqual(data.slice(0, ns.lbaBytes));
  },
);

/** Checks, what a command then says wrongly, and which byte of the tuple is not what it should be. */
const wrongs = [
  { prinfo: check.guard, wrong: {}, spoilt: 0, status: 'End-to-end Guard Check Error' },
  {
    prinfo: check.appTag,
    wrong: { appTag: 0x4321 },
    spoilt: undefined,
    status: 'End-to-end Application Tag Check Error',
  },
  { prinfo: check.refTag, wrong: {}, spoilt: 7, status: 'End-to-end Reference Tag Check Error' },
] as const;

test.each(wrongs.map((row) => [row.status, row] as const))(
  '%s: found by every command, and nothing is written',
  {
    spec: 'NVM Command Set 1.0, Protection Information Check (PRCHK)',
  },
  async ({ ssd, q }, status, { prinfo, wrong, spoilt }) => {
    const ns = ssd.namespace(2);
    const before = await written(ns, q);
    const blocks = blocksOf(ns, blockCount, { random: 5 });
    ns.fillProtection(blocks.data, { blockCount, appTag, refTag: slba });
    if (spoilt !== undefined) {
      const at = 3 * ns.blockBytes + ns.lbaBytes + spoilt;
      blocks.data.setByte(at, blocks.data.byte(at) ^ 1);
    }
    const options = { slba, blockCount, refTag: slba, ...tags, ...wrong };
    await expect(ns.write(q, blocks.data, { ...options, prinfo })).toRejectWithStatus(status);
    expect((await ssd.errorLog(1))[0]?.lba).toBe(BigInt(spoilt === undefined ? slba : slba + 3));
    await ns.compare(q, before.data, { ...options, prinfo: check.all, appTag });
    await ns.write(q, blocks.data, { ...options, prinfo: 0 });
    await expect(ns.read(q, blocks.data, { ...options, prinfo })).toRejectWithStatus(status);
    await expect(ns.verify(q, { ...options, prinfo })).toRejectWithStatus(status);
    await ns.read(q, blocks.data, { ...options, prinfo: 0 });
  },
);

test('the mask says which bits of the application tag count', { spec: clause }, async ({ ssd, q }) => {
  const ns = ssd.namespace(2);
  const { data } = await written(ns, q);
  const options = { slba, blockCount, prinfo: check.appTag, refTag: slba, appTag: 0x12ff } as const;
  await ns.read(q, data, { ...options, appTagMask: 0xff00 });
  await expect(ns.read(q, data, { ...options, appTagMask: 0xffff })).toRejectWithStatus(
    'End-to-end Application Tag Check Error',
  );
});

test.each([
  [1, { appTag: 0xffff, refTag: 7 }],
  [5, { appTag: 0xffff, refTag: 0xffff_ffff }],
] as const)(
  'namespace %d: application tag FFFFh (type 3: and reference tag FFFFFFFFh) switches checks off',
  {
    spec: 'NVM Command Set 1.0, Protection Information: escape values',
  },
  async ({ ssd, q }, nsid, tuple) => {
    const ns = ssd.namespace(nsid);
    const data = new DmaBuffer(512, { pattern: { random: 0 } });
    const metadata = new DmaBuffer(8);
    ns.fillProtection(data, { ...tuple, metadata });
    metadata.setByte(0, metadata.byte(0) ^ 0xff);
    await ns.write(q, data, { slba, metadata, prinfo: 0 });
    const checks = checksOf(ns);
    await ns.read(q, data, { slba, metadata, prinfo: checks, ...tags });
    await ns.verify(q, { slba, prinfo: checks, ...tags });
  },
);

test('type 1 has the LBA as its reference tag, and says so if the host does not', {
  spec: 'NVM Command Set 1.0, Status Code: Invalid Protection Information',
}, async ({ ssd, ns, q }) => {
  const buffer = new DmaBuffer(512);
  const metadata = new DmaBuffer(8);
  const wrong = { slba, refTag: slba + 1, metadata } as const;
  for (const prinfo of [check.refTag, check.all, act]) {
    const sent = ns.write(q, buffer, { ...wrong, prinfo, allowError: true });
    expect((await sent).status).toMatchObject({ name: 'Invalid Protection Information', dnr: true });
  }
  await expect(ns.read(q, buffer, { ...wrong, prinfo: check.refTag })).toRejectWithStatus(
    'Invalid Protection Information',
  );
  const second = ssd.namespace(2);
  await second.write(q, new DmaBuffer(520), { slba, refTag: 9999, prinfo: act });
});

test('type 3 has reference tags that are not checked', { spec: clause }, async ({ ssd, q }) => {
  const read = ssd.namespace(5).read(q, new DmaBuffer(512), { slba, prinfo: check.refTag, metadata: new DmaBuffer(8) });
  await expect(read).toRejectWithStatus('Invalid Protection Information');
});

test('Compare and Verify do not insert or strip', {
  spec: 'NVM Command Set 1.0, Compare command; Verify command',
}, async ({ ns, q }) => {
  const options: ProtectionOptions & { slba: number } = { slba, prinfo: act };
  await expect(ns.compare(q, new DmaBuffer(512), options)).toRejectWithStatus('Invalid Protection Information');
  await expect(ns.verify(q, options)).toRejectWithStatus('Invalid Protection Information');
});

test('Compare compares data and checks both sides', { spec: 'NVM Command Set 1.0, Compare command' }, async ({
  ssd,
  q,
}) => {
  const ns = ssd.namespace(2);
  const { data } = await written(ns, q);
  const options = { slba, blockCount, prinfo: check.guard, refTag: slba, ...tags } as const;
  data.setByte(0, data.byte(0) ^ 1);
  await expect(ns.compare(q, data, options)).toRejectWithStatus('End-to-end Guard Check Error');
  await expect(ns.compare(q, data, { ...options, prinfo: 0 })).toRejectWithStatus('Compare Failure');
});

test('Write Zeroes leaves zeros, or what PRACT asks for', {
  spec: 'NVM Command Set 1.0, Write Zeroes command',
}, async ({ ssd, q }) => {
  const ns = ssd.namespace(2);
  await written(ns, q);
  await ns.writeZeroes(q, { slba, blockCount });
  const found = new DmaBuffer(blockCount * ns.blockBytes);
  await ns.read(q, found, { slba, blockCount });
  expect(found.slice().every((byte) => byte === 0)).toBe(true);
  await ns.writeZeroes(q, { slba, blockCount, prinfo: act, appTag, refTag: slba });
  await ns.read(q, found, { slba, blockCount, prinfo: check.all, refTag: slba, ...tags });
  expect(ns.checkProtection(found, { blockCount, appTag, refTag: slba })).toBeUndefined();
});

test('deallocated blocks pass every check', {
  spec: 'NVM Command Set 1.0, Deallocated or Unwritten Logical Blocks',
}, async ({ ssd, q }) => {
  for (const [nsid] of nsids) {
    await ssd.namespace(nsid).verify(q, { slba: 3000, prinfo: checksOf(ssd.namespace(nsid)), ...tags });
  }
});
