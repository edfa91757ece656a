import { allNamespaces, test as base, type Controller, DmaBuffer, expect } from '@doorbell/testkit';
import { type Fresh, freshSsd } from './freshSsd.ts';

// The admin commands; writes to streams are in the suite of streams.
const test = base.extend<Fresh>(freshSsd('directives', 'size=64M&namespaces=2'));
const identifyClause = 'NVMe Base 2.0, Directives: Identify (Directive Type 00h)';
const streamsClause = 'NVMe Base 2.0, Directives: Streams (Directive Type 01h)';
const type = { identify: 0, streams: 1 } as const;
const receive = { parameters: 1, status: 2, allocate: 3 } as const;
const send = { enable: 1, releaseIdentifier: 1, releaseResources: 2 } as const;

const enable = (ssd: Controller, on: boolean, nsid = 1) =>
  ssd.directiveSend(undefined, { type: type.identify, operation: send.enable, nsid, cdw12: 0x0100 | (on ? 1 : 0) });

async function received(
  ssd: Controller,
  operation: number,
  { of = type.streams as number, nsid = 1, cdw12 = 0, bytes = 4096 } = {},
) {
  const buffer = new DmaBuffer(bytes, { pattern: 'ones' });
  const cqe = await ssd.directiveReceive(buffer, { type: of, operation, nsid, cdw12 });
  return { dw0: cqe.dw0, data: buffer };
}

/** MSL, NSSA, NSSO; SWS, SGS, NSA, NSO. */
async function parameters(ssd: Controller, nsid = 1) {
  const { data } = await received(ssd, receive.parameters, { nsid, bytes: 32 });
  return {
    most: data.u(1, 0),
    available: data.u(3, 2),
    open: data.u(5, 4),
    writeSize: data.u(19, 16),
    granularity: data.u(21, 20),
    allocated: data.u(23, 22),
    openHere: data.u(25, 24),
  };
}
const allocate = (ssd: Controller, count: number, nsid = 1) =>
  ssd.directiveReceive(undefined, { type: type.streams, operation: receive.allocate, nsid, cdw12: count });

test('says which Directives there are and which are enabled', { spec: identifyClause }, async ({ ssd }) => {
  expect(ssd.identifyData.oacs & (1 << 5)).toBe(1 << 5);
  const bits = async (nsid = 1) => {
    const { data } = await received(ssd, receive.parameters, { of: type.identify, nsid });
    expect(data.slice(96).every((byte) => byte === 0)).toBe(true);
    return [data.byte(0), data.byte(32), data.byte(64)];
  };
  expect(await bits()).toEqual([0b11, 0b01, 0]);
  await enable(ssd, true);
  expect([await bits(), await bits(2)]).toEqual([
    [0b11, 0b11, 0],
    [0b11, 0b01, 0],
  ]);
  await enable(ssd, false);
  expect(await bits()).toEqual([0b11, 0b01, 0]);
});

test('the Identify Directive cannot be disabled', { spec: identifyClause }, async ({ ssd }) => {
  const set = (cdw12: number) => ssd.directiveSend(undefined, { type: type.identify, operation: send.enable, cdw12 });
  await set(0x0001);
  await expect(set(0x0000)).toRejectWithStatus('Invalid Field in Command');
  await expect(set(0x0201)).toRejectWithStatus('Invalid Field in Command');
});

test('streams are disabled until the host enables them, and by a reset', { spec: streamsClause }, async ({ ssd }) => {
  const refused = () => expect(parameters(ssd)).toRejectWithStatus('Invalid Field in Command');
  await refused();
  await enable(ssd, true);
  expect((await parameters(ssd)).most).toBeGreaterThan(0);
  await ssd.reset();
  await refused();
});

test('enabling for NSID FFFFFFFFh enables it everywhere', { spec: identifyClause }, async ({ ssd }) => {
  await enable(ssd, true, allNamespaces);
  await parameters(ssd, 1);
  await parameters(ssd, 2);
});

test('resources are allocated for a namespace alone, and released', { spec: streamsClause }, async ({ ssd }) => {
  await enable(ssd, true, allNamespaces);
  const { most } = await parameters(ssd);
  expect(await parameters(ssd)).toMatchObject({ available: most, allocated: 0, open: 0, openHere: 0 });
  expect((await allocate(ssd, 3)).dw0 & 0xffff).toBe(3);
  expect(await parameters(ssd)).toMatchObject({ available: most - 3, allocated: 3 });
  expect(await parameters(ssd, 2)).toMatchObject({ available: most - 3, allocated: 0 });
  await expect(allocate(ssd, 1)).toRejectWithStatus('Invalid Field in Command');
  await ssd.directiveSend(undefined, { type: type.streams, operation: send.releaseResources });
  expect(await parameters(ssd)).toMatchObject({ available: most, allocated: 0 });
});

test('fewer resources are given than asked for, and none when there are none', { spec: streamsClause }, async ({
  ssd,
}) => {
  await enable(ssd, true, allNamespaces);
  const { most } = await parameters(ssd);
  expect((await allocate(ssd, most + 5)).dw0 & 0xffff).toBe(most);
  expect((await parameters(ssd)).available).toBe(0);
  await expect(allocate(ssd, 1, 2)).toRejectWithStatus('Stream Resource Allocation Failed');
});

test('sizes are multiples of blocks of the namespace', { spec: streamsClause }, async ({ ssd }) => {
  await enable(ssd, true, allNamespaces);
  const small = await parameters(ssd);
  await ssd.format({ nsid: 2, lbaf: 1 });
  await enable(ssd, true, 2);
  const large = await parameters(ssd, 2);
  expect(small.writeSize * 512).toBe(large.writeSize * 4096);
  expect(small.granularity).toBe(large.granularity);
  const subsystem = await parameters(ssd, allNamespaces);
  expect([subsystem.writeSize, subsystem.granularity, subsystem.allocated]).toEqual([0, 0, 0]);
});

test('no stream is open before it is written to', { spec: streamsClause }, async ({ ssd }) => {
  await enable(ssd, true);
  const { data } = await received(ssd, receive.status, { bytes: 64 });
  expect(data.slice(0, 4)).toEqual(new Uint8Array(4));
  await ssd.directiveSend(undefined, { type: type.streams, operation: send.releaseIdentifier, specific: 1000 });
  expect(await parameters(ssd)).toMatchObject({ open: 0, openHere: 0 });
});

test('a format releases what the namespace had', { spec: streamsClause }, async ({ ssd }) => {
  await enable(ssd, true);
  await allocate(ssd, 2);
  await ssd.format();
  await expect(parameters(ssd)).toRejectWithStatus('Invalid Field in Command');
  await enable(ssd, true);
  expect((await parameters(ssd)).allocated).toBe(0);
});

test('refuses types and operations it has not', {
  spec: 'NVMe Base 2.0, Directive Send command; Directive Receive command',
}, async ({ ssd }) => {
  await enable(ssd, true);
  const invalid = 'Invalid Field in Command';
  for (const [of, operation] of [
    [type.identify, 0],
    [type.identify, 2],
    [type.streams, 0],
    [type.streams, 4],
    [2, 1],
    [0xff, 1],
  ] as const) {
    await expect(received(ssd, operation, { of })).toRejectWithStatus(invalid);
    const sent = ssd.directiveSend(undefined, { type: of, operation: operation === 2 ? 3 : operation });
    await expect(sent).toRejectWithStatus(invalid);
  }
});

test('refuses namespaces that are not there', { spec: 'NVMe Base 2.0, Namespace Identifier (NSID)' }, async ({
  ssd,
}) => {
  const of = type.identify;
  await expect(received(ssd, 1, { of, nsid: 3 })).toRejectWithStatus('Invalid Field in Command');
  await expect(received(ssd, 1, { of, nsid: 0 })).toRejectWithStatus('Invalid Namespace or Format');
  await expect(enable(ssd, true, ssd.identifyData.nn + 1)).toRejectWithStatus('Invalid Namespace or Format');
});
