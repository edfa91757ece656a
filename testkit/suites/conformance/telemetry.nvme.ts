import { test as base, type Controller, DmaBuffer, expect, type TelemetryHeader } from '@doorbell/testkit';
import { type Fresh, freshSsd } from './freshSsd.ts';

const test = base.extend<Fresh>(freshSsd('telemetry'));
const hostClause = 'NVMe Base 2.0, Telemetry Host-Initiated (Log Page Identifier 07h)';
const controllerClause = 'NVMe Base 2.0, Telemetry Controller-Initiated (Log Page Identifier 08h)';
const host = 0x07;
const controller = 0x08;
const reasonAt = 384;
const telemetryNotices = 1 << 10;

const reason = (header: TelemetryHeader) => header.ascii(511, reasonAt);

/** The controller captures its state when it fails. */
async function fails(ssd: Controller): Promise<void> {
  await ssd.faults.controllerFatal();
  await ssd.reset();
}

test('there is nothing before it is captured', { spec: hostClause }, async ({ ssd }) => {
  expect(ssd.identifyData.lpa & (1 << 3)).toBe(1 << 3);
  const header = await ssd.hostTelemetry({ create: false });
  expect([header.lid, header.lastBlocks, header.hostGeneration]).toEqual([host, [0, 0, 0, 0], 0]);
  const own = await ssd.controllerTelemetry();
  expect([own.lid, own.controllerDataAvailable, own.lastBlocks]).toEqual([controller, false, [0, 0, 0, 0]]);
});

test('the host has it captured; what was captured stays until it asks again', { spec: hostClause }, async ({ ssd }) => {
  const header = await ssd.hostTelemetry();
  const [one, two, three] = header.lastBlocks;
  expect(one > 0 && two >= one && three >= two).toBe(true);
  expect([header.hostGeneration, header.ieee]).toEqual([1, ssd.identifyData.ieee]);
  const data = await ssd.hostTelemetryData(3, {});
  expect(data.length).toBe((three + 1) * 512);
  const later = await ssd.logPage(host, data.length);
  await ssd.admin({ opcode: 0xff }, undefined, { allowError: true });
  expect((await ssd.logPage(host, data.length)).bytes).toEqual(later.bytes);
  expect((await ssd.hostTelemetry()).hostGeneration).toBe(3);
});

test('an area ends where the header says: zeros follow', { spec: hostClause }, async ({ ssd }) => {
  const header = await ssd.hostTelemetry();
  const beyond = await ssd.logPage(host, 512, { offset: header.bytesOf(3) });
  expect(beyond.bytes.every((byte) => byte === 0)).toBe(true);
});

test.each([
  [host, 4, 0],
  [host, 512, 4],
  [controller, 508, 0],
  [controller, 512, 508],
])('LID %d takes no %d bytes at %d: blocks only', { spec: hostClause }, async ({ ssd }, lid, length, offset) => {
  const read = ssd.getLogPage(lid, new DmaBuffer(4096), { length, offset });
  await expect(read).toRejectWithStatus('Invalid Field in Command');
});

test('the controller captures its state when it fails, and tells until it was read', {
  spec: controllerClause,
  tags: ['fatal'],
}, async ({ ssd }) => {
  await fails(ssd);
  const header = await ssd.controllerTelemetry({ rae: true });
  expect([header.controllerDataAvailable, header.controllerGeneration]).toEqual([true, 1]);
  expect(reason(header)).toContain('Fatal');
  expect((await ssd.hostTelemetry({ create: false })).controllerDataAvailable).toBe(true);
  await ssd.controllerTelemetry();
  expect((await ssd.controllerTelemetry()).controllerDataAvailable).toBe(false);
  expect((await ssd.hostTelemetry({ create: false })).controllerGeneration).toBe(1);
  await fails(ssd);
  expect((await ssd.controllerTelemetry()).controllerGeneration).toBe(2);
});

test('data of the controller outlive power', { spec: controllerClause, tags: ['power'] }, async ({ ssd }) => {
  await fails(ssd);
  const before = await ssd.logPage(controller, 2048, { rae: true });
  await ssd.subsystem.powerCycle();
  await ssd.reset();
  expect((await ssd.logPage(controller, 2048, { rae: true })).bytes).toEqual(before.bytes);
});

test('a capture is in the persistent event log with its header', {
  spec: 'NVMe Base 2.0, Telemetry Log Create Event (Event Type 0Ch)',
}, async ({ ssd }) => {
  const header = await ssd.hostTelemetry();
  const [event] = (await ssd.persistentEventLog()).events;
  expect([event?.type, event?.data.bytes]).toEqual([0x0c, header.bytes]);
});

test('a notice is only given where it is asked for', {
  spec: 'NVMe Base 2.0, Asynchronous Event Configuration (Feature Identifier 0Bh): Telemetry Log Notices',
}, async ({ ssd }) => {
  await ssd.setFeatures(0x0b, telemetryNotices);
  expect((await ssd.getFeatures(0x0b)).dw0).toBe(telemetryNotices);
  ssd.aer.arm();
  await ssd.hostTelemetry();
  await expect(ssd.aer.next({ timeoutMs: 50 })).rejects.toThrow('no asynchronous event');
});
