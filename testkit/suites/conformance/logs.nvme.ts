import { adminOpcode, type Controller, DmaBuffer, expect, Fields, nvmOpcode, test } from '@doorbell/testkit';

const lid = {
  error: 0x01,
  smart: 0x02,
  changed: 0x04,
  hostTelemetry: 0x07,
  telemetry: 0x08,
  persistent: 0x0d,
  reservation: 0x80,
} as const;
const act = { read: 0, establish: 1, release: 2, header: 3 } as const;
const timestamp = 0x0e;
const softwareProgress = 0x80;

interface Read {
  readonly offset?: number;
  readonly lsp?: number;
  readonly rae?: boolean;
}

async function page(nvme0: Controller, id: number, length: number, options: Read = {}): Promise<Fields> {
  const buffer = new DmaBuffer(length);
  await nvme0.getLogPage(id, buffer, options);
  return new Fields(buffer.slice());
}

test('returns any part of a page, and zeros after its end', { spec: 'NVMe Base 2.0, Get Log Page command' }, async ({
  nvme0,
}) => {
  const whole = await page(nvme0, lid.smart, 512, { rae: true });
  const part = await page(nvme0, lid.smart, 64, { offset: 480, rae: true });
  expect(part.big(31, 24)).toBe(whole.big(511, 504));
  expect(part.big(39, 32)).toBe(0n);
  expect((await page(nvme0, lid.smart, 64, { offset: 512 })).big(7, 0)).toBe(0n);
  await expect(page(nvme0, lid.smart, 64, { offset: 516 })).toRejectWithStatus('Invalid Field in Command');
});

test('refuses what a page does not support', { spec: 'NVMe Base 2.0, Get Log Page command' }, async ({
  nvme0,
  buf,
}) => {
  await expect(nvme0.getLogPage(lid.smart, buf, { length: 64, nsid: 1 })).toRejectWithStatus(
    'Invalid Field in Command',
  );
  const byIndex = { opcode: adminOpcode.getLogPage, cdw10: 0x000f_0000 + lid.smart, cdw14: 1 << 23 };
  await expect(nvme0.admin(byIndex, buf)).toRejectWithStatus('Invalid Field in Command');
});

test('an error entry names the command, the field and the status', {
  spec: 'NVMe Base 2.0, Error Information (Log Page Identifier 01h)',
}, async ({ nvme0, nvme0n1, qpair, buf }) => {
  const slba = nvme0n1.nsze + 5n;
  const failed = await nvme0n1.read(qpair, buf, { slba, allowError: true });
  expect(failed.status.more).toBe(true);
  expect(failed.status.dnr).toBe(true);
  const entry = await page(nvme0, lid.error, 64);
  expect(entry.u(9, 8)).toBe(qpair.qid);
  expect(entry.u(11, 10)).toBe(failed.cid);
  expect((entry.u(13, 12) >> 1) & 0x7ff).toBe(0x080);
  expect(entry.u(15, 14)).toBe(40);
  expect(entry.big(23, 16)).toBe(slba);
  expect(entry.u(27, 24)).toBe(1);
  expect(entry.u(31)).toBe(nvmOpcode.read);
  expect(entry.u(63)).toBe(1);
  expect((await nvme0.smart()).big(183, 176)).toBe(entry.big(7, 0));
});

test('the error count outlives a reset, the entries do not', {
  spec: 'NVMe Base 2.0, Error Information (Log Page Identifier 01h)',
}, async ({ nvme0 }) => {
  await nvme0.admin({ opcode: 0xff }, undefined, { allowError: true });
  const count = (await page(nvme0, lid.error, 64)).big(7, 0);
  await nvme0.reset();
  expect((await page(nvme0, lid.error, 64)).big(7, 0)).toBe(0n);
  await nvme0.admin({ opcode: 0xff }, undefined, { allowError: true });
  expect((await page(nvme0, lid.error, 64)).big(7, 0)).toBe(count + 1n);
});

test('SMART has temperatures of the sensors', {
  spec: 'NVMe Base 2.0, SMART / Health Information (Log Page Identifier 02h)',
}, async ({ nvme0 }) => {
  const smart = await page(nvme0, lid.smart, 512);
  expect(smart.u(2, 1)).toBe(smart.u(201, 200));
  expect(smart.u(203, 202)).toBeGreaterThan(0);
  expect(smart.u(205, 204)).toBe(0);
});

test('telemetry is captured when the host asks, and counted', {
  spec: 'NVMe Base 2.0, Telemetry Host-Initiated (Log Page Identifier 07h)',
}, async ({ nvme0 }) => {
  const created = await page(nvme0, lid.hostTelemetry, 512, { lsp: 1 });
  expect(created.u(0)).toBe(lid.hostTelemetry);
  const last = [created.u(9, 8), created.u(11, 10), created.u(13, 12)];
  expect(last).toEqual([...last].sort((a, b) => a - b));
  expect(last[0]).toBeGreaterThan(0);
  const again = await page(nvme0, lid.hostTelemetry, 512);
  expect(again.u(381)).toBe(created.u(381));
  expect((await page(nvme0, lid.hostTelemetry, 512, { lsp: 1 })).u(381)).toBe((created.u(381) + 1) & 0xff);
  const area1 = await page(nvme0, lid.hostTelemetry, 512, { offset: 512 });
  expect(area1.u(3, 0)).toBe(nvme0.registers.cc.raw);
  for (const [length, offset] of [
    [256, 0],
    [512, 256],
  ] as const) {
    await expect(page(nvme0, lid.hostTelemetry, length, { offset })).toRejectWithStatus('Invalid Field in Command');
  }
});

test('the persistent event log is read in a context', {
  spec: 'NVMe Base 2.0, Persistent Event Log (Log Page Identifier 0Dh)',
}, async ({ nvme0 }) => {
  await page(nvme0, lid.persistent, 512, { lsp: act.release });
  await expect(page(nvme0, lid.persistent, 512, { lsp: act.read })).toRejectWithStatus('Command Sequence Error');
  const header = await page(nvme0, lid.persistent, 512, { lsp: act.establish });
  await expect(page(nvme0, lid.persistent, 512, { lsp: act.establish })).toRejectWithStatus('Command Sequence Error');
  expect(header.u(0)).toBe(lid.persistent);
  expect(header.u(16)).toBe(3);
  expect(header.u(19, 18)).toBe(492);
  expect(header.ascii(75, 56)).toBe(nvme0.identifyData.ascii(23, 4));
  expect(header.u(377, 374)).toBe(0);
  expect((await page(nvme0, lid.persistent, 512, { lsp: act.header })).u(376) & 4).toBe(4);
  await page(nvme0, lid.persistent, 512, { lsp: act.release });
  const next = await page(nvme0, lid.persistent, 512, { lsp: act.establish });
  expect(next.u(373, 372)).toBe((header.u(373, 372) + 1) & 0xffff);
  await nvme0.reset();
  await expect(page(nvme0, lid.persistent, 512, { lsp: act.read })).toRejectWithStatus('Command Sequence Error');
});

/** Types of the events in the log, newest first, after a context was established. */
async function eventTypes(nvme0: Controller): Promise<number[]> {
  await page(nvme0, lid.persistent, 512, { lsp: act.release });
  const header = await page(nvme0, lid.persistent, 512, { lsp: act.establish });
  const log = await page(nvme0, lid.persistent, Math.ceil(header.u(15, 8) / 4) * 4, { lsp: act.read });
  const types: number[] = [];
  for (let at = 512; types.length < header.u(7, 4); at += log.u(at + 2) + 3 + log.u(at + 23, at + 22)) {
    types.push(log.u(at));
  }
  await page(nvme0, lid.persistent, 512, { lsp: act.release });
  return types;
}

test('what was done to the drive is in the persistent event log, also after power was off', {
  spec: 'NVMe Base 2.0, Persistent Event Log Events',
  tags: ['power'],
}, async ({ nvme0, subsystem, buf }) => {
  await nvme0.setFeatures(softwareProgress, 3);
  expect((await eventTypes(nvme0))[0]).toBe(0x0b);
  await nvme0.setFeatures(timestamp, 0, { buffer: buf });
  expect((await eventTypes(nvme0))[0]).toBe(0x03);
  await page(nvme0, lid.hostTelemetry, 512, { lsp: 1 });
  expect((await eventTypes(nvme0))[0]).toBe(0x0c);
  const before = (await eventTypes(nvme0)).length;
  await nvme0.shutdown();
  await subsystem.powerCycle();
  await nvme0.reset();
  const after = await eventTypes(nvme0);
  expect(after.length).toBeGreaterThan(before);
  expect(after).toContain(0x04);
  expect(after).toContain(0x01);
});

test('a drive of one controller has no reservation notification', {
  spec: 'NVMe Base 2.0, Reservation Notification (Log Page Identifier 80h)',
}, async ({ nvme0 }) => {
  const log = await page(nvme0, lid.reservation, 64);
  expect(log.big(7, 0)).toBe(0n);
  expect(log.u(8)).toBe(0);
});
