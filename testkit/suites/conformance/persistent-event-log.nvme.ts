import { test as base, type Controller, DmaBuffer, expect, type PersistentEvent } from '@doorbell/testkit';
import { type Fresh, freshSsd } from './freshSsd.ts';

// Formats, firmware commits and namespaces: in the suites of those.
const test = base.extend<Fresh>(freshSsd('persistent-event-log'));
const clause = 'NVMe Base 2.0, Persistent Event Log (Log Page Identifier 0Dh)';
const type = {
  smart: 0x01,
  timestamp: 0x03,
  reset: 0x04,
  hardware: 0x05,
  formatStart: 0x07,
  formatEnd: 0x08,
  sanitizeStart: 0x09,
  sanitizeEnd: 0x0a,
  feature: 0x0b,
  thermal: 0x0d,
} as const;
const hardware = { warning: 6, unsafeShutdown: 8, fatal: 9 } as const;
const act = { read: 0, establish: 1, release: 2 } as const;
const lid = 0x0d;

const events = async (ssd: Controller) => (await ssd.persistentEventLog()).events;
const of = (found: readonly PersistentEvent[], wanted: number) => found.filter((event) => event.type === wanted);
const newest = async (ssd: Controller, wanted: number) => of(await events(ssd), wanted)[0];

test('its header is that of this drive, and lists every type it logs', { spec: clause }, async ({ ssd }) => {
  const log = await ssd.persistentEventLog();
  const { identifyData: id } = ssd;
  expect([log.revision, log.serial, log.model]).toEqual([3, id.serial, id.model]);
  expect([log.u(117 - 1, 116), log.u(53, 52)]).toEqual([id.subnqn.charCodeAt(0), id.vid]);
  expect(log.powerCycles).toBe((await ssd.smart()).powerCycles);
  const types = Array.from({ length: 256 }, (_, code) => code).filter((code) => log.logs(code));
  expect(types).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  const bytes = log.events.reduce((sum, event) => sum + 24 + event.vendorBytes + event.data.bytes.length, 512);
  expect([log.totalBytes, log.totalEvents]).toEqual([BigInt(bytes), log.events.length]);
  expect(Number(log.totalBytes)).toBeLessThanOrEqual(id.u(355, 352) * 65_536);
});

test('every event has its controller, revision and time', { spec: `${clause}: Event Format` }, async ({ ssd }) => {
  await ssd.format();
  const found = await events(ssd);
  expect(found.every(({ cntlid, revision }) => cntlid === ssd.identifyData.cntlid && revision > 0)).toBe(true);
  const times = found.map(({ timestamp }) => timestamp & 0xffff_ffff_ffffn);
  expect(times).toEqual([...times].sort((a, b) => Number(b - a)));
});

test('what is read is the log as it was when the context was established', { spec: clause }, async ({ ssd }) => {
  const part = (lsp: number, offset = 0) => ssd.logPage(lid, 512, { lsp, offset });
  const before = await part(act.establish);
  await ssd.format();
  expect((await part(act.read)).u(7, 4)).toBe(before.u(7, 4));
  await part(act.release);
  expect((await part(act.establish)).u(7, 4)).toBe(before.u(7, 4) + 2);
  await part(act.release);
});

test('a format leaves its start and its completion', {
  spec: 'NVMe Base 2.0, Format NVM Start Event (Event Type 07h); Format NVM Completion Event (Event Type 08h)',
}, async ({ ssd }) => {
  await ssd.format({ secureErase: 'user-data' });
  const [end, start] = await events(ssd);
  expect([start?.type, start?.data.u(3, 0), start?.data.u(4), start?.data.u(11, 8)]).toEqual([
    type.formatStart,
    1,
    ssd.identifyData.fna,
    1 << 9,
  ]);
  expect([end?.type, end?.data.u(3, 0), end?.data.u(4), end?.data.u(5)]).toEqual([type.formatEnd, 1, 0, 0]);
  await expect(ssd.format({ lbaf: 15 })).toRejectWithStatus('Invalid Format');
  expect(of(await events(ssd), type.formatStart)).toHaveLength(1);
});

test('a sanitize operation leaves its start and its completion, failed or not', {
  spec: 'NVMe Base 2.0, Sanitize Start Event (Event Type 09h); Sanitize Completion Event (Event Type 0Ah)',
}, async ({ ssd }) => {
  await ssd.faults.failSanitize();
  await expect(ssd.sanitize({ action: 'crypto-erase' })).rejects.toThrow('failed');
  await ssd.sanitize({ action: 'overwrite', passes: 2, pattern: 0x1234_5678 });
  const found = await events(ssd);
  const starts = of(found, type.sanitizeStart).map(({ data }) => [data.u(3, 0), data.u(7, 4), data.u(11, 8)]);
  const sanicap = ssd.identifyData.u(331, 328);
  expect(starts).toEqual([
    [sanicap, 0x23, 0x1234_5678],
    [sanicap, 0x14, 0],
  ]);
  const ends = of(found, type.sanitizeEnd).map(({ data }) => [data.u(1, 0), data.u(3, 2) & 7]);
  expect(ends).toEqual([
    [0xffff, 1],
    [0xffff, 3],
  ]);
});

test('a reset and power on are recorded with their power cycle', {
  spec: 'NVMe Base 2.0, Power-on or Reset Event (Event Type 04h)',
  tags: ['power'],
}, async ({ ssd }) => {
  const count = async () => of(await events(ssd), type.reset).length;
  const before = await count();
  await ssd.reset();
  expect(await count()).toBe(before + 1);
  await ssd.subsystem.powerCycle();
  await ssd.reset();
  const last = await newest(ssd, type.reset);
  expect(last?.data.ascii(7, 0)).toBe(ssd.identifyData.firmware);
  expect([last?.data.u(9, 8), last?.data.u(10)]).toEqual([ssd.identifyData.cntlid, 0]);
  expect(BigInt(last?.data.u(27, 24) ?? 0)).toBe((await ssd.smart()).powerCycles);
});

test('a shutdown leaves a snapshot of SMART / Health', {
  spec: 'NVMe Base 2.0, SMART / Health Log Snapshot Event (Event Type 01h)',
}, async ({ ssd, ns, q, buf }) => {
  await ns.write(q, buf, { slba: 0 });
  const { hostWriteCommands } = await ssd.smart();
  await ssd.shutdown();
  await ssd.reset();
  const snapshot = await newest(ssd, type.smart);
  expect(snapshot?.data.big(95, 80)).toBe(hostWriteCommands);
});

test('a changed timestamp is recorded with the one before', {
  spec: 'NVMe Base 2.0, Timestamp Change Event (Event Type 03h)',
}, async ({ ssd }) => {
  const set = async (ms: bigint) => {
    const buffer = new DmaBuffer(8);
    buffer.setQword(0, ms);
    await ssd.setFeatures(0x0e, 0, { buffer });
  };
  await set(1_000_000_000_000n);
  await set(1_600_000_000_000n);
  const event = await newest(ssd, type.timestamp);
  const previous = (event?.data.big(7, 0) ?? 0n) & 0xffff_ffff_ffffn;
  expect(previous >= 1_000_000_000_000n && previous < 1_000_000_600_000n).toBe(true);
  expect((event?.timestamp ?? 0n) & 0xffff_ffff_ffffn).toBeGreaterThanOrEqual(1_600_000_000_000n);
});

test('a set feature is recorded with its dwords, a refused one is not', {
  spec: 'NVMe Base 2.0, Set Feature Event (Event Type 0Bh)',
}, async ({ ssd }) => {
  await ssd.setFeatures(0x04, 0x1_0140, { save: true });
  const { data } = (await newest(ssd, type.feature)) ?? {};
  expect([data?.u(3, 0), data?.u(7, 4), data?.u(11, 8)]).toEqual([6, 0x8000_0004, 0x1_0140]);
  const before = of(await events(ssd), type.feature).length;
  await expect(ssd.setFeatures(0x02, 31)).toRejectWithStatus('Invalid Field in Command');
  expect(of(await events(ssd), type.feature)).toHaveLength(before);
});

test('a composite temperature beyond its thresholds is a thermal excursion', {
  spec: 'NVMe Base 2.0, Thermal Excursion Event (Event Type 0Dh)',
}, async ({ ssd }) => {
  const { wctemp, cctemp } = ssd.identifyData;
  const heat = (kelvin: number) => ssd.faults.health({ temperatureC: kelvin - 273 });
  await heat(wctemp + 2);
  await heat(cctemp + 1);
  await heat(wctemp - 5);
  const found = of(await events(ssd), type.thermal).map(({ data }) => [data.u(1), data.u(0)]);
  expect(found).toEqual([
    [0x88, 5],
    [2, 1],
    [1, 2],
  ]);
});

test('hardware errors are recorded: critical warnings, a fatal status, a loss of power', {
  spec: 'NVMe Base 2.0, NVM Subsystem Hardware Error Event (Event Type 05h)',
  tags: ['power'],
}, async ({ ssd }) => {
  const recorded = async () =>
    of(await events(ssd), type.hardware).map(({ data }) => [data.u(1, 0), data.bytes.length > 4 ? data.u(4) : 0]);
  expect(await recorded()).toEqual([]);
  await ssd.faults.health({ availableSpare: 5 });
  await ssd.faults.health({ readOnly: true });
  await ssd.faults.health({ availableSpare: 50 });
  expect(await recorded()).toEqual([
    [hardware.warning, 0b1001],
    [hardware.warning, 0b0001],
  ]);
  await ssd.faults.clear();
  await ssd.faults.controllerFatal();
  await ssd.reset();
  expect((await recorded())[0]).toEqual([hardware.fatal, 0]);
  await ssd.subsystem.powerCycle();
  await ssd.reset();
  expect((await recorded())[0]).toEqual([hardware.unsafeShutdown, 1]);
  await ssd.shutdown();
  await ssd.subsystem.powerCycle();
  await ssd.reset();
  expect(await recorded()).toHaveLength(4);
});

test('it outlives power', { spec: clause, tags: ['power'] }, async ({ ssd }) => {
  await ssd.format();
  const before = await events(ssd);
  await ssd.subsystem.powerCycle();
  await ssd.reset();
  const after = (await events(ssd)).slice(-before.length);
  expect(after.map((event) => event.data.bytes)).toEqual(before.map((event) => event.data.bytes));
});
