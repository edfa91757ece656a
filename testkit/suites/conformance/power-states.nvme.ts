import { setTimeout as sleep } from 'node:timers/promises';
import { type Controller, DmaBuffer, expect, test } from '@doorbell/testkit';

const powerManagement = 0x02;
const autonomousTransitions = 0x0c;
const thermalManagement = 0x10;
const descriptors = 2048;

const isOperational = (nvme0: Controller, state: number) =>
  (nvme0.identifyData.u(descriptors + state * 32 + 3) & 2) === 0;
const states = (nvme0: Controller) => Array.from({ length: nvme0.identifyData.u(263) + 1 }, (_, state) => state);
const current = async (nvme0: Controller) => (await nvme0.getFeatures(powerManagement)).dw0 & 0x1f;

/** Waits for the state, 5 s at most. */
async function reaches(nvme0: Controller, state: number): Promise<void> {
  const until = Date.now() + 5000;
  let seen = await current(nvme0);
  for (; seen !== state && Date.now() < until; seen = await current(nvme0)) await sleep(10);
  expect(seen).toBe(state);
}

/** Entries of the table: from a state, after so many ms, to a state. */
function table(entries: readonly (readonly [from: number, idleMs: number, to: number])[]): DmaBuffer {
  const buffer = new DmaBuffer(256);
  for (const [from, idleMs, to] of entries) buffer.setDword(from * 8, (idleMs << 8) | (to << 3));
  return buffer;
}

test('takes every power state it describes, and no other', {
  spec: 'NVMe Base 2.0, Power Management (Feature Identifier 02h)',
}, async ({ nvme0 }) => {
  for (const state of states(nvme0)) {
    await nvme0.setFeatures(powerManagement, state);
    expect(await current(nvme0)).toBe(state);
  }
  await expect(nvme0.setFeatures(powerManagement, states(nvme0).length)).toRejectWithStatus('Invalid Field in Command');
  await nvme0.setFeatures(powerManagement, 0);
});

test('I/O brings it back to the last operational state', {
  spec: 'NVMe Base 2.0, Non-Operational Power States',
}, async ({ nvme0, nvme0n1, qpair, buf }) => {
  const resting = states(nvme0).filter((state) => !isOperational(nvme0, state));
  expect(resting.length).toBeGreaterThan(0);
  for (const state of resting) {
    const exitUs = nvme0.identifyData.u(descriptors + state * 32 + 11, descriptors + state * 32 + 8);
    await nvme0.setFeatures(powerManagement, 1);
    await nvme0.setFeatures(powerManagement, state);
    await nvme0.identify();
    expect(await current(nvme0)).toBe(state);
    const cqe = await nvme0n1.read(qpair, buf, { slba: 0 });
    expect(cqe.latencyUs).toBeGreaterThanOrEqual(exitUs);
    expect(await current(nvme0)).toBe(1);
  }
  await nvme0.setFeatures(powerManagement, 0);
});

test('idle time leads to the state of the table', {
  spec: 'NVMe Base 2.0, Autonomous Power State Transitions',
}, async ({ nvme0, nvme0n1, qpair, buf }) => {
  const first = [[0, 300, 3]] as const;
  const entries = [...first, [3, 100, 4]] as const;
  await nvme0.setFeatures(autonomousTransitions, 1, { buffer: table(first) });
  await nvme0n1.read(qpair, buf, { slba: 0 });
  await reaches(nvme0, 3);
  await nvme0.setFeatures(autonomousTransitions, 1, { buffer: table(entries) });
  await reaches(nvme0, 4);
  await nvme0n1.read(qpair, buf, { slba: 0 });
  expect(await current(nvme0)).toBe(0);
  const read = new DmaBuffer(256);
  expect((await nvme0.getFeatures(autonomousTransitions, { buffer: read })).dw0).toBe(1);
  expect(read.slice()).toEqual(table(entries).slice());
  await nvme0.setFeatures(autonomousTransitions, 0, { buffer: table([]) });
});

test('a table must lead to a non-operational state', {
  spec: 'NVMe Base 2.0, Autonomous Power State Transition (Feature Identifier 0Ch)',
}, async ({ nvme0 }) => {
  for (const entry of [[0, 100, 1] as const, [0, 100, 31] as const, [20, 100, 3] as const]) {
    const set = nvme0.setFeatures(autonomousTransitions, 1, { buffer: table([entry]) });
    await expect(set).toRejectWithStatus('Invalid Field in Command');
  }
  expect((await nvme0.getFeatures(autonomousTransitions, { buffer: table([]) })).dw0).toBe(0);
});

test('thermal limits lie in the range and in order, and a limit below the temperature throttles', {
  spec: 'NVMe Base 2.0, Host Controlled Thermal Management (Feature Identifier 10h)',
}, async ({ nvme0 }) => {
  const lowest = nvme0.identifyData.u(325, 324);
  const highest = nvme0.identifyData.u(327, 326);
  const set = (light: number, heavy: number) => nvme0.setFeatures(thermalManagement, light * 0x1_0000 + heavy);
  for (const [light, heavy] of [
    [lowest - 1, highest],
    [lowest, highest + 1],
    [highest, lowest],
    [lowest, lowest],
  ] as const) {
    await expect(set(light, heavy)).toRejectWithStatus('Invalid Field in Command');
  }
  const transitions = async () => (await nvme0.smart()).u(219, 216);
  const before = await transitions();
  await set(lowest, highest);
  expect(await transitions()).toBe(before + 1);
  await set(0, 0);
});
