import { test as base, Controller, DmaBuffer, expect, type Namespace, nvmOpcode, type Qpair } from '@doorbell/testkit';
import { type Fresh, freshSsd } from './freshSsd.ts';

// Namespace 1 transfers metadata apart from its data, namespace 2 with it.
const test = base.extend<Fresh>(
  freshSsd('metadata', 'size=64M&namespaces=3&lbaSize=512+8,512+8:extended,4096+64:extended'),
);
const clause = 'NVM Command Set 1.0, Metadata';
const blocks = 9;
const random = (bytes: number, seed = 1) => new DmaBuffer(bytes, { pattern: { random: seed } });

test('Identify says where metadata may be', { spec: clause }, async ({ ssd }) => {
  expect(ssd.namespaces.map(({ identifyData: id }) => [id.u(27) & 0b11, (id.flbas >> 4) & 1])).toEqual([
    [0b11, 0],
    [0b11, 1],
    [0b11, 1],
  ]);
});

test('metadata apart are written and read by their pointer', { spec: clause }, async ({ ns, q }) => {
  const [data, metadata] = [random(blocks * 512), random(blocks * 8, 2)];
  await ns.write(q, data, { slba: 5, blockCount: blocks, metadata });
  const [foundData, found] = [new DmaBuffer(blocks * 512), new DmaBuffer(blocks * 8)];
  await ns.read(q, foundData, { slba: 5, blockCount: blocks, metadata: found });
  expect([foundData.slice(), found.slice()]).toEqual([data.slice(), metadata.slice()]);
  await ns.read(q, new DmaBuffer(512), { slba: 7, metadata: found });
  expect(found.slice(0, 16)).toEqual(Uint8Array.from([...metadata.slice(16, 24), ...metadata.slice(8, 16)]));
});

test.each([2, 3])('metadata of namespace %d follow each block of data', { spec: clause }, async ({ ssd, q }, nsid) => {
  const ns = ssd.namespace(nsid);
  const data = random(blocks * ns.blockBytes);
  await ns.write(q, data, { slba: 5, blockCount: blocks });
  const found = new DmaBuffer(blocks * ns.blockBytes);
  await ns.read(q, found, { slba: 5, blockCount: blocks });
  expect(found.compare(data)).toBeUndefined();
  const one = new DmaBuffer(ns.blockBytes);
  await ns.read(q, one, { slba: 7 });
  expect(one.slice()).toEqual(data.slice(2 * ns.blockBytes, 3 * ns.blockBytes));
});

/** Data and metadata of a block, of whichever layout. */
async function block(ns: Namespace, q: Qpair, slba: number): Promise<Uint8Array> {
  const [data, metadata] = [new DmaBuffer(ns.blockBytes), new DmaBuffer(ns.metadataBytes)];
  await ns.read(q, data, { slba, ...(!ns.layout.extended && { metadata }) });
  return Uint8Array.from([...data.slice(), ...(ns.layout.extended ? [] : metadata.slice())]);
}

test.each([1, 2])(
  'never written, zeroed and deallocated blocks of namespace %d have metadata of their own',
  {
    spec: 'NVM Command Set 1.0, Deallocated or Unwritten Logical Blocks; Write Zeroes command',
  },
  async ({ ssd, q }, nsid) => {
    const ns = ssd.namespace(nsid);
    const never = await block(ns, q, 0);
    const [data, metadata] = [random(ns.blockBytes), random(8, 3)];
    const options = ns.layout.extended ? {} : { metadata };
    const write = () => ns.write(q, data, { slba: 1, ...options });
    await write();
    await ns.writeZeroes(q, { slba: 1 });
    expect((await block(ns, q, 1)).every((byte) => byte === 0)).toBe(true);
    await write();
    const ranges = new DmaBuffer(16);
    ranges.setDsmRange(0, 1, 1);
    await ns.dsm(q, ranges, { ranges: 1, deallocate: true });
    expect(await block(ns, q, 1)).toEqual(never);
    expect(never.slice(0, 512).every((byte) => byte === 0)).toBe(true);
  },
);

test('Compare compares metadata, too', { spec: 'NVM Command Set 1.0, Compare command' }, async ({ ns, q }) => {
  const [data, metadata] = [random(512), random(8, 2)];
  await ns.write(q, data, { slba: 0, metadata });
  await ns.compare(q, data, { slba: 0, metadata });
  metadata.setByte(3, metadata.byte(3) ^ 1);
  await expect(ns.compare(q, data, { slba: 0, metadata })).toRejectWithStatus('Compare Failure');
});

test('metadata survive what data survive', { spec: clause, tags: ['power'] }, async ({ ssd, ns, q }) => {
  const [data, metadata] = [random(512), random(8, 2)];
  await ns.write(q, data, { slba: 0, metadata, fua: true });
  await ssd.subsystem.powerCycle();
  await ssd.reset();
  const found = await block(ns, await ssd.createQpair(), 0);
  expect(found).toEqual(Uint8Array.from([...data.slice(), ...metadata.slice()]));
});

test('a metadata pointer that leads nowhere fails the command and changes nothing', {
  spec: 'NVMe Base 2.0, Metadata Pointer (MPTR); Status Code: Data Transfer Error',
}, async ({ ns, q }) => {
  const before = await block(ns, q, 0);
  const send = (mptr: bigint) => q.send({ opcode: nvmOpcode.write, nsid: 1, mptr }, random(512));
  await expect(send(0xdead_0000_0000n)).toRejectWithStatus('Data Transfer Error');
  await expect(send(0xdead_0000_0001n)).toRejectWithStatus('Invalid Field in Command');
  expect(await block(ns, q, 0)).toEqual(before);
  expect(Controller).toBeDefined();
});

test('extended data count for MDTS', { spec: 'NVMe Base 2.0, Maximum Data Transfer Size' }, async ({ ssd, q }) => {
  const ns = ssd.namespace(2);
  const most = Math.floor(ssd.maxTransferBytes / ns.blockBytes);
  const buffer = new DmaBuffer((most + 1) * ns.blockBytes);
  await ns.read(q, buffer, { slba: 0, blockCount: most });
  await expect(ns.read(q, buffer, { slba: 0, blockCount: most + 1 })).toRejectWithStatus('Invalid Field in Command');
});
