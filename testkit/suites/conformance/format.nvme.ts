import {
  adminOpcode,
  allNamespaces,
  test as base,
  type Command,
  ControllerResetError,
  DmaBuffer,
  expect,
  type Namespace,
  type Qpair,
} from '@doorbell/testkit';
import { during } from './during.ts';
import { type Fresh, freshSsd } from './freshSsd.ts';

const test = base.extend<Fresh>(freshSsd('format', 'size=64M&namespaces=2'));
const clause = 'NVMe Base 2.0, Format NVM command';
const attributeNotices = 1 << 8;
const changedNamespaces = 0x04;
const notice = 2;

/** Data of block 0 now: `data`, or what the device gives instead. */
async function firstBlock(ns: Namespace, q: Qpair): Promise<Uint8Array> {
  const buffer = new DmaBuffer(4096);
  await ns.read(q, buffer, { slba: 0, prinfo: 0 });
  return buffer.slice(0, ns.lbaBytes);
}

test('makes blocks of every LBA format that Identify lists', { spec: clause }, async ({ ssd, ns }) => {
  const { capacityBytes } = ns;
  for (const [lbaf, { lbaBytes, metadataBytes }] of ns.lbaFormats.entries()) {
    await ssd.format({ lbaf, metadata: 'extended' });
    const { identifyData: id } = ns;
    expect(id.formatIndex).toBe(lbaf);
    expect([ns.lbaBytes, ns.metadataBytes]).toEqual([lbaBytes, metadataBytes]);
    expect(ns.blockBytes).toBe(lbaBytes + metadataBytes);
    expect(ns.nsze * BigInt(lbaBytes)).toBe(capacityBytes);
    expect(ns.ncap).toBe(ns.nsze);
  }
});

test('sets type and location of protection information', {
  spec: 'NVM Command Set 1.0, Format NVM command: Protection Information',
}, async ({ ssd, ns }) => {
  const lbaf = ns.lbaFormats.findIndex(({ metadataBytes }) => metadataBytes > 8);
  for (const pi of [1, 2, 3]) {
    await ssd.format({ lbaf, pi, piFirst: pi !== 2 });
    expect(ns.identifyData.dps).toBe(pi === 2 ? 2 : pi | 8);
  }
});

test.each(['none', 'user-data', 'crypto'] as const)(
  'leaves nothing of the data (secure erase: %s)',
  {
    spec: clause,
  },
  async ({ ssd, ns, q }, secureErase) => {
    const data = new DmaBuffer(4096, { pattern: { random: 0 } });
    await ns.write(q, data, { slba: 0, blockCount: 8, fua: true });
    expect(await firstBlock(ns, q)).toEqual(data.slice(0, 512));
    await ssd.format({ secureErase });
    expect((await firstBlock(ns, q)).every((byte) => byte === 0)).toBe(true);
  },
);

test('makes uncorrectable blocks readable again', { spec: clause }, async ({ ssd, ns, q }) => {
  await ns.writeUncorrectable(q, { slba: 0 });
  await expect(firstBlock(ns, q)).toRejectWithStatus('Unrecovered Read Error');
  await ssd.format();
  await firstBlock(ns, q);
});

test('formats every attached namespace for NSID FFFFFFFFh', {
  spec: 'NVMe Base 2.0, Format NVM Attributes (FNA)',
}, async ({ ssd, ns }) => {
  expect(ssd.identifyData.fna & 0b001).toBe(0);
  const second = ssd.namespace(2);
  await ssd.format({ nsid: allNamespaces, lbaf: 1 });
  expect([ns.lbaBytes, second.lbaBytes]).toEqual([4096, 4096]);
  await ssd.format({ nsid: 2, lbaf: 0 });
  expect([ns.lbaBytes, second.lbaBytes]).toEqual([4096, 512]);
});

test('refuses formats that there are not', { spec: clause }, async ({ ssd, ns }) => {
  const count = ns.lbaFormats.length;
  await expect(ssd.format({ lbaf: count })).toRejectWithStatus('Invalid Format');
  await expect(ssd.format({ lbaf: 15 })).toRejectWithStatus('Invalid Format');
  await expect(ssd.format({ lbaf: 0, pi: 1 })).toRejectWithStatus('Invalid Format');
  for (const pi of [4, 7]) await expect(ssd.format({ lbaf: 2, pi })).toRejectWithStatus('Invalid Field in Command');
  for (const secureErase of [3, 7]) {
    await expect(ssd.format({ secureErase })).toRejectWithStatus('Invalid Field in Command');
  }
  expect(ns.lbaBytes).toBe(512);
});

test('refuses namespaces that are not there', { spec: 'NVMe Base 2.0, Namespace Identifier (NSID)' }, async ({
  ssd,
}) => {
  const { nn } = ssd.identifyData;
  await expect(ssd.format({ nsid: 0 })).toRejectWithStatus('Invalid Namespace or Format');
  await expect(ssd.format({ nsid: nn + 1 })).toRejectWithStatus('Invalid Namespace or Format');
  await expect(ssd.format({ nsid: 3 })).toRejectWithStatus('Invalid Field in Command');
});

test('shows its progress and keeps commands out meanwhile', {
  spec: 'NVMe Base 2.0, Admin Commands Permitted to Return a Status Code of Format In Progress; Format Progress Indicator',
}, async ({ ssd, ns, q }) => {
  expect(ns.identifyData.u(32)).toBe(0x80);
  let format: Command | undefined;
  const start = async () => {
    await format;
    format = ssd.admin({ opcode: adminOpcode.formatNvm, nsid: 1 });
  };
  const { left, answers } = await during(start, () => inProgress({ ssd, ns, q }));
  await format;
  expect(left.every((percent) => percent >= 1 && percent <= 100)).toBe(true);
  expect(left).toEqual([...left].sort((a, b) => b - a));
  expect(answers.map(({ name }) => name)).toEqual([
    'Format In Progress',
    'Format In Progress',
    'Successful Completion',
  ]);
  expect(answers.some(({ dnr }) => dnr)).toBe(false);
  expect((await ns.refresh()).u(32)).toBe(0x80);
});

/** What is left to format, in per cent: CNS 00h and 08h. */
async function percentLeft({ ssd, ns }: Fresh): Promise<number[]> {
  const independent = await ssd.identifyStructure({ cns: 0x08, nsid: ns.nsid });
  return [independent.u(3) & 0x7f, (await ns.refresh()).u(32) & 0x7f];
}

/** Answers to a Read, to a second Format NVM, and to a Read of another namespace. */
async function inProgress(fresh: Fresh) {
  const { ssd, ns, q } = fresh;
  const left = await percentLeft(fresh);
  const buffer = new DmaBuffer(4096);
  const read = await ns.read(q, buffer, { slba: 0, allowError: true });
  const second = await ssd.admin({ opcode: adminOpcode.formatNvm, nsid: 1 }, undefined, { allowError: true });
  const other = await ssd.namespace(2).read(q, buffer, { slba: 0, allowError: true });
  left.push(...(await percentLeft(fresh)));
  if (left.at(-1) === 0) return undefined;
  return { left, answers: [read.status, second.status, other.status] };
}

test('a reset ends it and leaves the namespace as it was', { spec: clause }, async ({ ssd, ns, q }) => {
  const data = new DmaBuffer(512, { pattern: 'ones' });
  const queue = await during(
    async () => {
      await ssd.format({ lbaf: 0 });
      await ns.write(await ssd.createQpair(), data, { slba: 0, fua: true });
    },
    async () => {
      const format = ssd.admin({ opcode: adminOpcode.formatNvm, nsid: 1, cdw10: 1 });
      const isDropped = format.then(
        () => false,
        (error: unknown) => error instanceof ControllerResetError,
      );
      // Only what was fetched can be under way: a command behind it has its answer when it was.
      const [left] = await percentLeft({ ssd, ns, q });
      await ssd.reset();
      if (left === 0) return undefined;
      return (await isDropped) ? ssd.createQpair() : undefined;
    },
  );
  expect(ns.lbaBytes).toBe(512);
  expect(await firstBlock(ns, queue)).toEqual(data.slice());
  const powerOnOrReset = (await ssd.persistentEventLog()).events.find(({ type }) => type === 4);
  expect(powerOnOrReset?.data.u(11)).toBe(1);
});

test('tells of the change by an event and in the Changed Namespace List, unless nothing changed', {
  spec: 'NVMe Base 2.0, Asynchronous Event Information: Notice; Changed Namespace List (Log Page Identifier 04h)',
}, async ({ ssd }) => {
  await ssd.setFeatures(0x0b, attributeNotices);
  ssd.aer.arm();
  await ssd.format();
  await expect(ssd.aer.next({ timeoutMs: 50 })).rejects.toThrow('no asynchronous event');
  await ssd.format({ nsid: 2, lbaf: 1 });
  expect(await ssd.aer.next()).toMatchObject({ type: notice, info: 0, logPage: changedNamespaces });
  expect((await ssd.changedNamespaces({ rae: true })).nsids).toEqual([2]);
  expect((await ssd.changedNamespaces()).nsids).toEqual([2]);
  expect((await ssd.changedNamespaces()).nsids).toEqual([]);
});
