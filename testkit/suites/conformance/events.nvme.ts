import { type Controller, DmaBuffer, expect, test } from '@doorbell/testkit';

const asynchronousEvents = 0x0b;
const temperatureThreshold = 0x04;
const thermalManagement = 0x10;
const lid = { error: 0x01, smart: 0x02 } as const;
const smartHealth = 1;
const reliability = 0;
const temperature = 1;
const spare = 2;
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

test.each([
  ['little spare', { availableSpare: 5 }, { bit: 0, info: spare }],
  ['degraded reliability', { reliabilityDegraded: true }, { bit: 2, info: reliability }],
  ['read only media', { readOnly: true }, { bit: 3, info: reliability }],
  ['a failed backup', { backupFailed: true }, { bit: 4, info: reliability }],
  ['a hot drive', { temperatureC: 90 }, { bit: 1, info: temperature }],
] as const)(
  '%s is a critical warning and its event',
  {
    spec: 'NVMe Base 2.0, SMART / Health Information: Critical Warning',
    fresh: true,
  },
  async ({ nvme0 }, _name, health, { bit, info }) => {
    await enable(nvme0, 0xff);
    nvme0.aer.arm();
    await nvme0.faults.health(health);
    expect(await nvme0.aer.next()).toMatchObject({ type: smartHealth, info, logPage: lid.smart });
    expect((await nvme0.smart({ rae: true })).u(0)).toBe(1 << bit);
  },
);

test('a drive that gets hot throttles at its limits and records it', {
  spec: 'NVMe Base 2.0, Host Controlled Thermal Management; Thermal Excursion Event',
  fresh: true,
}, async ({ nvme0 }) => {
  const transitions = async () => {
    const smart = await nvme0.smart({ rae: true });
    return [smart.u(219, 216), smart.u(223, 220)] as const;
  };
  const [light, heavy] = await transitions();
  await nvme0.setFeatures(thermalManagement, 320 * 0x1_0000 + 340);
  await nvme0.faults.health({ temperatureC: 50 });
  expect(await transitions()).toEqual([light + 1, heavy]);
  await nvme0.faults.health({ temperatureC: 80 });
  expect(await transitions()).toEqual([light + 1, heavy + 1]);
  expect((await nvme0.smart({ rae: true })).u(2, 1)).toBe(353);
});

test('an invalid doorbell value is an Error event', {
  spec: 'NVMe Base 2.0, Asynchronous Event Information: Error Status',
  fresh: true,
}, async ({ nvme0, qpair }) => {
  nvme0.aer.arm();
  nvme0.registers.write32(0x1000 + 8 * qpair.qid, 0xffff);
  expect(await nvme0.aer.next()).toMatchObject({ type: 0, info: 1, logPage: lid.error });
});
