import {
  test as base,
  type Controller,
  DmaBuffer,
  expect,
  Fields,
  type ManagementInterfaceOptions,
} from '@doorbell/testkit';
import { image } from './firmwareImage.ts';
import { type Fresh, freshSsd } from './freshSsd.ts';

const test = base.extend<Fresh>(freshSsd('management-interface'));
const clause = (command: string) => `NVMe-MI 1.2, ${command}`;
const tunneling = clause('In-Band Tunneling Message Servicing Model');

const mi = { read: 0, subsystemHealth: 1, controllerHealth: 2, set: 3, get: 4, vpdRead: 5, vpdWrite: 6 } as const;
const invalidOpcode = 0x03;
const invalidParameter = 0x04;
const untouched = 0xff;

/** Response Message Status (7:0) and NVMe Management Response (31:8). */
const response = (dw0: number) => ({ status: dw0 & 0xff, value: dw0 >>> 8 });
/** Where a parameter is in the Request Message. */
const wrong = (byte: number, bit = 0) => ({ status: invalidParameter, value: bit | (byte << 8) });
const success = (value = 0) => ({ status: 0, value });

async function receive(ssd: Controller, opcode: number, nmd0 = 0, nmd1 = 0) {
  const buffer = new DmaBuffer(512, { pattern: 'ones' });
  const cqe = await ssd.miReceive(buffer, { opcode, nmd0, nmd1 });
  return { ...response(cqe.dw0), data: new Fields(buffer.slice()) };
}

async function send(ssd: Controller, options: ManagementInterfaceOptions, buffer?: DmaBuffer) {
  return response((await ssd.miSend(buffer, options)).dw0);
}

/** Composite Controller Status, which is cleared. */
async function changes(ssd: Controller): Promise<number> {
  return (await receive(ssd, mi.subsystemHealth, 0, 0x8000_0000)).data.u(5, 4);
}

test('Identify says that there is NVMe-MI in-band, and no Management Endpoint', {
  spec: 'NVMe Base 2.0, Optional Admin Command Support',
}, ({ ssd }) => {
  expect(ssd.identifyData.oacs & (1 << 6)).toBe(1 << 6);
  expect(ssd.idData(255, 253)).toBe(0x00_ff_01);
});

test('data structures say what the NVM subsystem is', { spec: clause('Read NVMe-MI Data Structure') }, async ({
  ssd,
}) => {
  const subsystem = await receive(ssd, mi.read);
  expect(response((subsystem.value << 8) | subsystem.status)).toEqual(success(32));
  expect([subsystem.data.u(0), subsystem.data.u(1), subsystem.data.u(2)]).toEqual([0, 1, 2]);
  expect(subsystem.data.u(32)).toBe(untouched);
  const port = await receive(ssd, mi.read, 0x0100_0000);
  expect([port.value, port.data.u(0), port.data.u(10), port.data.u(12)]).toEqual([32, 1, 3, 4]);
  const controllers = await receive(ssd, mi.read, 0x0200_0000);
  expect([controllers.value, controllers.data.u(1, 0), controllers.data.u(3, 2)]).toEqual([4, 1, 1]);
  const controller = await receive(ssd, mi.read, 0x0300_0001);
  expect(controller.data.u(9, 8)).toBe(ssd.idData(1, 0) as number);
  const optional = await receive(ssd, mi.read, 0x0400_0001);
  expect([optional.value, optional.data.u(1, 0)]).toEqual([10, 4]);
});

test('data structures there are not are invalid parameters', {
  spec: clause('Read NVMe-MI Data Structure'),
}, async ({ ssd }) => {
  for (const [nmd0, at] of [
    [0x0101_0000, 10],
    [0x0300_0009, 8],
    [0x0500_0000, 11],
    [0xff00_0000, 11],
  ] as const) {
    const { status, value, data } = await receive(ssd, mi.read, nmd0);
    expect({ status, value }).toEqual(wrong(at));
    expect(data.u(0)).toBe(untouched);
  }
});

test('the health of the NVM subsystem follows its sensors', {
  spec: clause('NVM Subsystem Health Status Poll'),
}, async ({ ssd }) => {
  await changes(ssd);
  await ssd.faults.health({ temperatureC: 77, availableSpare: 3, percentageUsed: 90 });
  const { status, data } = await receive(ssd, mi.subsystemHealth);
  expect(status).toBe(0);
  expect([data.u(0), data.u(1), data.u(2), data.u(3)]).toEqual([0x38, 0xff & ~0x03, 77, 90]);
  expect(data.u(5, 4)).toBe((1 << 9) | (1 << 10) | (1 << 11) | (1 << 12));
});

test('a reset, and a namespace that changes, are told until they are cleared', {
  spec: clause('Health Status Change'),
}, async ({ ssd }) => {
  await changes(ssd);
  expect(await changes(ssd)).toBe(0);
  await ssd.reset();
  expect((await receive(ssd, mi.subsystemHealth)).data.u(5, 4)).toBe(0x121);
  expect(await send(ssd, { opcode: mi.set, nmd0: 2, nmd1: 1 << 4 })).toEqual(success());
  expect(await changes(ssd)).toBe(0x101);
  await ssd.detachNamespace(1);
  expect(await changes(ssd)).toBe(0x140);
  await ssd.attachNamespace(1);
  expect(await changes(ssd)).toBe(0x140);
});

test('the health of the controller is told to who asks for it', {
  spec: clause('Controller Health Status Poll'),
}, async ({ ssd }) => {
  const { status, value, data } = await receive(ssd, mi.controllerHealth, 0x8100_0000, 0x8000_0000);
  expect({ status, value }).toEqual(success(1 << 16));
  expect([data.u(1, 0), data.u(2) & 0x0f, data.u(5, 4), data.u(7)]).toEqual([1, 1, 313, 100]);
  const temperature = 1 << 1;
  expect((await receive(ssd, mi.controllerHealth, 0x0100_0000, temperature)).value).toBe(0);
  await ssd.faults.health({ temperatureC: 47 });
  const changed = await receive(ssd, mi.controllerHealth, 0x0100_0000, temperature);
  expect([changed.value, changed.data.u(5, 4)]).toEqual([1 << 16, 320]);
});

test('only Health Status Change is configured in-band', { spec: clause('Configuration Get') }, async ({ ssd }) => {
  expect((await receive(ssd, mi.get, 2)).status).toBe(0);
  for (const nmd0 of [0, 1, 3, 4]) {
    const got = await receive(ssd, mi.get, nmd0);
    expect({ status: got.status, value: got.value }).toEqual(wrong(8));
    expect(await send(ssd, { opcode: mi.set, nmd0 })).toEqual(wrong(8));
  }
});

test('Vital Product Data is written in parts', { spec: clause('VPD Write') }, async ({ ssd }) => {
  const before = (await receive(ssd, mi.vpdRead, 0, 256)).data.bytes;
  expect(before.subarray(0, 8).reduce((sum, byte) => sum + byte) & 0xff).toBe(0);
  const buffer = new DmaBuffer(4, { pattern: 'zeros' });
  expect(await send(ssd, { opcode: mi.vpdWrite, nmd0: 240, nmd1: 4 }, buffer)).toEqual(success());
  await ssd.reset();
  const after = (await receive(ssd, mi.vpdRead, 0, 256)).data.bytes;
  expect([...after.subarray(239, 246)]).toEqual([0xff, 0, 0, 0, 0, 0xff, 0xff]);
  expect([...after.subarray(0, 240)]).toEqual([...before.subarray(0, 240)]);
  expect(await send(ssd, { opcode: mi.vpdWrite, nmd0: 255, nmd1: 2 }, buffer)).toEqual(wrong(12));
});

test('other messages, and other commands, are refused in the response', { spec: tunneling }, async ({ ssd }) => {
  for (const messageType of [0, 2, 4, 15]) {
    expect(await send(ssd, { opcode: mi.set, messageType, nmd0: 2 })).toEqual(wrong(1, 3));
  }
  for (const opcode of [7, 8, 9, 10, 11, 12, 13, 0xff, mi.vpdWrite]) {
    expect((await receive(ssd, opcode)).status).toBe(invalidOpcode);
  }
  for (const opcode of [mi.read, mi.vpdRead, 7, 12]) {
    expect(await send(ssd, { opcode })).toEqual({ status: invalidOpcode, value: 0 });
  }
});

test('data that cannot be transferred fails the NVMe command', { spec: tunneling }, async ({ ssd }) => {
  const sqe = { opcode: 0x1e, cdw10: 0x804, cdw11: mi.subsystemHealth, prp1: 0xdead_0000_0000n };
  const cqe = await ssd.admin(sqe, undefined, { allowError: true });
  expect(cqe.status.name).toBe('Data Transfer Error');
  expect(cqe.dw0).toBe(0);
});

test('the log page lists the commands there are', {
  spec: 'NVMe Base 2.0, NVMe-MI Commands Supported and Effects (Log Page Identifier 13h)',
}, async ({ ssd }) => {
  const buffer = new DmaBuffer(4096);
  await ssd.getLogPage(0x13, buffer);
  const log = new Fields(buffer.slice());
  const supported = Array.from({ length: 256 }, (_, opcode) => opcode).filter((opcode) => log.u(opcode * 4) & 1);
  expect(supported).toEqual(Object.values(mi));
});

test('firmware that was activated, at once or by a reset, is told', {
  spec: clause('NVM Subsystem Health Status Poll'),
}, async ({ ssd }) => {
  const activated = 1 << 7;
  await ssd.downloadFirmware(image('NOW', { activation: 'immediate' }));
  await ssd.firmwareCommit({ action: 3, slot: 3 });
  expect((await changes(ssd)) & activated).toBe(activated);
  await ssd.reset();
  expect((await changes(ssd)) & activated).toBe(0);
  await ssd.firmwareCommit({ action: 2, slot: 1 });
  expect((await changes(ssd)) & activated).toBe(0);
  await ssd.reset();
  expect((await changes(ssd)) & activated).toBe(activated);
});
