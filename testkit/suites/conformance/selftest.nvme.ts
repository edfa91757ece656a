import { test as base, type Controller, expect } from '@doorbell/testkit';
import { during } from './during.ts';
import { type Fresh, freshSsd } from './freshSsd.ts';

const test = base.extend<Fresh>(freshSsd('selftest', 'size=64M&namespaces=2'));
const operations = 'NVMe Base 2.0, Device Self-test Operations';
const clause = 'NVMe Base 2.0, Device Self-test command';
const page = 'NVMe Base 2.0, Device Self-test (Log Page Identifier 06h)';
const outcome = {
  completed: 0,
  command: 1,
  reset: 2,
  namespaceRemoved: 3,
  format: 4,
  knownSegment: 7,
  sanitize: 9,
} as const;

const start = (ssd: Controller, code: 'short' | 'extended' | number, nsid?: number) =>
  ssd.deviceSelfTest(code, { wait: false, ...(nsid !== undefined && { nsid }) });
const newest = async (ssd: Controller) => (await ssd.selfTestLog()).results[0];

test.each([
  ['short', 1],
  ['extended', 2],
] as const)('a %s test ends well and is in the log', { spec: operations }, async ({ ssd }, code, value) => {
  expect((await ssd.selfTestLog()).results).toEqual([]);
  const result = await ssd.deviceSelfTest(code);
  expect([result?.code, result?.result, result?.valid]).toEqual([value, outcome.completed, 0]);
  const hours = (await ssd.smart()).powerOnHours;
  expect(result?.powerOnHours).toBe(hours);
  expect((await ssd.selfTestLog()).operation).toBe(0);
});

test('tells how far it is', { spec: page }, async ({ ssd }) => {
  await start(ssd, 'extended');
  const first = await ssd.selfTestLog();
  expect(first.operation).toBe(2);
  expect(first.percent).toBeLessThan(100);
  const second = await ssd.selfTestLog();
  expect(second.operation === 0 || second.percent >= first.percent).toBe(true);
  await ssd.deviceSelfTest('abort');
  const log = await ssd.selfTestLog();
  expect([log.operation, log.percent]).toEqual([0, 0]);
});

test('there is one at a time', { spec: clause }, async ({ ssd }) => {
  await start(ssd, 'extended');
  const second = await ssd.admin({ opcode: 0x14, nsid: 0, cdw10: 1 }, undefined, { allowError: true });
  expect([second.status.name, second.status.dnr]).toEqual(['Device Self-test In Progress', false]);
  await ssd.deviceSelfTest('abort');
  expect(await newest(ssd)).toMatchObject({ result: outcome.command, code: 2 });
});

test('ending what does not run is no error and leaves no result', { spec: clause }, async ({ ssd }) => {
  await ssd.deviceSelfTest('abort');
  expect((await ssd.selfTestLog()).results).toEqual([]);
});

test('I/O goes on meanwhile', { spec: operations }, async ({ ssd, ns, q, buf }) => {
  await start(ssd, 'extended');
  await ns.write(q, buf, { slba: 0 });
  await ns.read(q, buf, { slba: 0 });
  expect((await ssd.selfTestLog()).operation).toBe(2);
});

test('a reset ends a short test, an extended one goes on', { spec: operations }, async ({ ssd }) => {
  const ended = await during(
    () => start(ssd, 'short'),
    async () => {
      await ssd.reset();
      const result = await newest(ssd);
      return result?.passed ? undefined : result;
    },
  );
  expect(ended).toMatchObject({ result: outcome.reset, code: 1 });
  await start(ssd, 'extended');
  const { percent } = await ssd.selfTestLog();
  await ssd.reset();
  const log = await ssd.selfTestLog();
  expect([log.operation, log.percent >= percent]).toEqual([2, true]);
  await ssd.deviceSelfTest('abort');
});

test('an extended test goes on when power is back', { spec: operations, tags: ['power'] }, async ({ ssd }) => {
  await start(ssd, 'extended');
  await ssd.subsystem.powerCycle();
  await ssd.reset();
  expect((await ssd.selfTestLog()).operation).toBe(2);
  await ssd.deviceSelfTest('abort');
});

test('formatting a namespace that it tests ends it', { spec: operations }, async ({ ssd }) => {
  await start(ssd, 'extended', 1);
  await ssd.format({ nsid: 2 });
  expect((await ssd.selfTestLog()).operation).toBe(2);
  await ssd.format({ nsid: 1 });
  expect(await newest(ssd)).toMatchObject({ result: outcome.format, code: 2 });
});

test('deleting the namespace that it tests ends it', { spec: operations }, async ({ ssd }) => {
  await start(ssd, 'extended', 2);
  await ssd.deleteNamespace(2);
  expect(await newest(ssd)).toMatchObject({ result: outcome.namespaceRemoved, code: 2 });
});

test('finds what is wrong with the health of the drive', { spec: operations }, async ({ ssd }) => {
  await ssd.faults.health({ reliabilityDegraded: true });
  await expect(ssd.deviceSelfTest('short')).rejects.toThrow('result 7');
  expect(await newest(ssd)).toMatchObject({ result: outcome.knownSegment, segment: 2, nsid: undefined });
});

test('the log keeps 20 results, newest first', { spec: page }, async ({ ssd }) => {
  for (let i = 0; i < 21; i += 1) {
    await start(ssd, i % 2 === 0 ? 'short' : 'extended');
    await ssd.deviceSelfTest('abort');
    expect((await ssd.selfTestLog()).operation).toBe(0);
  }
  const { results } = await ssd.selfTestLog();
  expect(results.map(({ code }) => code)).toEqual(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : 2)));
});

test('results outlive power', { spec: page, tags: ['power'] }, async ({ ssd }) => {
  await start(ssd, 'extended');
  await ssd.deviceSelfTest('abort');
  await ssd.subsystem.powerCycle();
  await ssd.reset();
  expect(await newest(ssd)).toMatchObject({ result: outcome.command, code: 2 });
});

test('refuses reserved codes and namespaces that are not there', { spec: clause }, async ({ ssd }) => {
  for (const code of [0, 3, 0xd]) await expect(start(ssd, code)).toRejectWithStatus('Invalid Field in Command');
  await expect(start(ssd, 'short', 3)).toRejectWithStatus('Invalid Field in Command');
  await expect(start(ssd, 'short', ssd.identifyData.nn + 1)).toRejectWithStatus('Invalid Namespace or Format');
  expect((await ssd.selfTestLog()).operation).toBe(0);
  await start(ssd, 'extended', 0);
  expect((await ssd.selfTestLog()).operation).toBe(2);
});
