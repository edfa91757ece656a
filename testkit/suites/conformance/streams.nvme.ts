import { type Controller, DmaBuffer, expect, type Qpair, test } from '@doorbell/testkit';

const spec = 'NVMe Base 2.0, Streams (Directive Type 01h)';
const identify = 0;
const streams = 1;
const enableStreams = (streams << 8) | 1;
const disableStreams = streams << 8;
const releaseIdentifier = 1;
const parameters = 1;
const status = 2;
const allocate = 3;

async function enable(nvme0: Controller): Promise<void> {
  await nvme0.directiveSend(undefined, { type: identify, operation: 1, cdw12: enableStreams });
}

async function openStreams(nvme0: Controller): Promise<number[]> {
  const page = new DmaBuffer(4096);
  await nvme0.directiveReceive(page, { type: streams, operation: status });
  return Array.from({ length: page.word(0) }, (_, index) => page.word(2 + 2 * index));
}

async function parametersOf(nvme0: Controller) {
  const page = new DmaBuffer(32);
  await nvme0.directiveReceive(page, { type: streams, operation: parameters });
  return { msl: page.u(1, 0), nsso: page.u(5, 4), nsa: page.u(23, 22), nso: page.u(25, 24) };
}

const write = (nvme0: Controller, qpair: Qpair, data: DmaBuffer, stream: number) =>
  nvme0.namespace(1).write(qpair, data, { slba: 0, stream });

test('a write opens its stream, and keeps it open until the host releases it', { spec, fresh: true }, async ({
  nvme0,
  qpair,
  buf,
}) => {
  await enable(nvme0);
  for (const stream of [7, 3, 7, 0xffff]) await write(nvme0, qpair, buf, stream);
  expect(await openStreams(nvme0)).toEqual([3, 7, 0xffff]);
  expect(await parametersOf(nvme0)).toMatchObject({ nso: 3, nsso: 3, nsa: 0 });
  await nvme0.directiveSend(undefined, { type: streams, operation: releaseIdentifier, specific: 7 });
  expect(await openStreams(nvme0)).toEqual([3, 0xffff]);
});

test('stream identifier 0 is a write to no stream, and a write that fails opens none', { spec, fresh: true }, async ({
  nvme0,
  nvme0n1,
  qpair,
  buf,
}) => {
  await enable(nvme0);
  await write(nvme0, qpair, buf, 0);
  await expect(nvme0n1.write(qpair, buf, { slba: nvme0n1.nsze, stream: 4 })).toRejectWithStatus('LBA Out of Range');
  expect(await openStreams(nvme0)).toEqual([]);
});

test('resources of a namespace bound its streams: the one used longest ago closes', { spec, fresh: true }, async ({
  nvme0,
  qpair,
  buf,
}) => {
  await enable(nvme0);
  const { dw0 } = await nvme0.directiveReceive(undefined, { type: streams, operation: allocate, cdw12: 2 });
  expect(dw0).toBe(2);
  for (const stream of [1, 2, 1, 3]) await write(nvme0, qpair, buf, stream);
  expect(await openStreams(nvme0)).toEqual([1, 3]);
  expect(await parametersOf(nvme0)).toMatchObject({ nsa: 2, nso: 2, nsso: 0 });
});

test('without resources of its own a namespace has all that are left', { spec, fresh: true }, async ({
  nvme0,
  qpair,
  buf,
}) => {
  await enable(nvme0);
  const { msl } = await parametersOf(nvme0);
  for (let stream = 1; stream <= msl + 1; stream += 1) await write(nvme0, qpair, buf, stream);
  const open = await openStreams(nvme0);
  expect(open.length).toBe(msl);
  expect(open[0]).toBe(2);
});

test('commands that copy go to streams as well', { spec: 'NVM Command Set 1.0, Copy command', fresh: true }, async ({
  nvme0,
  nvme0n1,
  qpair,
  buf,
}) => {
  await enable(nvme0);
  await nvme0n1.write(qpair, buf, { slba: 0 });
  await nvme0n1.copy(qpair, { slba: 0 }, { slba: 8, stream: 5 });
  expect(await openStreams(nvme0)).toEqual([5]);
});

test('a write that names a directive that is not enabled is refused', { spec, fresh: true }, async ({
  nvme0,
  nvme0n1,
  qpair,
  buf,
}) => {
  await expect(write(nvme0, qpair, buf, 1)).toRejectWithStatus('Invalid Field in Command');
  await enable(nvme0);
  await write(nvme0, qpair, buf, 1);
  const dtype = (type: number) => nvme0n1.send(qpair, { opcode: 0x01, cdw12: type * 2 ** 20 }, buf, { length: 512 });
  await expect(dtype(2)).toRejectWithStatus('Invalid Field in Command');
  await nvme0.directiveSend(undefined, { type: identify, operation: 1, cdw12: disableStreams });
  await expect(write(nvme0, qpair, buf, 1)).toRejectWithStatus('Invalid Field in Command');
});

test('a reset disables the directive and closes every stream', { spec }, async ({ nvme0, buf }) => {
  await enable(nvme0);
  await write(nvme0, await nvme0.createQpair(), buf, 1);
  await nvme0.reset();
  await enable(nvme0);
  expect(await openStreams(nvme0)).toEqual([]);
});
