import { adminOpcode, type Cqe, DmaBuffer, expect, Fields, test } from '@doorbell/testkit';
import { adminCommands, answerOf, type CoverageTable, features, logPages, nvmCommands } from './coverageTable.ts';

const codes = Array.from({ length: 256 }, (_, code) => code);
/** No field of any command may have this value: what is implemented refuses it without an effect. */
const nonsense = 0xffff_ffff;
const namespaceFeatures = new Set([0x03, 0x05, 0x7f, 0x82, 0x83, 0x84]);

/** `implemented`, or the status, as the coverage table writes it. */
function answer(table: CoverageTable, cqe: Cqe): string {
  return cqe.status.name === table.others ? table.others : 'implemented';
}

/** Codes that do not answer as the table says. */
function differences(table: CoverageTable, answers: readonly string[]): string[] {
  return codes
    .filter((code) => answers[code] !== answerOf(table, code))
    .map((code) => `${code.toString(16)}h: ${answers[code]}, the table says ${answerOf(table, code)}`);
}

test('answers every admin opcode as the coverage table says', {
  spec: 'NVMe Base 2.0, Admin Command Set',
}, async ({ nvme0 }) => {
  const answers: string[] = [];
  for (const opcode of codes) {
    if (opcode === adminOpcode.asynchronousEventRequest) continue;
    const sqe = { opcode, cdw10: nonsense };
    answers[opcode] = answer(adminCommands, await nvme0.admin(sqe, undefined, { allowError: true }));
  }
  const held = nvme0.admin({ opcode: adminOpcode.asynchronousEventRequest }, undefined, {
    allowError: true,
    timeoutMs: 0,
  });
  await nvme0.abort(0, held.cid);
  const aborted = await held;
  expect(aborted.status.name).toBe('Command Abort Requested');
  answers[adminOpcode.asynchronousEventRequest] = 'implemented';
  expect(differences(adminCommands, answers)).toEqual([]);
});

test('answers every NVM opcode as the coverage table says', {
  spec: 'NVM Command Set 1.0, NVM Command Set Commands',
}, async ({ nvme0n1, qpair }) => {
  const answers: string[] = [];
  for (const opcode of codes) {
    const sqe = { opcode, nsid: nvme0n1.nsid, cdw10: nonsense, cdw11: nonsense };
    answers.push(answer(nvmCommands, await qpair.send(sqe, undefined, { allowError: true })));
  }
  expect(differences(nvmCommands, answers)).toEqual([]);
});

test('answers every Feature Identifier as the coverage table says', {
  spec: 'NVMe Base 2.0, Get Features command',
}, async ({ nvme0, buf }) => {
  const answers: string[] = [];
  for (const fid of codes) {
    const options = { nsid: namespaceFeatures.has(fid) ? 1 : 0, allowError: true };
    answers.push(answer(features, await nvme0.getFeatures(fid, { ...options, buffer: buf })));
    if (answerOf(features, fid) === 'implemented') continue;
    const refused = await nvme0.setFeatures(fid, 0, { ...options, buffer: buf });
    expect(refused.status.name).toBe(features.others);
  }
  expect(differences(features, answers)).toEqual([]);
});

test('answers every Log Page Identifier as the coverage table says', {
  spec: 'NVMe Base 2.0, Get Log Page command',
}, async ({ nvme0, buf }) => {
  const answers: string[] = [];
  for (const lid of codes) {
    answers.push(answer(logPages, await nvme0.getLogPage(lid, buf, { rae: true, length: 512, allowError: true })));
  }
  expect(differences(logPages, answers)).toEqual([]);
});

test('reports what it implements in its own log pages', {
  spec: 'NVMe Base 2.0, Commands Supported and Effects, Feature Identifiers Supported and Effects, Supported Log Pages',
}, async ({ nvme0 }) => {
  const supported = async (lid: number, length: number, offset = 0) => {
    const buffer = new DmaBuffer(length);
    await nvme0.getLogPage(lid, buffer, { offset });
    const fields = new Fields(buffer.slice());
    return codes.filter((code) => fields.bit(0, code * 4 + 3, code * 4));
  };
  const implemented = (table: CoverageTable) => codes.filter((code) => answerOf(table, code) === 'implemented');
  expect(await supported(0x05, 1024)).toEqual(implemented(adminCommands));
  expect(await supported(0x05, 1024, 1024)).toEqual(implemented(nvmCommands));
  expect(await supported(0x12, 1024)).toEqual(implemented(features));
  expect(await supported(0x00, 1024)).toEqual(implemented(logPages));
});
