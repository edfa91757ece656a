import { adminOpcode, type Controller, DmaBuffer, expect, type SecurityOptions, test } from '@doorbell/testkit';

const receiveClause = 'NVMe Base 2.0, Security Receive command';
const information = 0x00;
const supportedProtocols = 0;
const certificate = 1;

async function receive(nvme0: Controller, options: SecurityOptions): Promise<Uint8Array> {
  const buffer = new DmaBuffer(64, { pattern: 'ones' });
  await nvme0.securityReceive(buffer, { protocol: information, ...options });
  return buffer.slice();
}

test('Identify says that there is Security Send and Receive', {
  spec: 'NVMe Base 2.0, Optional Admin Command Support',
}, ({ nvme0 }) => {
  expect(nvme0.identifyData.oacs & 1).toBe(1);
});

test('lists the security protocols it has', { spec: `${receiveClause}: Security Protocol 00h` }, async ({ nvme0 }) => {
  const list = await receive(nvme0, { spSpecific: supportedProtocols });
  expect([...list.subarray(0, 6)]).toEqual([0, 0, 0, 0, 0, 0]);
  const count = ((list[6] ?? 0) << 8) | (list[7] ?? 0);
  expect([...list.subarray(8, 8 + count)]).toEqual([information]);
  expect(list[8 + count]).toBe(0xff);
});

test('has no certificate', { spec: `${receiveClause}: Security Protocol 00h` }, async ({ nvme0 }) => {
  expect([...(await receive(nvme0, { spSpecific: certificate })).subarray(0, 5)]).toEqual([0, 0, 0, 0, 0xff]);
});

test('writes no more than the Allocation Length', { spec: receiveClause }, async ({ nvme0 }) => {
  const list = await receive(nvme0, { length: 4 });
  expect([...list.subarray(0, 5)]).toEqual([0, 0, 0, 0, 0xff]);
  expect((await receive(nvme0, { length: 0 })).every((byte) => byte === 0xff)).toBe(true);
});

test('refuses protocols and SP specific values it has not', { spec: receiveClause }, async ({ nvme0, buf }) => {
  for (const protocol of [0x01, 0x06, 0xea, 0xef, 0xff]) {
    await expect(receive(nvme0, { protocol })).toRejectWithStatus('Invalid Field in Command');
  }
  for (const spSpecific of [2, 3, 0xffff]) {
    await expect(receive(nvme0, { spSpecific })).toRejectWithStatus('Invalid Field in Command');
  }
  for (const protocol of [information, 0x01, 0xea]) {
    await expect(nvme0.securitySend(buf, { protocol })).toRejectWithStatus('Invalid Field in Command');
  }
});

test('names the field that is wrong', { spec: 'NVMe Base 2.0, Error Information: Parameter Error Location' }, async ({
  nvme0,
}) => {
  const cdw10 = 40;
  await expect(receive(nvme0, { protocol: 0xea })).toRejectWithStatus('Invalid Field in Command');
  expect((await nvme0.errorLog(1))[0]?.parameterErrorLocation).toBe(cdw10 + 3);
  await expect(receive(nvme0, { spSpecific: 9 })).toRejectWithStatus('Invalid Field in Command');
  expect((await nvme0.errorLog(1))[0]?.parameterErrorLocation).toBe(cdw10 + 1);
});

test('takes no memory that is not there', { spec: receiveClause }, async ({ nvme0 }) => {
  const sqe = { opcode: adminOpcode.securityReceive, cdw11: 64, prp1: 0xdead_0000_0000n };
  await expect(nvme0.admin(sqe)).toRejectWithStatus('Data Transfer Error');
});
