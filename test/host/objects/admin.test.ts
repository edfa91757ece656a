import assert from 'node:assert/strict';
import type { Controller } from '../../../testkit/objects/controller.ts';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import { openSsd, rejection } from './support.ts';

describe('a controller', () => {
  let nvme0: Controller;
  before(async () => {
    nvme0 = await openSsd(8);
  });
  beforeEach(() => nvme0.restore());
  after(() => nvme0.close());

  it('has its registers by name, by offset and decoded', () => {
    const { registers } = nvme0;
    assert.deepEqual(registers.vs, { raw: 0x0002_0000, major: 2, minor: 0, tertiary: 0 });
    assert.equal(registers.get('CAP'), registers.read64(0));
    assert.equal(BigInt(registers.read32(0x08)), registers.get('VS'));
    assert.deepEqual([registers.cap.mqes, registers.cap.dstrd, registers.cap.nssrs], [1023, 0, true]);
    assert.deepEqual([registers.cc.en, registers.cc.sqEntryBytes, registers.cc.cqEntryBytes], [true, 64, 16]);
    assert.deepEqual([registers.csts.rdy, registers.csts.cfs, registers.csts.shst], [true, false, 0]);
    assert.throws(() => registers.read32(2), /offset must be a multiple of 4/);
    assert.throws(() => registers.get('NOPE' as 'CAP'), /there is no controller property 'NOPE'/);
  });

  it('can be disabled by writing CC', async () => {
    const { registers } = nvme0;
    registers.set('CC', registers.cc.raw & ~1);
    for (let tries = 0; tries < 1000 && registers.csts.rdy; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(registers.csts.rdy, false);
    await nvme0.restore();
    assert.equal(registers.csts.rdy, true);
  });

  it('identifies itself and its namespaces', async () => {
    const id = await nvme0.identify();
    assert.equal(id.vwc.present, true);
    assert.equal(id.ver, 0x0002_0000);
    assert.equal(nvme0.idData(83, 80), 0x0002_0000);
    assert.ok(id.model.length > 0 && id.serial.length > 0);
    assert.deepEqual([id.oncs.compare, id.oncs.writeZeroes, id.oncs.datasetManagement], [true, true, true]);
    const ns = await nvme0.identifyNamespace(1);
    assert.equal(ns.lbaFormat.lbaBytes, 512);
    assert.equal(ns.nsze, nvme0.namespace(1).nsze);
    assert.ok(ns.lbaFormats.some(({ lbaBytes }) => lbaBytes === 4096));
    const list = await nvme0.identifyStructure({ cns: 0x02 });
    assert.equal(list.u(3, 0), 1);
    assert.throws(() => nvme0.namespace(2), /no active namespace 2; active: 1/);
  });

  it('gets and sets features', async () => {
    const { dw0: before } = await nvme0.getFeatures(0x06);
    assert.equal(before & 1, 1);
    await nvme0.setFeatures(0x06, 0);
    assert.equal((await nvme0.getFeatures(0x06)).dw0 & 1, 0);
    assert.equal((await nvme0.getFeatures(0x06, { select: 'default' })).dw0 & 1, 1);
    assert.equal((await rejection(nvme0.getFeatures(0xbf))).name, 'Invalid Field in Command');
  });

  it('reads log pages', async () => {
    const smart = await nvme0.smart();
    assert.ok(smart.temperatureCelsius > 0 && smart.temperatureCelsius < 100, `${smart.temperatureCelsius}`);
    assert.equal(smart.criticalWarning, 0);
    const slots = await nvme0.firmwareSlot();
    assert.equal(slots.revisions[slots.activeSlot - 1], (await nvme0.identify()).firmware);
    const qpair = await nvme0.createQpair({ depth: 4 });
    await rejection(nvme0.namespace(1).read(qpair, new DmaBuffer(512), { slba: nvme0.namespace(1).nsze }));
    const [newest] = await nvme0.errorLog();
    assert.deepEqual(
      [newest?.sqid, (newest?.status ?? 0) & 0x7ff, newest?.lba],
      [qpair.qid, 0x80, nvme0.namespace(1).nsze],
    );
    assert.equal((await rejection(nvme0.getLogPage(0x7e, new DmaBuffer(512)))).name, 'Invalid Log Page');
    assert.throws(() => nvme0.getLogPage(0x02, new DmaBuffer(512), { length: 514 }), RangeError);
    await qpair.delete();
  });

  it('says what it supports', async () => {
    assert.equal(await nvme0.supports(0x06), true);
    assert.equal(await nvme0.supports(0x7e), false);
    assert.equal(await nvme0.supports(0x05, 'io'), true);
  });

  it('reports asynchronous events, re-armed', async () => {
    await nvme0.setFeatures(0x0b, 0x02);
    nvme0.aer.arm(2);
    const threshold = async (kelvin: number) => nvme0.setFeatures(0x04, kelvin);
    const event = nvme0.aer.next();
    await threshold(200);
    const { type, logPage } = await event;
    assert.deepEqual([type, logPage], [1, 2]);
    assert.equal(nvme0.aer.outstanding, 2);
    await nvme0.smart();
    await threshold(400);
  });

  it('aborts an asynchronous event request', async () => {
    nvme0.aer.arm(1);
    const event = nvme0.aer.next();
    const cqe = await nvme0.abort(0, lastCid(nvme0.cmdlog(1)));
    assert.equal(cqe.dw0 & 1, 0);
    assert.equal((await rejection(event)).name, 'Command Abort Requested');
  });

  it('gives up on a command that never completes, and says what it saw', async () => {
    nvme0.timeouts.setAdmin(0x0c, 30);
    const error = await rejection(nvme0.admin({ opcode: 0x0c }));
    nvme0.timeouts.setAdmin(0x0c, 0);
    assert.equal(error.name, 'CommandTimeoutError');
    assert.match(error.message, /no completion in 30 ms: Asynchronous Event Request, CID \d+, cdw10 0x0 on .* Q00/);
    assert.match(error.message, /CSTS 0x00000001 \(ready\), CC 0x/);
    assert.match(error.message, /SQ tail \d+, SQ head \d+, CQ head \d+, expected phase [01]/);
    assert.match(error.message, /last commands, newest first:\n.*Asynchronous Event Request/s);
    assert.equal((await nvme0.identify()).vwc.present, true, 'the queue goes on');
  });

  it('keeps the command log of the admin queue', async () => {
    await nvme0.identify();
    assert.match(nvme0.cmdlog(1), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \[cmd001: Identify\]\n/);
    assert.ok((nvme0.latestLatencyUs ?? 0) > 0);
  });
});

/** CID of the newest command of a log. */
function lastCid(text: string): number {
  return Number.parseInt(/\n0x([0-9a-f]{4})/.exec(text)?.[1] ?? '', 16);
}
