import { adminOpcode, test as base, type Controller, DmaBuffer, expect } from '@doorbell/testkit';
import { image } from './firmwareImage.ts';
import { type Fresh, freshSsd } from './freshSsd.ts';

// Temperature and health: in the suite of events. Notices, sanitize: with what causes them.
const test = base.extend<Fresh>(freshSsd('aer'));
const clause = 'NVMe Base 2.0, Asynchronous Event Request command';
const configuration = 'NVMe Base 2.0, Asynchronous Event Configuration (Feature Identifier 0Bh)';
const errorLog = 0x01;
const error = { type: 0, persistent: 3, transient: 4 } as const;
const smartHealth = 1;
const warnings = 0x1f;

const silent = (ssd: Controller) => expect(ssd.aer.next({ timeoutMs: 50 })).rejects.toThrow('no asynchronous event');
const configure = (ssd: Controller, bits: number) => ssd.setFeatures(0x0b, bits);

test.each(['persistent', 'transient'] as const)(
  'a %s internal error is an Error event with an entry of no command',
  {
    spec: 'NVMe Base 2.0, Asynchronous Event Information: Error Status',
  },
  async ({ ssd }, kind) => {
    ssd.aer.arm();
    await ssd.faults.internalError(kind);
    const event = await ssd.aer.next();
    expect(event).toMatchObject({ type: error.type, info: error[kind], logPage: errorLog });
    expect(event.dw0).toBe((errorLog << 16) | (error[kind] << 8) | error.type);
    const [entry] = await ssd.errorLog(1);
    expect(entry).toMatchObject({ sqid: 0xffff, cid: 0xffff, parameterErrorLocation: 0xffff, lba: 0n });
    expect(ssd.registers.csts.cfs).toBe(false);
  },
);

test('a type that was reported is masked, other types are not', { spec: clause }, async ({ ssd }) => {
  await configure(ssd, warnings);
  ssd.aer.arm(3);
  await ssd.faults.internalError('persistent');
  expect(await ssd.aer.next()).toMatchObject({ type: error.type });
  await ssd.faults.internalError('transient');
  await silent(ssd);
  await ssd.faults.health({ reliabilityDegraded: true });
  expect(await ssd.aer.next()).toMatchObject({ type: smartHealth, info: 0 });
});

test('reading the log page lifts the mask, and what waited is cleared with it', { spec: clause }, async ({ ssd }) => {
  ssd.aer.arm();
  await ssd.faults.internalError('persistent');
  await ssd.aer.next();
  await ssd.faults.internalError('transient');
  await ssd.errorLog(1, { rae: true });
  await silent(ssd);
  await ssd.errorLog(1);
  await silent(ssd);
  await ssd.faults.internalError('transient');
  expect(await ssd.aer.next()).toMatchObject({ type: error.type, info: error.transient });
});

test('events that differ wait for requests, in their order', { spec: clause }, async ({ ssd }) => {
  await configure(ssd, warnings);
  await ssd.faults.internalError('transient');
  await ssd.faults.health({ availableSpare: 1 });
  ssd.aer.arm(2);
  expect(await ssd.aer.next()).toMatchObject({ type: error.type, info: error.transient });
  expect(await ssd.aer.next()).toMatchObject({ type: smartHealth, info: 2 });
  await silent(ssd);
});

test('identical events are reported once', { spec: clause }, async ({ ssd }) => {
  for (let i = 0; i < 3; i += 1) await ssd.faults.internalError('persistent');
  ssd.aer.arm(3);
  await ssd.aer.next();
  await silent(ssd);
  expect((await ssd.errorLog()).filter(({ sqid }) => sqid === 0xffff)).toHaveLength(3);
});

test('an event completes one request', { spec: clause }, async ({ ssd }) => {
  const request = () =>
    ssd.admin({ opcode: adminOpcode.asynchronousEventRequest }, undefined, { allowError: true, timeoutMs: 0 });
  const [first, second] = [request(), request()];
  await ssd.faults.internalError('persistent');
  expect((await first).dw0 & 7).toBe(error.type);
  const abort = await ssd.abort(0, second.cid);
  expect([abort.dw0 & 1, (await second).status.name]).toEqual([0, 'Command Abort Requested']);
  expect((await ssd.abort(0, second.cid)).dw0 & 1).toBe(1);
});

test('a request that was aborted leaves no error entry and may be sent again', { spec: clause }, async ({ ssd }) => {
  const before = (await ssd.smart()).errorLogEntries;
  const request = ssd.admin({ opcode: adminOpcode.asynchronousEventRequest }, undefined, {
    allowError: true,
    timeoutMs: 0,
  });
  await ssd.abort(0, request.cid);
  expect((await request).status).toMatchObject({ more: false, dnr: false });
  expect((await ssd.smart()).errorLogEntries).toBe(before);
  ssd.aer.arm();
  await ssd.faults.internalError('persistent');
  expect(await ssd.aer.next()).toMatchObject({ type: error.type });
});

test('notices are only given where their bit is set', { spec: configuration }, async ({ ssd }) => {
  ssd.aer.arm();
  await ssd.detachNamespace(1);
  await ssd.attachNamespace(1);
  await ssd.downloadFirmware(image('QUIET'));
  await ssd.firmwareCommit({ action: 3, slot: 2 });
  await silent(ssd);
  expect((await ssd.identify()).firmware).toBe('QUIET');
});

test('Identify says which notices there are, and the feature takes those', { spec: configuration }, async ({ ssd }) => {
  const namespaces = 1 << 8;
  const firmware = 1 << 9;
  expect(ssd.identifyData.oaes & (namespaces | firmware)).toBe(namespaces | firmware);
  await configure(ssd, namespaces | firmware | warnings);
  expect((await ssd.getFeatures(0x0b)).dw0).toBe(namespaces | firmware | warnings);
  await ssd.reset();
  expect((await ssd.getFeatures(0x0b)).dw0).toBe(0);
});

test('a namespace that changed twice is one event and one entry', {
  spec: 'NVMe Base 2.0, Changed Namespace List (Log Page Identifier 04h)',
}, async ({ ssd }) => {
  await configure(ssd, 1 << 8);
  await ssd.detachNamespace(1);
  await ssd.attachNamespace(1);
  ssd.aer.arm(2);
  expect(await ssd.aer.next()).toMatchObject({ type: 2, info: 0, logPage: 4 });
  await silent(ssd);
  expect((await ssd.changedNamespaces()).nsids).toEqual([1]);
  const whole = await ssd.logPage(0x04, 4096);
  expect(whole.bytes).toEqual(new DmaBuffer(4096).slice());
});
