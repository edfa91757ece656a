// A zoned namespace of an SSD of its own: 64 zones of 2048 blocks, 1536 of them usable, the last ones worn out.
import { test as base, Controller, DmaBuffer, expect, type Namespace, nvmOpcode, type Qpair } from '@doorbell/testkit';

const address =
  'emulated?name=zns&size=64M&zns=1&zoneSize=1M&zoneCapacity=768K&maxOpen=3&maxActive=4&readOnlyZones=1&offlineZones=1';
const zoneBlocks = 2048n;
const capacity = 1536n;
const readOnlyZone = 62n * zoneBlocks;
const offlineZone = 63n * zoneBlocks;
const blockBytes = 512;

interface Zoned {
  readonly ssd: Controller;
  readonly ns: Namespace;
  readonly q: Qpair;
  readonly data: DmaBuffer;
}

const test = base.extend<Zoned>({
  ssd: async (_fixtures, use) => {
    const controller = await Controller.open(address);
    await use(controller);
    await controller.close();
  },
  ns: async ({ ssd }, use) => {
    await use(ssd.namespace(1));
  },
  q: async ({ ssd, ns }, use) => {
    const queue = await ssd.createQpair({ depth: 16 });
    await ns.zoneSend(queue, 'reset', { selectAll: true });
    await use(queue);
  },
  data: async (_fixtures, use) => {
    const buffer = new DmaBuffer(128 * 1024, { pattern: { random: 7 } });
    await use(buffer);
  },
});

test('tells the zones of a namespace by Identify', {
  spec: 'ZNS Command Set 1.1, Identify Command',
}, async ({ ssd, ns }) => {
  const zoned = await ns.zonedData();
  expect(zoned.maxOpen).toBe(3);
  expect(zoned.maxActive).toBe(4);
  expect(zoned.readAcrossZones).toBe(false);
  expect(zoned.zoneSize(0)).toBe(zoneBlocks);
  expect(zoned.extensionBytes(0)).toBe(64);
  expect(ns.ncap).toBe(64n * capacity);
  const list = await ssd.identifyStructure({ cns: 0x07, csi: 0x02 });
  expect(list.u(3, 0)).toBe(1);
  expect((await ssd.identifyStructure({ cns: 0x06, csi: 0x02 })).u(0)).toBe(5);
  const sets = await ssd.identifyStructure({ cns: 0x1c });
  expect(sets.big(7, 0)).toBe(0b101n);
});

test('refuses the structure of another command set, and to give up the one in use', {
  spec: 'NVMe Base 2.0, I/O Command Set Profile',
}, async ({ ssd, nvme0 }) => {
  const zoned = nvme0.identifyStructure({ cns: 0x05, csi: 0x02, nsid: 1 });
  await expect(zoned).toRejectWithStatus('Invalid I/O Command Set');
  await expect(ssd.setFeatures(0x19, 1)).toRejectWithStatus('I/O Command Set Combination Rejected');
});

test('a namespace whose command set the profile leaves out cannot be attached', {
  spec: 'NVMe Base 2.0, Namespace Attachment command',
}, async ({ ssd }) => {
  await ssd.detachNamespace(1);
  await ssd.setFeatures(0x19, 1);
  await expect(ssd.attachNamespace(1)).toRejectWithStatus('I/O Command Set Not Enabled');
  await ssd.setFeatures(0x19, 0);
  await ssd.attachNamespace(1);
});

test('reports every zone, or those in one state', {
  spec: 'ZNS Command Set 1.1, Zone Management Receive command',
}, async ({ ns, q }) => {
  const zones = await ns.zones(q);
  expect(zones.length).toBe(64);
  expect(zones.map((zone) => zone.zslba)).toEqual(zones.map((_, index) => BigInt(index) * zoneBlocks));
  expect(zones[0]?.capacity).toBe(capacity);
  expect((await ns.zones(q, { state: 'read-only' })).map((zone) => zone.zslba)).toEqual([readOnlyZone]);
  expect((await ns.zones(q, { state: 'offline' })).map((zone) => zone.writePointer)).toEqual([undefined]);
  expect((await ns.zone(q, 5n * zoneBlocks + 7n)).zslba).toBe(5n * zoneBlocks);
});

test('counts all matching zones, in a partial report those that fit', {
  spec: 'ZNS Command Set 1.1, Zone Management Receive command',
}, async ({ ns, q }) => {
  const buffer = new DmaBuffer(64 * 3);
  await ns.zoneReceive(q, buffer);
  expect(buffer.u(7, 0)).toBe(64);
  await ns.zoneReceive(q, buffer, { partial: true });
  expect(buffer.u(7, 0)).toBe(2);
  await expect(ns.zoneReceive(q, buffer, { action: 2 })).toRejectWithStatus('Invalid Field in Command');
  await expect(ns.zoneReceive(q, buffer, { filter: 8 })).toRejectWithStatus('Invalid Field in Command');
  await expect(ns.zoneReceive(q, buffer, { slba: ns.nsze })).toRejectWithStatus('LBA Out of Range');
});

test('moves a zone through its states', {
  spec: 'ZNS Command Set 1.1, Zone Management Send command',
}, async ({ ns, q, data }) => {
  const zone = await ns.zone(q, zoneBlocks);
  const now = async () => (await zone.refresh(q)).state;
  expect(zone.state).toBe('empty');
  await ns.write(q, data, { slba: zone.zslba, blockCount: 8 });
  expect(await now()).toBe('implicitly-opened');
  await zone.open(q);
  expect(await now()).toBe('explicitly-opened');
  await zone.close(q);
  expect(await now()).toBe('closed');
  expect(zone.writePointer).toBe(zone.zslba + 8n);
  await zone.finish(q);
  expect(await now()).toBe('full');
  expect(zone.writePointer).toBeUndefined();
  await zone.reset(q);
  expect(await now()).toBe('empty');
});

test('refuses transitions that the state machine has not', {
  spec: 'ZNS Command Set 1.1, Zone Management Send command',
}, async ({ ns, q }) => {
  const zone = await ns.zone(q, 0);
  await expect(zone.close(q)).toRejectWithStatus('Invalid Zone State Transition');
  await expect(zone.offline(q)).toRejectWithStatus('Invalid Zone State Transition');
  await zone.finish(q);
  await expect(zone.open(q)).toRejectWithStatus('Invalid Zone State Transition');
  await expect(ns.zoneSend(q, 'open', { slba: 1 })).toRejectWithStatus('Invalid Field in Command');
  await expect(ns.zoneSend(q, 0x06)).toRejectWithStatus('Invalid Field in Command');
});

test('writes at the write pointer only', { spec: 'ZNS Command Set 1.1, Write command' }, async ({ ns, q, data }) => {
  await ns.write(q, data, { slba: 0, blockCount: 8 });
  await expect(ns.write(q, data, { slba: 0 })).toRejectWithStatus('Zone Invalid Write');
  await expect(ns.write(q, data, { slba: 9 })).toRejectWithStatus('Zone Invalid Write');
  await expect(ns.writeZeroes(q, { slba: 9 })).toRejectWithStatus('Zone Invalid Write');
  await expect(ns.writeUncorrectable(q, { slba: 9 })).toRejectWithStatus('Zone Invalid Write');
  const read = new DmaBuffer(8 * blockBytes);
  await ns.read(q, read, { slba: 0, blockCount: 8 });
  expect(read.slice()).toEqual(data.slice(0, 8 * blockBytes));
});

test('ends writes at the zone capacity', { spec: 'ZNS Command Set 1.1, Write command' }, async ({ ns, q, data }) => {
  for (let slba = 0n; slba < capacity; slba += 256n) await ns.writeZeroes(q, { slba, blockCount: 256 });
  expect((await ns.zone(q, 0)).state).toBe('full');
  await expect(ns.write(q, data, { slba: capacity })).toRejectWithStatus('Zone Is Full');
  const next = await ns.zone(q, zoneBlocks);
  await ns.writeZeroes(q, { slba: zoneBlocks, blockCount: 1530 });
  await expect(next.append(q, data, { blockCount: 7 })).toRejectWithStatus('Zone Boundary Error');
  expect((await next.append(q, data, { blockCount: 6 })).slba).toBe(zoneBlocks + 1530n);
});

test('appends where the write pointer is and says where that was', {
  spec: 'ZNS Command Set 1.1, Zone Append command',
}, async ({ ns, q, data }) => {
  const zone = await ns.zone(q, 3n * zoneBlocks);
  const appended = await Promise.all([4, 2, 8].map((blockCount) => zone.append(q, data, { blockCount })));
  expect(appended.map(({ slba }) => slba - zone.zslba)).toEqual([0n, 4n, 6n]);
  expect((await zone.refresh(q)).writePointer).toBe(zone.zslba + 14n);
  const misplaced = ns.zoneAppend(q, data, { zslba: zone.zslba + 1n });
  await expect(misplaced).toRejectWithStatus('Invalid Field in Command');
});

test('appends no more than ZASL allows', { spec: 'ZNS Command Set 1.1, Zone Append command' }, async ({ ns, q }) => {
  const large = new DmaBuffer(257 * blockBytes);
  const zone = await ns.zone(q, 0);
  await zone.append(q, large, { blockCount: 256 });
  await expect(zone.append(q, large, { blockCount: 257 })).toRejectWithStatus('Invalid Field in Command');
});

test('reads unwritten blocks as zeros and no further than the zone', {
  spec: 'ZNS Command Set 1.1, Read command',
}, async ({ ns, q, data }) => {
  const buffer = new DmaBuffer(2 * blockBytes, { pattern: 'ones' });
  await ns.write(q, data, { slba: 0 });
  await ns.read(q, buffer, { slba: 1, blockCount: 2 });
  expect(buffer.slice().every((byte) => byte === 0)).toBe(true);
  const across = { slba: zoneBlocks - 1n, blockCount: 2 };
  await expect(ns.read(q, buffer, across)).toRejectWithStatus('Zone Boundary Error');
  await expect(ns.compare(q, buffer, across)).toRejectWithStatus('Zone Boundary Error');
  await expect(ns.verify(q, across)).toRejectWithStatus('Zone Boundary Error');
});

test('keeps the limits of open and active zones', {
  spec: 'ZNS Command Set 1.1, Zone Management Send command',
}, async ({ ns, q, data }) => {
  const zone = (index: number) => ns.zone(q, BigInt(index) * zoneBlocks);
  const [first, fourth, fifth] = [await zone(0), await zone(3), await zone(4)];
  for (const index of [0, 1, 2]) await (await zone(index)).open(q);
  await expect(fourth.open(q)).toRejectWithStatus('Too Many Open Zones');
  await first.close(q);
  await fourth.append(q, data, { blockCount: 1 });
  await expect(fifth.append(q, data, { blockCount: 1 })).toRejectWithStatus('Too Many Active Zones');
  await first.open(q);
  expect((await fourth.refresh(q)).state).toBe('closed');
});

test('keeps a descriptor extension until the zone is reset', {
  spec: 'ZNS Command Set 1.1, Zone Descriptor Extension',
}, async ({ ns, q }) => {
  const zone = await ns.zone(q, 0);
  await zone.setExtension(q, new Uint8Array(64).fill(0x5a));
  expect((await zone.refresh(q)).state).toBe('closed');
  expect(zone.descriptor.extensionValid).toBe(true);
  const report = new DmaBuffer(64 + 128);
  await ns.zoneReceive(q, report, { action: 'extended-report' });
  expect(report.slice(128, 192)).toEqual(new Uint8Array(64).fill(0x5a));
  await zone.reset(q);
  expect((await zone.refresh(q)).descriptor.extensionValid).toBe(false);
});

test('refuses what worn zones cannot do', {
  spec: 'ZNS Command Set 1.1, Command Specific Status Values',
}, async ({ ns, q, data }) => {
  await expect(ns.write(q, data, { slba: readOnlyZone })).toRejectWithStatus('Zone Is Read Only');
  await ns.read(q, data, { slba: readOnlyZone });
  await expect(ns.write(q, data, { slba: offlineZone })).toRejectWithStatus('Zone Is Offline');
  await expect(ns.read(q, data, { slba: offlineZone })).toRejectWithStatus('Zone Is Offline');
});

test('lists the zones that the controller changed on its own', {
  spec: 'ZNS Command Set 1.1, Zone Active Excursions',
}, async () => {
  await using ssd = await Controller.open('emulated?name=excursion&size=64M&zns=1&zoneSize=1M&excursionMs=100');
  const queue = await ssd.createQpair();
  const ns = ssd.namespace(1);
  await ns.zoneSend(queue, 'reset', { selectAll: true });
  expect((await ns.zonedData()).zoc).toBe(2);
  const list = new DmaBuffer(4096);
  await ssd.getLogPage(0xbf, list, { nsid: 1, length: 4096 });
  await ns.writeZeroes(queue, { slba: zoneBlocks });
  const zone = await ns.zone(queue, zoneBlocks);
  const giveUp = Date.now() + 5000;
  while (zone.state !== 'full' && Date.now() < giveUp) await zone.refresh(queue);
  expect(zone.descriptor.finishedByController).toBe(true);
  await ssd.getLogPage(0xbf, list, { nsid: 1, length: 4096 });
  expect(list.u(1, 0)).toBe(1);
  expect(list.big(15, 8)).toBe(zoneBlocks);
});

test('has no zone command where there are no zones', {
  spec: 'ZNS Command Set 1.1, Zoned Namespace Command Set I/O Commands',
}, async ({ nvme0n1, qpair, buf }) => {
  for (const opcode of [nvmOpcode.zoneAppend, nvmOpcode.zoneManagementSend, nvmOpcode.zoneManagementReceive]) {
    await expect(nvme0n1.send(qpair, { opcode }, buf)).toRejectWithStatus('Invalid Command Opcode');
  }
});

test('has no open zone and a write pointer behind what is durable after a loss of power', {
  spec: 'ZNS Command Set 1.1, Zoned Namespace Command Set Model',
  tags: ['power'],
}, async ({ ssd, ns, q, data }) => {
  await ns.write(q, data, { slba: 0, blockCount: 4 });
  await ns.flush(q);
  await ns.write(q, data, { slba: 4, blockCount: 4 });
  await ns.write(q, data, { slba: zoneBlocks, blockCount: 4, fua: true });
  await (await ns.zone(q, 2n * zoneBlocks)).open(q);
  await ssd.power('off');
  await ssd.power('on');
  await ssd.initialize();
  const after = await ssd.createQpair();
  const [first, second, third] = await ssd.namespace(1).zones(after, { most: 3 });
  expect(first?.writePointer).toBe(4n);
  expect(second?.writePointer).toBe(zoneBlocks + 4n);
  expect([first?.state, second?.state, third?.state]).toEqual(['closed', 'closed', 'empty']);
});
