import { adminOpcode, allNamespaces, test as base, type Controller, DmaBuffer, expect } from '@doorbell/testkit';
import { type Fresh, freshSsd } from './freshSsd.ts';

const test = base.extend<Fresh>(freshSsd('namespaces'));
const management = 'NVMe Base 2.0, Namespace Management command';
const attachment = 'NVMe Base 2.0, Namespace Attachment command';
const identify = 'NVMe Base 2.0, Identify command';
const errorRecovery = 0x05;
const attributeNotices = 1 << 8;
const blocks = 8192;

/** Room for namespaces: the one it comes with goes. */
async function empty(ssd: Controller): Promise<Controller> {
  await ssd.deleteNamespace(1);
  return ssd;
}

async function list(ssd: Controller, cns: number, nsid = 0): Promise<number[]> {
  const data = await ssd.identifyStructure({ cns, nsid });
  return Array.from({ length: 8 }, (_, i) => data.u(i * 4 + 3, i * 4)).filter((id) => id !== 0);
}
const active = (ssd: Controller) => list(ssd, 0x02);
const allocated = (ssd: Controller) => list(ssd, 0x10);
const unallocated = async (ssd: Controller) => (await ssd.identify()).big(311, 296);

test('a namespace is created, attached, used, detached and deleted', { spec: management }, async ({ ssd, buf }) => {
  await empty(ssd);
  const capacity = ssd.identifyData.tnvmcap;
  expect(await unallocated(ssd)).toBe(capacity);
  const nsid = await ssd.createNamespace({ nsze: blocks });
  expect([await allocated(ssd), await active(ssd)]).toEqual([[nsid], []]);
  expect(await unallocated(ssd)).toBe(capacity - BigInt(blocks * 512));
  await ssd.attachNamespace(nsid);
  expect(await active(ssd)).toEqual([nsid]);
  const qpair = await ssd.createQpair();
  const ns = ssd.namespace(nsid);
  expect([ns.nsze, ns.ncap, ns.lbaBytes]).toEqual([BigInt(blocks), BigInt(blocks), 512]);
  await ns.write(qpair, buf, { slba: blocks - 1 });
  await ssd.detachNamespace(nsid);
  await expect(ns.read(qpair, buf, { slba: 0 })).toRejectWithStatus('Invalid Field in Command');
  await ssd.deleteNamespace(nsid);
  expect([await allocated(ssd), await unallocated(ssd)]).toEqual([[], capacity]);
});

test('is made as the host specified', {
  spec: 'NVM Command Set 1.0, Namespace Management: Host Software Specified Fields',
}, async ({ ssd }) => {
  await empty(ssd);
  const nsid = await ssd.createNamespace({ nsze: 1024, lbaf: 4, extended: true, dps: 0b1010, nmic: 1 });
  await ssd.attachNamespace(nsid);
  const { identifyData: id } = ssd.namespace(nsid);
  expect([id.formatIndex, id.flbas & 0x10, id.dps, id.u(30)]).toEqual([4, 0x10, 0b1010, 1]);
  const independent = await ssd.identifyStructure({ cns: 0x08, nsid });
  expect([independent.u(1), independent.u(14)]).toEqual([1, 1]);
});

test('another namespace with its NSID has other identifiers and nothing of its content', {
  spec: 'NVMe Base 2.0, Namespace Identification Descriptor',
}, async ({ ssd, ns, q, buf }) => {
  buf.fill('ones');
  await ns.write(q, buf, { slba: 0, fua: true });
  const ids = () =>
    ssd.identifyStructure({ cns: 0x03, nsid: 1 }).then(({ bytes }) => Buffer.from(bytes).toString('hex'));
  const before = await ids();
  await empty(ssd);
  expect(await ssd.createNamespace({ nsze: blocks })).toBe(1);
  await ssd.attachNamespace(1);
  expect(await ids()).not.toBe(before);
  await ssd.namespace(1).read(q, buf, { slba: 0 });
  expect(buf.slice(0, 512).every((byte) => byte === 0)).toBe(true);
});

test('nothing of the features of a namespace outlives it', {
  spec: 'NVMe Base 2.0, Feature Values',
}, async ({ ssd }) => {
  await ssd.setFeatures(errorRecovery, 0x1234, { nsid: 1, save: true });
  await empty(ssd);
  await ssd.createNamespace({ nsze: blocks });
  await ssd.attachNamespace(1);
  for (const select of ['current', 'saved'] as const) {
    expect((await ssd.getFeatures(errorRecovery, { nsid: 1, select })).dw0).toBe(0);
  }
});

test('refuses what it cannot make', { spec: management }, async ({ ssd }) => {
  await empty(ssd);
  const refused = (options: Parameters<Controller['createNamespace']>[0]) => expect(ssd.createNamespace(options));
  await refused({ nsze: 0 }).toRejectWithStatus('Invalid Field in Command');
  await refused({ nsze: 1024, ncap: 2048 }).toRejectWithStatus('Invalid Field in Command');
  await refused({ nsze: 2048, ncap: 1024 }).toRejectWithStatus('Thin Provisioning Not Supported');
  await refused({ nsze: 1024, lbaf: 15 }).toRejectWithStatus('Invalid Format');
  await refused({ nsze: 1024, lbaf: 0, dps: 1 }).toRejectWithStatus('Invalid Format');
  await refused({ nsze: 1024, csi: 1 }).toRejectWithStatus('I/O Command Set Not Supported');
  await refused({ nsze: 1024, nvmSetId: 1 }).toRejectWithStatus('Invalid Field in Command');
  await refused({ nsze: 1024, enduranceGroupId: 1 }).toRejectWithStatus('Invalid Field in Command');
  const withAnaGroup = new DmaBuffer(4096);
  withAnaGroup.setQword(0, 1024n);
  withAnaGroup.setQword(8, 1024n);
  withAnaGroup.setDword(92, 1);
  const created = ssd.admin({ opcode: adminOpcode.namespaceManagement }, withAnaGroup);
  await expect(created).toRejectWithStatus('ANA Group Identifier Invalid');
  expect(await allocated(ssd)).toEqual([]);
});

test('tells the capacity that it would have taken', { spec: management }, async ({ ssd }) => {
  await expect(ssd.createNamespace({ nsze: 8 })).toRejectWithStatus('Namespace Insufficient Capacity');
  const [entry] = await ssd.errorLog(1);
  const raw = await ssd.logPage(0x01, 64);
  expect(entry?.sqid).toBe(0);
  expect(raw.big(39, 32)).toBe(4096n);
});

test('gives out every NSID and then no more', { spec: management }, async ({ ssd }) => {
  await empty(ssd);
  const { nn } = ssd.identifyData;
  for (let nsid = 1; nsid <= nn; nsid += 1) expect(await ssd.createNamespace({ nsze: 8 })).toBe(nsid);
  await expect(ssd.createNamespace({ nsze: 8 })).toRejectWithStatus('Namespace Identifier Unavailable');
  await ssd.deleteNamespace(allNamespaces);
  expect(await allocated(ssd)).toEqual([]);
});

test('refuses to delete what is not there', { spec: management }, async ({ ssd }) => {
  await expect(ssd.deleteNamespace(2)).toRejectWithStatus('Invalid Field in Command');
  await expect(ssd.deleteNamespace(0)).toRejectWithStatus('Invalid Namespace or Format');
  await expect(ssd.deleteNamespace(ssd.identifyData.nn + 1)).toRejectWithStatus('Invalid Namespace or Format');
});

test('refuses reserved selections', { spec: management }, async ({ ssd, buf }) => {
  const send = (opcode: number) => ssd.admin({ opcode, nsid: 1, cdw10: 2 }, buf);
  await expect(send(adminOpcode.namespaceManagement)).toRejectWithStatus('Invalid Field in Command');
  await expect(send(adminOpcode.namespaceAttachment)).toRejectWithStatus('Invalid Field in Command');
});

test('attaches once and detaches once', { spec: attachment }, async ({ ssd }) => {
  await expect(ssd.attachNamespace(1)).toRejectWithStatus('Namespace Already Attached');
  await ssd.detachNamespace(1);
  await expect(ssd.detachNamespace(1)).toRejectWithStatus('Namespace Not Attached');
  await expect(ssd.attachNamespace(2)).toRejectWithStatus('Invalid Field in Command');
  await ssd.attachNamespace(1);
});

test.each([[[]], [[2]], [[1, 1]], [[1, 2]]] as const)(
  'refuses the controller list %j',
  { spec: attachment },
  async ({ ssd }, controllers) => {
    const own = ssd.identifyData.cntlid;
    const named = controllers.map((id) => (id === 1 ? own : own + 1));
    await expect(ssd.detachNamespace(1, { controllers: named })).toRejectWithStatus('Controller List Invalid');
  },
);

test('lists the controllers of a namespace and of the subsystem', { spec: identify }, async ({ ssd }) => {
  const own = ssd.identifyData.cntlid;
  const controllers = async (cns: number, cntid = 0) => {
    const data = await ssd.identifyStructure({ cns, nsid: 1, cntid });
    return [data.u(1, 0), data.u(3, 2)];
  };
  expect(await controllers(0x12)).toEqual([1, own]);
  expect(await controllers(0x13)).toEqual([1, own]);
  expect(await controllers(0x13, own + 1)).toEqual([0, 0]);
  await ssd.detachNamespace(1);
  expect(await controllers(0x12)).toEqual([0, 0]);
});

test('Identify of an inactive namespace is zeros, of an allocated one it is not', { spec: identify }, async ({
  ssd,
}) => {
  await ssd.detachNamespace(1);
  const isEmpty = async (cns: number, nsid: number) =>
    (await ssd.identifyStructure({ cns, nsid })).bytes.every((byte) => byte === 0);
  expect(await isEmpty(0x00, 1)).toBe(true);
  expect(await isEmpty(0x11, 1)).toBe(false);
  expect(await isEmpty(0x11, 2)).toBe(true);
  await expect(ssd.identifyStructure({ cns: 0x11, nsid: 0 })).toRejectWithStatus('Invalid Namespace or Format');
});

test('attaching and detaching is announced, deleting is only listed', {
  spec: 'NVMe Base 2.0, Asynchronous Event Information: Notice; Changed Namespace List (Log Page Identifier 04h)',
}, async ({ ssd }) => {
  await ssd.setFeatures(0x0b, attributeNotices);
  ssd.aer.arm();
  await ssd.detachNamespace(1);
  expect(await ssd.aer.next()).toMatchObject({ type: 2, info: 0, logPage: 4 });
  expect((await ssd.changedNamespaces()).nsids).toEqual([1]);
  await ssd.attachNamespace(1);
  expect(await ssd.aer.next()).toMatchObject({ type: 2, info: 0, logPage: 4 });
  expect((await ssd.changedNamespaces()).nsids).toEqual([1]);
  await ssd.deleteNamespace(1);
  await expect(ssd.aer.next({ timeoutMs: 50 })).rejects.toThrow('no asynchronous event');
  expect((await ssd.changedNamespaces()).nsids).toEqual([1]);
});

test('what it made outlives power', { spec: management, tags: ['power'] }, async ({ ssd }) => {
  await empty(ssd);
  await ssd.createNamespace({ nsze: blocks });
  const attached = await ssd.createNamespace({ nsze: blocks / 8, lbaf: 1 });
  await ssd.attachNamespace(attached);
  await ssd.subsystem.powerCycle();
  await ssd.reset();
  expect([await allocated(ssd), await active(ssd)]).toEqual([[1, attached], [attached]]);
  expect(ssd.namespace(attached).lbaBytes).toBe(4096);
});

test('creating and deleting is in the persistent event log', {
  spec: 'NVMe Base 2.0, Change Namespace Event (Event Type 06h)',
}, async ({ ssd }) => {
  await empty(ssd);
  await ssd.createNamespace({ nsze: blocks, lbaf: 2, dps: 1, nmic: 1 });
  const events = (await ssd.persistentEventLog()).events.filter(({ type }) => type === 6).map(({ data }) => data);
  expect(events.map((data) => [data.u(3, 0), data.u(47, 44)])).toEqual([
    [0, 1],
    [1, 1],
  ]);
  const [created] = events;
  expect([created?.u(15, 8), created?.u(31, 24), created?.u(32), created?.u(33), created?.u(34)]).toEqual([
    blocks,
    blocks,
    2,
    1,
    1,
  ]);
});

test('takes its data structures from memory that is there', { spec: management }, async ({ ssd }) => {
  const at = { opcode: adminOpcode.namespaceManagement, prp1: 0xdead_0000_0000n };
  await expect(ssd.admin(at)).toRejectWithStatus('Data Transfer Error');
  expect(new DmaBuffer(4).size).toBe(4);
});
