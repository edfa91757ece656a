import { setTimeout as sleep } from 'node:timers/promises';
import { adminOpcode, test as base, type Controller, DmaBuffer, expect, type SanitizeOptions } from '@doorbell/testkit';
import { during } from './during.ts';
import { image } from './firmwareImage.ts';
import { type Fresh, freshSsd } from './freshSsd.ts';

const test = base.extend<Fresh>(freshSsd('sanitize'));
const operations = 'NVMe Base 2.0, Sanitize Operations';
const restrictions = 'NVMe Base 2.0, Sanitize Operations: Restrictions';
const ioCommandSet = 6;
const sanitizeStatus = 0x81;
const sanitizeConfig = 0x17;
const completed = 1;
const completedWithDeallocation = 2;

const start = (ssd: Controller, options: SanitizeOptions) => ssd.sanitize({ ...options, wait: false });

test.each(['block-erase', 'overwrite', 'crypto-erase'] as const)(
  '%s leaves nothing of the data',
  {
    spec: operations,
  },
  async ({ ssd, ns, q, buf }, action) => {
    const data = new DmaBuffer(4096, { pattern: { random: 0 } });
    await ns.write(q, data, { slba: 8, blockCount: 8 });
    const passes = action === 'overwrite' ? { passes: 3, pattern: 0x5555_5555, invertPattern: true } : {};
    const log = await ssd.sanitize({ action, ...passes });
    expect([log.state, log.progress, log.globalDataErased]).toEqual(['completed', 0xffff, true]);
    expect(log.overwritePasses).toBe(action === 'overwrite' ? 3 : 0);
    expect(log.commandDword10 & 7).toBe({ 'block-erase': 2, overwrite: 3, 'crypto-erase': 4 }[action]);
    await ns.read(q, buf, { slba: 8, blockCount: 8 });
    expect(buf.slice().every((byte) => byte === 0)).toBe(true);
  },
);

test('the status log is up to date when the command completes, and counts on', {
  spec: 'NVMe Base 2.0, Sanitize Status (Log Page Identifier 81h)',
}, async ({ ssd }) => {
  const before = await ssd.sanitizeLog();
  expect([before.state, before.progress, before.commandDword10]).toEqual(['never', 0xffff, 0]);
  for (const seconds of [before.overwriteS, before.blockEraseS, before.cryptoEraseS]) expect(seconds).toBeDefined();
  const first = await start(ssd, { action: 'block-erase' });
  expect(first.state).not.toBe('never');
  const later = await ssd.sanitizeLog({ rae: true });
  expect(later.progress === 0xffff || later.progress >= first.progress).toBe(true);
  expect((await ssd.waitForSanitize()).state).toBe('completed');
});

test('data written since clears Global Data Erased', {
  spec: 'NVMe Base 2.0, Sanitize Status: Global Data Erased',
}, async ({ ssd, ns, q, buf }) => {
  await ssd.sanitize({ action: 'crypto-erase' });
  expect((await ssd.sanitizeLog()).globalDataErased).toBe(true);
  await ns.write(q, buf, { slba: 0 });
  expect((await ssd.sanitizeLog()).globalDataErased).toBe(false);
});

/** An operation under way, started over as long as it ends too early; what was looked at meanwhile. */
function sanitizing<T>(ssd: Controller, look: () => Promise<T>): Promise<T> {
  const start = async () => {
    await ssd.waitForSanitize();
    await ssd.sanitize({ action: 'overwrite', passes: 16, wait: false });
  };
  return during(start, async () => {
    const seen = await look();
    return (await ssd.sanitizeLog({ rae: true })).state === 'in-progress' ? seen : undefined;
  });
}

test('keeps I/O out, but for Flush', { spec: restrictions }, async ({ ssd, ns, q, buf }) => {
  const at = { slba: 0, allowError: true } as const;
  const statuses = await sanitizing(ssd, async () => {
    const commands = [
      ns.read(q, buf, at),
      ns.write(q, buf, at),
      ns.compare(q, buf, at),
      ns.verify(q, at),
      ns.writeZeroes(q, at),
      ns.flush(q, { allowError: true }),
    ];
    return (await Promise.all(commands)).map(({ status }) => status);
  });
  const refused = 'Sanitize In Progress';
  expect(statuses.map(({ name }) => name)).toEqual([
    refused,
    refused,
    refused,
    refused,
    refused,
    'Successful Completion',
  ]);
  expect(statuses.some(({ dnr }) => dnr)).toBe(false);
});

/** Statuses of one admin command after the other, by name. */
async function answers(ssd: Controller): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const send = async (name: string, fields: { opcode: number; nsid?: number; cdw10?: number; cdw11?: number }) => {
    const cqe = await ssd.admin(fields, new DmaBuffer(4096), { allowError: true });
    found[name] = cqe.status.name;
  };
  for (const lid of [0x01, 0x02, 0x04, 0x80, 0x81, 0x00, 0x03, 0x05, 0x06, 0x07, 0x08, 0x0d, 0x12]) {
    await send(`log ${lid.toString(16)}`, { opcode: adminOpcode.getLogPage, cdw10: 0x007f_8000 + lid });
  }
  await send('identify', { opcode: adminOpcode.identify, cdw10: 1 });
  await send('get features', { opcode: adminOpcode.getFeatures, cdw10: 0x01 });
  await send('set features', { opcode: adminOpcode.setFeatures, cdw10: 0x01 });
  await send('write protect', { opcode: adminOpcode.setFeatures, nsid: 1, cdw10: 0x84 });
  await send('abort', { opcode: adminOpcode.abort, cdw10: 0x0fff_0000 });
  await send('sanitize', { opcode: adminOpcode.sanitize, cdw10: 2 });
  await send('format', { opcode: adminOpcode.formatNvm, nsid: 1 });
  await send('self-test', { opcode: adminOpcode.deviceSelfTest, cdw10: 1 });
  await send('commit', { opcode: adminOpcode.firmwareCommit, cdw10: 0 });
  await send('download', { opcode: adminOpcode.firmwareImageDownload, cdw10: 1023 });
  await send('namespace', { opcode: adminOpcode.namespaceManagement, nsid: 1, cdw10: 1 });
  await send('attach', { opcode: adminOpcode.namespaceAttachment, nsid: 1 });
  await send('directive', { opcode: adminOpcode.directiveReceive, nsid: 1, cdw11: 1 });
  await send('security', { opcode: adminOpcode.securityReceive, cdw11: 512 });
  return found;
}

const permitted = ['log 1', 'log 2', 'log 4', 'log 80', 'log 81', 'identify', 'get features', 'set features', 'abort'];

test('permits the admin commands and log pages of its table, and no others', {
  spec: 'NVMe Base 2.0, Sanitize Operations and Format NVM Command: Admin Commands Allowed',
}, async ({ ssd }) => {
  const found = await sanitizing(ssd, () => answers(ssd));
  expect(namesOf(found, 'Successful Completion')).toEqual(permitted);
  expect(namesOf(found, 'Sanitize In Progress').length).toBe(Object.keys(found).length - permitted.length);
});

const namesOf = (found: Record<string, string>, status: string) =>
  Object.keys(found).filter((name) => found[name] === status);

test('error entries name no block meanwhile', {
  spec: 'NVMe Base 2.0, Sanitize Operations and Format NVM Command: Admin Commands Allowed',
}, async ({ ssd, ns, q, buf }) => {
  await expect(ns.read(q, buf, { slba: ns.nsze + 7n })).toRejectWithStatus('LBA Out of Range');
  const lba = async () => (await ssd.errorLog(1))[0]?.lba;
  expect(await lba()).toBe(ns.nsze + 7n);
  expect(await sanitizing(ssd, lba)).toBe(0n);
});

test('ends in an event that its log page clears', {
  spec: 'NVMe Base 2.0, Asynchronous Event Information: NVM Command Set Specific Status',
}, async ({ ssd }) => {
  ssd.aer.arm();
  await start(ssd, { action: 'block-erase' });
  expect(await ssd.aer.next()).toMatchObject({ type: ioCommandSet, info: completed, logPage: sanitizeStatus });
  expect((await ssd.sanitizeLog()).state).toBe('completed');
});

test('deallocates although it was asked not to, where Sanitize Config says that it may', {
  spec: 'NVMe Base 2.0, Sanitize Config (Feature Identifier 17h)',
}, async ({ ssd }) => {
  expect(ssd.identifyData.u(331, 328) & (1 << 29)).toBe(1 << 29);
  const keep = { action: 'block-erase', noDeallocate: true } as const;
  await expect(ssd.sanitize(keep)).toRejectWithStatus('Invalid Field in Command');
  await ssd.setFeatures(sanitizeConfig, 1);
  ssd.aer.arm();
  expect((await ssd.sanitize(keep)).state).toBe('completed-deallocated');
  expect(await ssd.aer.next()).toMatchObject({ type: ioCommandSet, info: completedWithDeallocation });
});

test('goes on after a reset and after a loss of power', { spec: operations, tags: ['power'] }, async ({
  ssd,
  ns,
  q,
}) => {
  const data = new DmaBuffer(4096, { pattern: 'ones' });
  await ns.write(q, data, { slba: 0, blockCount: 8, fua: true });
  const progress = await sanitizing(ssd, async () => {
    const seen = [(await ssd.sanitizeLog({ rae: true })).progress];
    await ssd.reset();
    seen.push((await ssd.sanitizeLog({ rae: true })).progress);
    await ssd.subsystem.powerCycle();
    await ssd.reset();
    return [...seen, (await ssd.sanitizeLog({ rae: true })).progress];
  });
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect((await ssd.waitForSanitize()).state).toBe('completed');
  const queue = await ssd.createQpair();
  await ns.read(queue, data, { slba: 0, blockCount: 8 });
  expect(data.slice().every((byte) => byte === 0)).toBe(true);
});

test('suspends autonomous power state transitions', {
  spec: restrictions,
}, async ({ ssd }) => {
  const idleMs = 20;
  const table = new DmaBuffer(256);
  table.setDword(0, (idleMs << 8) | (3 << 3));
  await ssd.setFeatures(0x0c, 1, { buffer: table });
  const state = await sanitizing(ssd, async () => {
    await sleep(5 * idleMs);
    return (await ssd.getFeatures(0x02)).dw0 & 0x1f;
  });
  expect(state).toBe(0);
});

test('ends a device self-test', {
  spec: 'NVMe Base 2.0, Device Self-test Operations',
}, async ({ ssd }) => {
  await ssd.deviceSelfTest('extended', { wait: false });
  await ssd.sanitize({ action: 'crypto-erase' });
  const [result] = (await ssd.selfTestLog()).results;
  expect([result?.code, result?.result]).toEqual([2, 9]);
});

test('refuses reserved actions', { spec: 'NVMe Base 2.0, Sanitize command' }, async ({ ssd }) => {
  for (const action of [0, 5, 6, 7]) {
    await expect(ssd.sanitize({ action })).toRejectWithStatus('Invalid Field in Command');
  }
  expect((await ssd.sanitizeLog()).state).toBe('never');
});

test('exit failure mode without a failure has no effect', { spec: 'NVMe Base 2.0, Sanitize command' }, async ({
  ssd,
}) => {
  expect((await start(ssd, { action: 'exit-failure-mode' })).state).toBe('never');
});

test('a restricted operation that failed is left by a restricted operation that succeeds', {
  spec: 'NVMe Base 2.0, Sanitize Operation State Machine: Restricted Failure',
}, async ({ ssd, ns, q, buf }) => {
  await ssd.faults.failSanitize();
  await expect(ssd.sanitize({ action: 'block-erase' })).rejects.toThrow('failed');
  const log = await ssd.sanitizeLog();
  expect([log.state, log.progress]).toEqual(['failed', 0xffff]);
  await expect(ns.read(q, buf, { slba: 0 })).toRejectWithStatus('Sanitize Failed');
  await ns.flush(q);
  await expect(start(ssd, { action: 'exit-failure-mode' })).toRejectWithStatus('Sanitize Failed');
  const unrestricted = start(ssd, { action: 'block-erase', allowUnrestrictedExit: true });
  await expect(unrestricted).toRejectWithStatus('Sanitize Failed');
  await ssd.reset();
  expect((await ssd.sanitizeLog()).state).toBe('failed');
  expect((await ssd.sanitize({ action: 'crypto-erase' })).state).toBe('completed');
  await ns.read(await ssd.createQpair(), buf, { slba: 0 });
});

test('an unrestricted operation that failed can be left without another', {
  spec: 'NVMe Base 2.0, Sanitize Operation State Machine: Unrestricted Failure',
}, async ({ ssd, ns, q, buf }) => {
  await ssd.faults.failSanitize();
  const failing = ssd.sanitize({ action: 'overwrite', passes: 1, allowUnrestrictedExit: true });
  await expect(failing).rejects.toThrow('failed');
  await expect(ns.read(q, buf, { slba: 0 })).toRejectWithStatus('Sanitize Failed');
  const during = await answersInFailure(ssd);
  expect(during).toEqual(permitted);
  await start(ssd, { action: 'exit-failure-mode' });
  await ns.read(q, buf, { slba: 0 });
});

/** Names of what is permitted; what starts an operation is not sent. */
async function answersInFailure(ssd: Controller): Promise<string[]> {
  ssd.faults.fail('Internal Error', { command: 'sanitize' });
  const found = await answers(ssd);
  const refused = namesOf(found, 'Sanitize Failed').length;
  const good = namesOf(found, 'Successful Completion');
  expect(good.length + refused + 1).toBe(Object.keys(found).length);
  return good;
}

test('waits for no firmware activation', {
  spec: 'NVMe Base 2.0, Sanitize command: Command Completion',
}, async ({ ssd }) => {
  await ssd.downloadFirmware(image('PENDING', { activation: 'controller-reset' }));
  await ssd.firmwareCommit({ action: 1, slot: 2 });
  const sanitize = start(ssd, { action: 'block-erase' });
  await expect(sanitize).toRejectWithStatus('Firmware Activation Requires Controller Level Reset');
  await ssd.reset();
  await start(ssd, { action: 'block-erase' });
});
