import { DmaBuffer, expect, Fields, test } from '@doorbell/testkit';

const fid = {
  arbitration: 0x01,
  powerManagement: 0x02,
  temperatureThreshold: 0x04,
  errorRecovery: 0x05,
  volatileWriteCache: 0x06,
  numberOfQueues: 0x07,
  interruptCoalescing: 0x08,
  interruptVector: 0x09,
  writeAtomicity: 0x0a,
  asynchronousEvents: 0x0b,
  timestamp: 0x0e,
  thermalManagement: 0x10,
  permissiveMode: 0x11,
  readRecovery: 0x12,
  hostBehavior: 0x16,
  sanitizeConfig: 0x17,
  softwareProgress: 0x80,
  hostIdentifier: 0x81,
  reservationMask: 0x82,
  reservationPersistence: 0x83,
  writeProtection: 0x84,
} as const;

/** Saveable features that are one dword: identifier, a value other than the default, NSID. */
const simple = [
  [fid.arbitration, 0x0102_0303, 0],
  [fid.powerManagement, 1, 0],
  [fid.temperatureThreshold, 350, 0],
  [fid.errorRecovery, 100, 1],
  [fid.volatileWriteCache, 0, 0],
  [fid.interruptCoalescing, 0x0000_0005, 0],
  [fid.writeAtomicity, 1, 0],
  [fid.asynchronousEvents, 0x1f, 0],
  [fid.thermalManagement, 0x0140_0150, 0],
  [fid.permissiveMode, 1, 0],
  [fid.sanitizeConfig, 1, 0],
  [fid.softwareProgress, 7, 0],
] as const;

test.each(simple)(
  'feature %d: a value lasts until the reset, a saved one beyond it',
  {
    spec: 'NVMe Base 2.0, Feature Values',
    fresh: true,
  },
  async ({ nvme0 }, feature, value, nsid) => {
    const get = async (select: 'current' | 'default' | 'saved' | 'supported') =>
      (await nvme0.getFeatures(feature, { select, nsid })).dw0;
    const byDefault = await get('default');
    expect((await get('supported')) & 0b101).toBe(0b101);
    await nvme0.setFeatures(feature, value, { nsid });
    expect(await get('current')).toBe(value);
    expect(await get('saved')).toBe(byDefault);
    await nvme0.reset();
    expect(await get('current')).toBe(byDefault);
    await nvme0.setFeatures(feature, value, { nsid, save: true });
    await nvme0.reset();
    expect(await get('current')).toBe(value);
    expect(await get('saved')).toBe(value);
    await nvme0.setFeatures(feature, byDefault, { nsid, save: true });
  },
);

test('features of the controller take no namespace', { spec: 'NVMe Base 2.0, Feature Values' }, async ({ nvme0 }) => {
  const { dw0 } = await nvme0.getFeatures(fid.arbitration);
  expect((await nvme0.getFeatures(fid.arbitration, { nsid: 1 })).dw0).toBe(dw0);
  await expect(nvme0.setFeatures(fid.arbitration, 0, { nsid: 1 })).toRejectWithStatus('Feature Not Namespace Specific');
  await expect(nvme0.setFeatures(fid.arbitration, 0, { nsid: 0x1000 })).toRejectWithStatus(
    'Invalid Namespace or Format',
  );
});

test('features of a namespace need an active one', { spec: 'NVMe Base 2.0, Feature Values' }, async ({ nvme0 }) => {
  const get = (nsid: number) => nvme0.getFeatures(fid.errorRecovery, { nsid });
  await expect(get(0xffff_ffff)).toRejectWithStatus('Invalid Namespace or Format');
  await expect(get(32)).toRejectWithStatus('Invalid Field in Command');
  await nvme0.setFeatures(fid.errorRecovery, 5, { nsid: 0xffff_ffff });
  expect((await get(1)).dw0).toBe(5);
});

test('thresholds of every sensor are kept apart', {
  spec: 'NVMe Base 2.0, Temperature Threshold (Feature Identifier 04h)',
}, async ({ nvme0 }) => {
  const field = (sensor: number, isUnder: boolean) => (sensor << 16) | (isUnder ? 1 << 20 : 0);
  const read = async (sensor: number, isUnder: boolean) =>
    (await nvme0.getFeatures(fid.temperatureThreshold, { cdw11: field(sensor, isUnder) })).dw0;
  for (const sensor of [0, 1, 2])
    await nvme0.setFeatures(fid.temperatureThreshold, 360 + sensor + field(sensor, false));
  for (const sensor of [0, 1, 2]) expect(await read(sensor, false)).toBe(360 + sensor);
  await nvme0.setFeatures(fid.temperatureThreshold, 260 + field(0xf, true));
  for (const sensor of [0, 1, 2]) expect(await read(sensor, true)).toBe(260);
  await expect(read(3, false)).toRejectWithStatus('Invalid Field in Command');
  await expect(nvme0.getFeatures(fid.temperatureThreshold, { cdw11: 2 << 20 })).toRejectWithStatus(
    'Invalid Field in Command',
  );
});

test('the drive grants queues only before there are any', {
  spec: 'NVMe Base 2.0, Number of Queues (Feature Identifier 07h)',
  fresh: true,
}, async ({ nvme0 }) => {
  const granted = (await nvme0.setFeatures(fid.numberOfQueues, 0)).dw0;
  expect((await nvme0.getFeatures(fid.numberOfQueues)).dw0).toBe(granted);
  await expect(nvme0.setFeatures(fid.numberOfQueues, 0xffff)).toRejectWithStatus('Invalid Field in Command');
  await using qpair = await nvme0.createQpair();
  expect(qpair.qid).toBeGreaterThan(0);
  await expect(nvme0.setFeatures(fid.numberOfQueues, 0)).toRejectWithStatus('Command Sequence Error');
});

test('coalescing is switched off by vector, for vectors in use', {
  spec: 'NVMe Base 2.0, Interrupt Vector Configuration (Feature Identifier 09h)',
}, async ({ nvme0 }) => {
  await expect(nvme0.setFeatures(fid.interruptVector, 60)).toRejectWithStatus('Invalid Field in Command');
  await expect(nvme0.setFeatures(fid.interruptVector, 0xffff)).toRejectWithStatus('Invalid Field in Command');
  await expect(nvme0.setFeatures(fid.interruptVector, 0)).toRejectWithStatus('Invalid Field in Command');
});

test('the timestamp goes on from what the host set', {
  spec: 'NVMe Base 2.0, Timestamp (Feature Identifier 0Eh)',
}, async ({ nvme0 }) => {
  const buffer = new DmaBuffer(8);
  const set = 1_800_000_000_000n;
  buffer.setQword(0, set);
  await nvme0.setFeatures(fid.timestamp, 0, { buffer });
  await nvme0.getFeatures(fid.timestamp, { buffer });
  const now = buffer.big(5, 0);
  expect(now >= set && now < set + 60_000n).toBe(true);
  expect((buffer.u(6) >> 1) & 0b111).toBe(1);
  await expect(nvme0.setFeatures(fid.timestamp, 0, { buffer, save: true })).toRejectWithStatus(
    'Feature Identifier Not Saveable',
  );
});

test('read recovery has the levels that Identify lists', {
  spec: 'NVMe Base 2.0, Read Recovery Level Config (Feature Identifier 12h)',
}, async ({ nvme0 }) => {
  const levels = nvme0.identifyData.u(101, 100);
  for (let level = 0; level < 16; level += 1) {
    const set = nvme0.setFeatures(fid.readRecovery, 0, { cdw12: level });
    if (((levels >> level) & 1) === 0) await expect(set).toRejectWithStatus('Invalid Field in Command');
    else await set;
    if (((levels >> level) & 1) === 1) expect((await nvme0.getFeatures(fid.readRecovery)).dw0).toBe(level);
  }
  await nvme0.setFeatures(fid.readRecovery, 0, { cdw12: 4 });
});

test('host behavior takes 0 and 1, and goes with a reset', {
  spec: 'NVMe Base 2.0, Host Behavior Support (Feature Identifier 16h)',
}, async ({ nvme0 }) => {
  const buffer = new DmaBuffer(512);
  const set = (acre: number) => {
    buffer.setByte(0, acre);
    return nvme0.setFeatures(fid.hostBehavior, 0, { buffer });
  };
  await expect(set(2)).toRejectWithStatus('Invalid Field in Command');
  await set(1);
  await nvme0.getFeatures(fid.hostBehavior, { buffer });
  expect(buffer.u(0)).toBe(1);
  await nvme0.reset();
  await nvme0.getFeatures(fid.hostBehavior, { buffer });
  expect(buffer.u(0)).toBe(0);
});

test('the host identifier has 8 or 16 bytes', {
  spec: 'NVMe Base 2.0, Host Identifier (Feature Identifier 81h)',
}, async ({ nvme0 }) => {
  const buffer = new DmaBuffer(16, { pattern: 'incrementing' });
  const wanted = buffer.slice();
  await nvme0.setFeatures(fid.hostIdentifier, 1, { buffer });
  buffer.fill('zeros');
  await nvme0.getFeatures(fid.hostIdentifier, { cdw11: 1, buffer });
  expect(buffer.slice()).toEqual(wanted);
  buffer.fill('zeros');
  await nvme0.getFeatures(fid.hostIdentifier, { buffer });
  expect(new Fields(buffer.slice()).big(15, 8)).toBe(0n);
  await expect(nvme0.setFeatures(fid.hostIdentifier, 0, { buffer, save: true })).toRejectWithStatus(
    'Feature Identifier Not Saveable',
  );
});

test('write protection until power cycles cannot be changed', {
  spec: 'NVMe Base 2.0, Namespace Write Protection Config (Feature Identifier 84h)',
  tags: ['power'],
}, async ({ nvme0, subsystem }) => {
  const set = (state: number) => nvme0.setFeatures(fid.writeProtection, state, { nsid: 1 });
  const state = async () => (await nvme0.getFeatures(fid.writeProtection, { nsid: 1 })).dw0;
  // Where nothing switches the supply the test ends here, before nothing but that would lift the protection.
  subsystem.power.describe();
  await set(1);
  expect(await state()).toBe(1);
  await set(2);
  await expect(set(0)).toRejectWithStatus('Feature Not Changeable');
  await subsystem.powerCycle();
  await nvme0.reset();
  expect(await state()).toBe(0);
});

test('reservation features belong to a namespace', {
  spec: 'NVMe Base 2.0, Reservation Notification Mask, Reservation Persistence',
}, async ({ nvme0 }) => {
  for (const [feature, value] of [
    [fid.reservationMask, 0b1110],
    [fid.reservationPersistence, 1],
  ] as const) {
    await nvme0.setFeatures(feature, value, { nsid: 1 });
    expect((await nvme0.getFeatures(feature, { nsid: 1 })).dw0).toBe(value);
    const ofAll = nvme0.getFeatures(feature, { nsid: 0xffff_ffff });
    await expect(ofAll).toRejectWithStatus('Invalid Field in Command');
    await nvme0.setFeatures(feature, 0, { nsid: 0xffff_ffff });
    expect((await nvme0.getFeatures(feature, { nsid: 1 })).dw0).toBe(0);
    const saved = nvme0.setFeatures(feature, 0, { nsid: 1, save: true });
    await expect(saved).toRejectWithStatus('Feature Identifier Not Saveable');
  }
});

test.each([
  ['Arbitration', 0x01, 0x0302_0103],
  ['Volatile Write Cache', 0x06, 0],
  ['Interrupt Coalescing', 0x08, 0x0a05],
  ['Write Atomicity Normal', 0x0a, 1],
  ['Non-Operational Power State Config', 0x11, 1],
  ['Sanitize Config', 0x17, 1],
  ['Software Progress Marker', 0x80, 7],
] as const)(
  '%s keeps its value until a reset, and beyond it where it was saved',
  {
    spec: 'NVMe Base 2.0, Feature Values',
  },
  async ({ nvme0 }, _name, fid, value) => {
    const get = async (select: 'current' | 'default' | 'saved' = 'current') =>
      (await nvme0.getFeatures(fid, { select })).dw0;
    const before = await get();
    const canSave = ((await nvme0.getFeatures(fid, { select: 'supported' })).dw0 & 1) === 1;
    await nvme0.setFeatures(fid, value);
    expect([await get(), await get('default'), await get('saved')]).toEqual([value, before, before]);
    await nvme0.reset();
    expect(await get()).toBe(before);
    if (!canSave) return;
    await nvme0.setFeatures(fid, value, { save: true });
    expect(await get('saved')).toBe(value);
    await nvme0.reset();
    expect(await get()).toBe(value);
    await nvme0.setFeatures(fid, before, { save: true });
  },
);
