import { test as base, type Controller, DmaBuffer, expect, PowerLostError } from '@doorbell/testkit';
import { type Activation, image } from './firmwareImage.ts';
import { type Fresh, freshSsd } from './freshSsd.ts';

const test = base.extend<Fresh>(freshSsd('firmware'));
const process = 'NVMe Base 2.0, Firmware Update Process';
const commitClause = 'NVMe Base 2.0, Firmware Commit command';
const downloadClause = 'NVMe Base 2.0, Firmware Image Download command';
const replace = 0;
const replaceAndActivate = 1;
const activate = 2;
const activateNow = 3;
const slotInformation = 0x03;
const firmwareNotices = 1 << 9;

const running = async (ssd: Controller) => (await ssd.identify()).firmware;
const commit = (ssd: Controller, action: number, slot = 0) => ssd.firmwareCommit({ action, slot });
const download = (ssd: Controller, revision: string, activation: Activation = 'immediate') =>
  ssd.downloadFirmware(image(revision, { activation }));

test('slot 1 is read only, and holds what runs', {
  spec: 'NVMe Base 2.0, Firmware Slot Information (Log Page Identifier 03h)',
}, async ({ ssd }) => {
  const log = await ssd.firmwareSlot();
  expect([log.activeSlot, log.nextSlot]).toEqual([1, 0]);
  expect(log.revisions).toEqual([await running(ssd), '', '', '', '', '', '']);
  expect(ssd.identifyData.frmw & 0b1_1111).toBe(0b1_1111);
  await download(ssd, 'NEW');
  await expect(commit(ssd, replace, 1)).toRejectWithStatus('Invalid Firmware Slot');
});

test('an image is put in its slot, and runs after the reset that was asked for', { spec: process }, async ({ ssd }) => {
  const before = await running(ssd);
  await download(ssd, 'REV-2', 'controller-reset');
  await commit(ssd, replace, 2);
  expect((await ssd.firmwareSlot()).revisions[1]).toBe('REV-2');
  await ssd.reset();
  expect(await running(ssd)).toBe(before);
  await commit(ssd, activate, 2);
  expect((await ssd.firmwareSlot()).nextSlot).toBe(2);
  expect(await running(ssd)).toBe(before);
  await ssd.reset();
  const log = await ssd.firmwareSlot();
  expect([await running(ssd), log.activeSlot, log.nextSlot]).toEqual(['REV-2', 2, 0]);
});

test('an image can be activated without a reset, which pauses processing and is announced', {
  spec: 'NVMe Base 2.0, Firmware Activation Without Reset; Asynchronous Event Information: Notice',
}, async ({ ssd }) => {
  expect(ssd.identifyData.frmw & (1 << 4)).toBe(1 << 4);
  await ssd.setFeatures(0x0b, firmwareNotices);
  ssd.aer.arm();
  await download(ssd, 'NOW');
  await commit(ssd, activateNow, 3);
  expect(await ssd.aer.next()).toMatchObject({ type: 2, info: 1, logPage: slotInformation });
  const log = await ssd.firmwareSlot();
  expect([await running(ssd), log.activeSlot]).toEqual(['NOW', 3]);
});

test.each([
  ['controller-reset', 'Firmware Activation Requires Controller Level Reset'],
  ['conventional-reset', 'Firmware Activation Requires Conventional Reset'],
  ['subsystem-reset', 'Firmware Activation Requires NVM Subsystem Reset'],
  ['too-long', 'Firmware Activation Requires Maximum Time Violation'],
  ['prohibited', 'Firmware Activation Prohibited'],
] as const)('an image that needs more says so: %s', { spec: commitClause }, async ({ ssd }, activation, status) => {
  const before = await running(ssd);
  await download(ssd, 'MORE', activation);
  await expect(commit(ssd, activateNow, 2)).toRejectWithStatus(status);
  expect(await running(ssd)).toBe(before);
  const pending = activation === 'too-long' || activation === 'prohibited' ? 0 : 2;
  expect((await ssd.firmwareSlot()).nextSlot).toBe(pending);
});

test('only the reset that an image needs activates it', { spec: process }, async ({ ssd, pcie }) => {
  expect(pcie).toBeDefined();
  const before = await running(ssd);
  await download(ssd, 'NSSR', 'subsystem-reset');
  await expect(commit(ssd, replaceAndActivate, 2)).toRejectWithStatus(
    'Firmware Activation Requires NVM Subsystem Reset',
  );
  for (const reset of ['flr', 'hot'] as const) {
    await ssd.resetBy(reset);
    await ssd.reset();
    expect(await running(ssd)).toBe(before);
  }
  await ssd.resetBy('subsystem');
  await ssd.reset();
  expect(await running(ssd)).toBe('NSSR');
});

test('an image that cannot be loaded leaves the one before, and is an Error event', {
  spec: 'NVMe Base 2.0, Asynchronous Event Information: Error Status',
}, async ({ ssd }) => {
  const before = await running(ssd);
  await ssd.downloadFirmware(image('BROKEN', { activation: 'controller-reset', failsToLoad: true }));
  await commit(ssd, replaceAndActivate, 2);
  await ssd.reset();
  ssd.aer.arm();
  expect(await ssd.aer.next()).toMatchObject({ type: 0, info: 5, logPage: 1 });
  expect(await running(ssd)).toBe(before);
  const { events } = await ssd.persistentEventLog();
  expect(events.find(({ type }) => type === 4)?.data.u(10)).toBe(2);
});

test('refuses what is no image', { spec: commitClause }, async ({ ssd }) => {
  await expect(commit(ssd, replaceAndActivate, 2)).toRejectWithStatus('Invalid Firmware Image');
  const damaged = image('BAD');
  damaged[5000] = (damaged[5000] ?? 0) ^ 1;
  await ssd.downloadFirmware(damaged);
  await expect(commit(ssd, replace, 2)).toRejectWithStatus('Invalid Firmware Image');
  await ssd.downloadFirmware(image('SHORT').subarray(0, 4096));
  await expect(commit(ssd, replace, 2)).toRejectWithStatus('Invalid Firmware Image');
  await expect(commit(ssd, activate, 5)).toRejectWithStatus('Invalid Firmware Image');
  expect((await ssd.firmwareSlot()).revisions.slice(1).join('')).toBe('');
});

test('refuses actions for what there is not', { spec: commitClause }, async ({ ssd }) => {
  for (const action of [4, 5, 6, 7])
    await expect(commit(ssd, action, 2)).toRejectWithStatus('Invalid Field in Command');
});

test('parts come in any order, and not twice', { spec: downloadClause }, async ({ ssd }) => {
  const bytes = image('PARTS', { bytes: 12_288 });
  const part = (at: number) => {
    const buffer = new DmaBuffer(4096);
    buffer.write(bytes.subarray(at, at + 4096));
    return ssd.firmwareDownload(buffer, { offset: at });
  };
  for (const at of [8192, 0, 4096]) await part(at);
  await commit(ssd, replace, 4);
  expect((await ssd.firmwareSlot()).revisions[3]).toBe('PARTS');
  await part(0);
  await expect(part(0)).toRejectWithStatus('Overlapping Range');
});

test('parts are of the granularity that Identify gives', { spec: downloadClause }, async ({ ssd }) => {
  expect(ssd.identifyData.u(319)).toBe(1);
  const buffer = new DmaBuffer(4096);
  for (const [offset, length] of [
    [0, 2048],
    [2048, 4096],
  ] as const) {
    await expect(ssd.firmwareDownload(buffer, { offset, length })).toRejectWithStatus('Invalid Field in Command');
  }
});

test('a reset discards what was downloaded', { spec: downloadClause }, async ({ ssd }) => {
  await download(ssd, 'GONE');
  await ssd.reset();
  await expect(commit(ssd, replace, 2)).toRejectWithStatus('Invalid Firmware Image');
});

test('the controller chooses a slot for slot 0', { spec: commitClause }, async ({ ssd }) => {
  await download(ssd, 'ANY');
  await commit(ssd, replace);
  expect((await ssd.firmwareSlot()).revisions.filter((revision) => revision === 'ANY')).toHaveLength(1);
});

test('an interrupted commit keeps the image that was in the slot', {
  spec: process,
  tags: ['power'],
}, async ({ ssd }) => {
  await download(ssd, 'OLD', 'controller-reset');
  await commit(ssd, replaceAndActivate, 2);
  await ssd.reset();
  await download(ssd, 'NEW', 'controller-reset');
  const fault = ssd.faults.powerLoss({ at: 'mid-program' }, { command: 'firmwareCommit' });
  await expect(commit(ssd, replaceAndActivate, 2)).rejects.toThrow(PowerLostError);
  expect(fault.fired).toBe(1);
  await ssd.subsystem.powerOn();
  await ssd.reset();
  const log = await ssd.firmwareSlot();
  expect([await running(ssd), log.activeSlot, log.nextSlot, log.revisions[1]]).toEqual(['OLD', 2, 0, 'OLD']);
});

test('a commit is in the persistent event log, also one that failed', {
  spec: 'NVMe Base 2.0, Firmware Commit Event (Event Type 02h)',
}, async ({ ssd }) => {
  const before = await running(ssd);
  await expect(commit(ssd, activate, 4)).toRejectWithStatus('Invalid Firmware Image');
  await download(ssd, 'LOGGED', 'controller-reset');
  await commit(ssd, replaceAndActivate, 2);
  const [good, failed] = (await ssd.persistentEventLog()).events.map(({ data }) => data);
  expect([good?.ascii(7, 0), good?.ascii(15, 8), good?.u(16), good?.u(17)]).toEqual([before, 'LOGGED', 1, 2]);
  expect([good?.u(18), good?.u(19)]).toEqual([0, 0]);
  expect([failed?.u(16), failed?.u(17), failed?.u(18), failed?.u(19)]).toEqual([2, 4, 1, 7]);
});
