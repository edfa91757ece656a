import { adminOpcode, DmaBuffer, expect, nvmOpcode, test } from '@doorbell/testkit';
import { statusCoverage } from './statusCoverage.ts';

const errorRecovery = 0x05;
const arbitration = 0x01;
const numberOfQueues = 0x07;
/** Bus addresses end long before: nothing is mapped there. */
const nowhere = 0x7fff_ffff_0000n;

test('refuses reserved field values and opcodes', {
  spec: 'NVMe Base 2.0, Status Code: Generic Command Status',
}, async ({ nvme0 }) => {
  await expect(nvme0.admin({ opcode: 0xff })).toRejectWithStatus('Invalid Command Opcode');
  await expect(nvme0.admin({ opcode: adminOpcode.identify, cdw10: 0xff })).toRejectWithStatus(
    'Invalid Field in Command',
  );
});

test('refuses namespaces that cannot exist', { spec: 'NVMe Base 2.0, Namespace Identifier usage' }, async ({
  qpair,
}) => {
  const flush = (nsid: number) => qpair.send({ opcode: nvmOpcode.flush, nsid });
  await expect(flush(0)).toRejectWithStatus('Invalid Namespace or Format');
  await expect(flush(0x1234_5678)).toRejectWithStatus('Invalid Namespace or Format');
});

test('refuses blocks beyond the namespace', { spec: 'NVM Command Set 1.0, Status Code: LBA Out of Range' }, async ({
  nvme0n1,
  qpair,
  buf,
}) => {
  await expect(nvme0n1.read(qpair, buf, { slba: nvme0n1.nsze })).toRejectWithStatus('LBA Out of Range');
});

test('refuses data pointers that lead nowhere', { spec: 'NVMe Base 2.0, Physical Region Page Entry and List' }, async ({
  nvme0n1,
  qpair,
}) => {
  const read = (prp1: bigint) => qpair.send({ opcode: nvmOpcode.read, nsid: nvme0n1.nsid, prp1 });
  await expect(read(nowhere)).toRejectWithStatus('Data Transfer Error');
  await expect(read(nowhere + 2n)).toRejectWithStatus('PRP Offset Invalid');
});

test('refuses queues that cannot be', { spec: 'NVMe Base 2.0, Create I/O Completion Queue command' }, async ({
  nvme0,
  buf,
}) => {
  const create = (opcode: number, cdw10: number, cdw11: number) => nvme0.admin({ opcode, cdw10, cdw11 }, buf);
  const { createIoCompletionQueue: cq, createIoSubmissionQueue: sq } = adminOpcode;
  await expect(create(cq, 0x0003_0000, 1)).toRejectWithStatus('Invalid Queue Identifier');
  await expect(create(cq, 0xffff_0020, 1)).toRejectWithStatus('Invalid Queue Size');
  await expect(create(cq, 0x0003_0020, 0xfff0_0003)).toRejectWithStatus('Invalid Interrupt Vector');
  await expect(create(sq, 0x0003_0020, 0x003f_0001)).toRejectWithStatus('Completion Queue Invalid');
});

test('refuses to delete a completion queue in use', {
  spec: 'NVMe Base 2.0, Delete I/O Completion Queue command',
}, async ({ nvme0, qpair }) => {
  const deletion = nvme0.admin({ opcode: adminOpcode.deleteIoCompletionQueue, cdw10: qpair.qid });
  await expect(deletion).toRejectWithStatus('Invalid Queue Deletion');
});

test('refuses one Asynchronous Event Request too many', {
  spec: 'NVMe Base 2.0, Asynchronous Event Request command',
  fresh: true,
}, async ({ nvme0 }) => {
  const request = () =>
    nvme0.admin({ opcode: adminOpcode.asynchronousEventRequest }, undefined, { allowError: true, timeoutMs: 0 });
  const held = Array.from({ length: nvme0.identifyData.u(259) + 1 }, request);
  expect((await request()).status.name).toBe('Asynchronous Event Request Limit Exceeded');
  for (const { cid } of held) await nvme0.abort(0, cid);
  for (const one of held) expect((await one).status.name).toBe('Command Abort Requested');
});

test('refuses one Abort too many', { spec: 'NVMe Base 2.0, Abort command' }, async ({ nvme0 }) => {
  const limit = nvme0.identifyData.u(258) + 1;
  const { abort: opcode } = adminOpcode;
  nvme0.faults.delay(60_000, { queue: 'admin', opcode, times: limit });
  const abort = () => nvme0.admin({ opcode, cdw10: 0xffff_0000 }, undefined, { allowError: true, timeoutMs: 0 });
  const outstanding = Array.from({ length: limit }, abort);
  const refused = await abort();
  expect([refused.status.name, refused.status.dnr]).toEqual(['Abort Command Limit Exceeded', false]);
  const ended = Promise.allSettled(outstanding);
  await nvme0.reset();
  for (const { status } of await ended) expect(status).toBe('rejected');
});

test('refuses log pages it does not have', { spec: 'NVMe Base 2.0, Get Log Page command' }, async ({ nvme0, buf }) => {
  await expect(nvme0.getLogPage(0xfe, buf)).toRejectWithStatus('Invalid Log Page');
});

test('refuses to save, place or time a feature wrongly', { spec: 'NVMe Base 2.0, Set Features command' }, async ({
  nvme0,
  qpair,
}) => {
  expect(qpair.qid).toBeGreaterThan(0);
  await expect(nvme0.setFeatures(numberOfQueues, 0, { save: true })).toRejectWithStatus(
    'Feature Identifier Not Saveable',
  );
  await expect(nvme0.setFeatures(arbitration, 0, { nsid: 1 })).toRejectWithStatus('Feature Not Namespace Specific');
  await expect(nvme0.setFeatures(numberOfQueues, 0)).toRejectWithStatus('Command Sequence Error');
  await expect(nvme0.getFeatures(errorRecovery, { nsid: 0 })).toRejectWithStatus('Invalid Namespace or Format');
});

test('reports data that differ or cannot be read', {
  spec: 'NVM Command Set 1.0, Status Code: Media and Data Integrity Errors',
}, async ({ nvme0n1, qpair, buf }) => {
  buf.fill('ones');
  await nvme0n1.write(qpair, buf, { slba: 8 });
  const other = new DmaBuffer(buf.size);
  await expect(nvme0n1.compare(qpair, other, { slba: 8 })).toRejectWithStatus('Compare Failure');
  await nvme0n1.writeUncorrectable(qpair, { slba: 8 });
  await expect(nvme0n1.read(qpair, buf, { slba: 8 })).toRejectWithStatus('Unrecovered Read Error');
  await nvme0n1.write(qpair, other, { slba: 8 });
});

test('gives any status that a fault asks for', { spec: 'NVMe Base 2.0, Status Field' }, async ({
  nvme0,
  nvme0n1,
  qpair,
}) => {
  for (const [name] of statusCoverage) {
    const fault = nvme0.faults.fail(name, { queue: 'io', command: 'flush' });
    const { status } = await nvme0n1.flush(qpair, { allowError: true });
    expect(status.name).toBe(name);
    expect(fault.fired).toBe(1);
  }
});
