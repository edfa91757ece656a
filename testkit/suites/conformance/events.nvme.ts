import { type Controller, DmaBuffer, expect, test } from '@doorbell/testkit';

const asynchronousEvents = 0x0b;
const temperatureThreshold = 0x04;
const lid = { error: 0x01, smart: 0x02 } as const;
const smartHealth = 1;
const temperature = 1;
const temperatureWarning = 1 << 1;
const default70C = 343;

const read = (nvme0: Controller, page: number, rae = false) =>
  nvme0.getLogPage(page, new DmaBuffer(512), { rae }).then(() => undefined);
const enable = (nvme0: Controller, warnings: number) => nvme0.setFeatures(asynchronousEvents, warnings);
const setThreshold = (nvme0: Controller, kelvin: number) => nvme0.setFeatures(temperatureThreshold, kelvin);
const silent = async (nvme0: Controller) =>
  expect(nvme0.aer.next({ timeoutMs: 50 })).rejects.toThrow('no asynchronous event');

test('a temperature beyond its threshold is an event', {
  spec: 'NVMe Base 2.0, Asynchronous Event Request command: SMART / Health Status',
  fresh: true,
}, async ({ nvme0 }) => {
  await enable(nvme0, temperatureWarning);
  nvme0.aer.arm();
  await setThreshold(nvme0, 300);
  expect(await nvme0.aer.next()).toMatchObject({ type: smartHealth, info: temperature, logPage: lid.smart });
  const smart = await nvme0.smart({ rae: true });
  expect(smart.u(0) & temperatureWarning).toBe(temperatureWarning);
  await setThreshold(nvme0, default70C);
  expect((await nvme0.smart()).u(0)).toBe(0);
});

test('without its bit in Asynchronous Event Configuration there is none', {
  spec: 'NVMe Base 2.0, Asynchronous Event Configuration (Feature Identifier 0Bh)',
  fresh: true,
}, async ({ nvme0 }) => {
  nvme0.aer.arm();
  await setThreshold(nvme0, 300);
  await silent(nvme0);
  await enable(nvme0, temperatureWarning);
  expect(await nvme0.aer.next()).toMatchObject({ type: smartHealth, info: temperature });
});

test('an event type stays masked until its log page is read without RAE', {
  spec: 'NVMe Base 2.0, Asynchronous Event Request command',
  fresh: true,
}, async ({ nvme0 }) => {
  await enable(nvme0, temperatureWarning);
  nvme0.aer.arm();
  await setThreshold(nvme0, 300);
  await nvme0.aer.next();
  const again = async () => {
    await setThreshold(nvme0, default70C);
    await setThreshold(nvme0, 300);
  };
  await again();
  await silent(nvme0);
  await read(nvme0, lid.smart, true);
  await read(nvme0, lid.error);
  await again();
  await silent(nvme0);
  await setThreshold(nvme0, default70C);
  await read(nvme0, lid.smart);
  await setThreshold(nvme0, 300);
  expect(await nvme0.aer.next()).toMatchObject({ type: smartHealth });
});

test('a condition that persists is reported again once it was cleared', {
  spec: 'NVMe Base 2.0, Asynchronous Event Request command',
  fresh: true,
}, async ({ nvme0 }) => {
  await enable(nvme0, temperatureWarning);
  nvme0.aer.arm();
  await setThreshold(nvme0, 300);
  await nvme0.aer.next();
  await read(nvme0, lid.smart);
  expect(await nvme0.aer.next()).toMatchObject({ type: smartHealth, info: temperature });
});

test('an event waits for a request, unless its log page is read first', {
  spec: 'NVMe Base 2.0, Asynchronous Event Request command',
  fresh: true,
}, async ({ nvme0 }) => {
  await enable(nvme0, temperatureWarning);
  await setThreshold(nvme0, 300);
  nvme0.aer.arm();
  expect(await nvme0.aer.next()).toMatchObject({ type: smartHealth });
  await nvme0.reset();
  await enable(nvme0, temperatureWarning);
  await setThreshold(nvme0, 300);
  await setThreshold(nvme0, default70C);
  await read(nvme0, lid.smart);
  nvme0.aer.arm();
  await silent(nvme0);
});

test('a reset forgets events and requests', {
  spec: 'NVMe Base 2.0, Asynchronous Event Request command',
  fresh: true,
}, async ({ nvme0 }) => {
  await enable(nvme0, temperatureWarning);
  await setThreshold(nvme0, 300);
  await nvme0.reset();
  nvme0.aer.arm();
  await silent(nvme0);
});
