import assert from 'node:assert/strict';
import { AdminRecorder } from './adminRecorder.ts';
import { inScope, openEvidence } from './support.ts';

describe('operations of the controller', () => {
  let nvme: AdminRecorder;
  before(openEvidence);
  beforeEach(() => {
    nvme = new AdminRecorder();
  });

  it('waits for a sanitize operation, tells its progress, and rejects when it failed', async () => {
    const states: [number, number][] = [
      [2, 0],
      [2, 0x8000],
      [1, 0xffff],
    ];
    nvme.answer = ({ opcode }) =>
      opcode === 0x02 ? sanitizePage(states.length > 1 ? states.shift() : states[0]) : undefined;
    const told: [string, number][] = [];
    const percents: number[] = [];
    const { failures } = await inScope(
      async () => {
        const log = await nvme.sanitize({ action: 'crypto-erase', onProgress: (percent) => percents.push(percent) });
        assert.equal(log.state, 'completed');
      },
      (label, done) => told.push([label, done]),
    );
    assert.deepEqual([percents, failures], [[0, 50, 100], []]);
    assert.deepEqual(told, [
      ['sanitize', 0],
      ['sanitize', 50],
      ['sanitize', 100],
    ]);
    states[0] = [3, 0];
    await assert.rejects(nvme.sanitize({ action: 'block-erase' }), { name: 'OperationFailedError' });
  });

  it('gives up on an operation that tells of no progress', async () => {
    nvme.answer = () => sanitizePage([2, 0x100]);
    await assert.rejects(nvme.waitForSanitize({ stuckMs: 30 }), {
      name: 'OperationStuckError',
      message: /no progress in 30 ms/,
    });
  });

  it('waits for a self-test and gives its result, or rejects with it', async () => {
    const pages = [selfTestPage(1, 30), selfTestPage(1, 60), selfTestPage(0, 0, 0x10)];
    nvme.answer = ({ opcode }) => (opcode === 0x02 ? (pages.length > 1 ? pages.shift() : pages[0]) : undefined);
    const percents: number[] = [];
    const result = await nvme.deviceSelfTest('short', { onProgress: (percent) => percents.push(percent) });
    assert.deepEqual([result?.passed, result?.code, percents], [true, 1, [30, 60, 100]]);
    pages[0] = selfTestPage(0, 0, 0x27);
    await assert.rejects(nvme.deviceSelfTest('extended'), { name: 'OperationFailedError', message: /result 7/ });
    assert.equal((await nvme.deviceSelfTest('extended', { allowError: true }))?.result, 7);
  });

  it('reads a long log page in parts', async () => {
    nvme.answer = ({ cdw12 = 0 }) => new Uint8Array(65_536).fill(cdw12 >>> 16);
    const page = await nvme.logPage(0xc0, 140_000);
    assert.deepEqual([page.u(0), page.u(65_535), page.u(65_536), page.u(139_999)], [0, 0, 1, 2]);
  });

  it('releases the reporting context of the persistent event log', async () => {
    nvme.answer = () => eventPage();
    const log = await nvme.persistentEventLog();
    assert.deepEqual(
      nvme.sent.map(({ cdw10 = 0 }) => (cdw10 >>> 8) & 0x7f),
      [1, 0, 2],
    );
    assert.deepEqual(
      log.events.map(({ type, vendorBytes, data }) => [type, vendorBytes, data.u(0)]),
      [
        [4, 2, 0x55],
        [1, 0, 0x66],
      ],
    );
    assert.deepEqual([log.logs(4), log.logs(5), log.totalBytes], [true, false, 576n]);
  });
});

function sanitizePage([state, progress]: [number, number] = [0, 0]): Uint8Array {
  const bytes = new Uint8Array(512);
  new DataView(bytes.buffer).setUint16(0, progress, true);
  bytes[2] = state;
  return bytes;
}

function selfTestPage(operation: number, percent: number, result?: number): Uint8Array {
  const bytes = new Uint8Array(564);
  bytes[0] = operation;
  bytes[1] = percent;
  for (let at = 4; at < 564; at += 28) bytes[at] = 0x0f;
  if (result !== undefined) bytes[4] = result;
  return bytes;
}

/** Two events: 24 bytes of header each; the first with 2 vendor bytes. */
function eventPage(): Uint8Array {
  const bytes = new Uint8Array(576);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, 2, true);
  view.setBigUint64(8, 576n, true);
  bytes[480] = 0x10;
  bytes.set([4, 1, 21], 512);
  view.setUint16(512 + 20, 2, true);
  view.setUint16(512 + 22, 8, true);
  bytes[512 + 24 + 2] = 0x55;
  bytes.set([1, 1, 21], 544);
  view.setUint16(544 + 22, 8, true);
  bytes[544 + 24] = 0x66;
  return bytes;
}
