import {
  CommandTimeoutError,
  ControllerRemovedError,
  DmaBuffer,
  expect,
  type FaultWhen,
  test,
} from '@doorbell/testkit';

// Faults injected on purpose: what a firmware engineer's own error handling, and the driver's, can be tried with.

const reading: FaultWhen = { queue: 'io', command: 'read' };

test('the nth matching command ends with the chosen status', {
  spec: 'NVMe Base 2.0, Completion Queue Entry: Status Field',
}, async ({ nvme0, nvme0n1, qpair, buf }) => {
  const fault = nvme0.faults.fail('Internal Error', { command: 'read', nth: 2, times: 2, dnr: true });
  await nvme0n1.read(qpair, buf, { slba: 0 });
  await expect(nvme0n1.read(qpair, buf, { slba: 0 })).toRejectWithStatus('Internal Error');
  const cqe = await nvme0n1.read(qpair, buf, { slba: 0, allowError: true });
  expect(cqe.status).toMatchObject({ name: 'Internal Error', dnr: true, more: true });
  await nvme0n1.read(qpair, buf, { slba: 0 });
  expect([fault.matched, fault.fired]).toEqual([4, 2]);
});

test('an injected status without More leaves the error log as it is', {
  spec: 'NVMe Base 2.0, Error Information Log Page',
}, async ({ nvme0, nvme0n1, qpair, buf }) => {
  const before = (await nvme0.smart()).big(191, 176);
  nvme0.faults.fail([0, 0x21], { ...reading, more: false });
  await expect(nvme0n1.read(qpair, buf, { slba: 0 })).toRejectWithStatus('Command Interrupted');
  expect((await nvme0.smart()).big(191, 176)).toBe(before);
});

test('an admin command fails on request', async ({ nvme0 }) => {
  const fault = nvme0.faults.fail('Internal Error', { command: 'identify' });
  await expect(nvme0.identify()).rejects.toThrow('Internal Error');
  await nvme0.identify();
  expect(fault.fired).toBe(1);
});

test('a media error fails every read of its block until it is removed', {
  spec: 'NVM Command Set 1.0, Read command',
}, async ({ nvme0, nvme0n1, qpair, buf }) => {
  const fault = nvme0.faults.mediaError({ lba: [100, 101], nsid: 1 });
  await nvme0n1.read(qpair, buf, { slba: 92, blockCount: 8 });
  await expect(nvme0n1.read(qpair, buf, { slba: 96, blockCount: 8 })).toRejectWithStatus('Unrecovered Read Error');
  await nvme0n1.write(qpair, buf, { slba: 96, blockCount: 8 });
  await expect(nvme0n1.read(qpair, buf, { slba: 101, blockCount: 1 })).toRejectWithStatus('Unrecovered Read Error');
  fault.remove();
  await nvme0n1.read(qpair, buf, { slba: 96, blockCount: 8 });
  expect(fault.fired).toBe(2);
});

test('corrupted data arrives without an error', async ({ nvme0, nvme0n1, qpair }) => {
  const written = new DmaBuffer(4096, { pattern: { random: 0 } });
  const found = new DmaBuffer(4096);
  await nvme0n1.write(qpair, written, { slba: 0, blockCount: 8 });
  nvme0.faults.corruptData({ command: 'read', offset: 777, mask: 1 });
  await nvme0n1.read(qpair, found, { slba: 0, blockCount: 8 });
  expect(found.byte(777)).toBe(written.byte(777) ^ 1);
  await nvme0n1.read(qpair, found, { slba: 0, blockCount: 8 });
  expect(found.compare(written)).toBeUndefined();
});

test('a slow block takes its time, others do not', async ({ nvme0, nvme0n1, qpair, buf }) => {
  const fault = nvme0.faults.slowBlock(30, { lba: 8 });
  const slow = await nvme0n1.read(qpair, buf, { slba: 8, blockCount: 1 });
  expect(slow.latencyUs).toBeGreaterThanOrEqual(30_000);
  await nvme0n1.read(qpair, buf, { slba: 0, blockCount: 1 });
  expect(fault.fired).toBe(1);
});

test('a dropped completion is a command time-out', async ({ nvme0, nvme0n1, qpair, buf }) => {
  const fault = nvme0.faults.dropCompletion(reading);
  await expect(nvme0n1.read(qpair, buf, { slba: 0, timeoutMs: 100 })).rejects.toThrow(CommandTimeoutError);
  expect(fault.fired).toBe(1);
});

test('a fatal controller says so, and a reset brings it back', {
  spec: 'NVMe Base 2.0, Controller Status: Controller Fatal Status',
}, async ({ nvme0 }) => {
  await nvme0.faults.controllerFatal();
  expect(nvme0.registers.csts.cfs).toBe(true);
  await nvme0.reset();
  expect(nvme0.registers.csts.cfs).toBe(false);
  await nvme0.identify();
});

test('a device that is pulled out ends its commands, and can be plugged in again', async ({
  nvme0,
  nvme0n1,
  qpair,
  buf,
  subsystem,
}) => {
  const fault = nvme0.faults.removeDeviceAt(reading);
  await expect(nvme0n1.read(qpair, buf, { slba: 0 })).rejects.toThrow(ControllerRemovedError);
  expect(fault.fired).toBe(1);
  await subsystem.powerOn();
  await nvme0.reset();
  await nvme0.identify();
});

test('sensors say what they are told to, and raise their events', {
  spec: 'NVMe Base 2.0, SMART / Health Information: Critical Warning',
  fresh: true,
}, async ({ nvme0 }) => {
  await nvme0.setFeatures(0x0b, 0x1f);
  nvme0.aer.arm();
  await nvme0.faults.health({ availableSpare: 3 });
  expect(await nvme0.aer.next()).toMatchObject({ type: 1, info: 2, logPage: 2 });
  const smart = await nvme0.smart();
  expect([smart.criticalWarning & 1, smart.availableSpare]).toEqual([1, 3]);
  await nvme0.faults.clear();
  expect((await nvme0.smart()).criticalWarning).toBe(0);
});

test('a fault that could never act is refused', ({ nvme0 }) => {
  nvme0.faults.delay(0).remove();
  expect(() => nvme0.faults.fail([0, 0])).toThrow('Successful Completion');
  expect(() => nvme0.faults.corruptData({ command: 'flush' })).toThrow('opcode');
  expect(() => nvme0.faults.mediaError({ command: 'identify', lba: 0 })).toThrow(RangeError);
  expect(() => nvme0.faults.dropCompletion({ queue: 'admin', command: 'read' })).toThrow('no admin command');
});
