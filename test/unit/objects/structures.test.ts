import assert from 'node:assert/strict';
import type { NativeController } from '../../../testkit/nativeSurface.ts';
import { dossierText } from '../../../testkit/objects/dossier.ts';
import { IdentifyController, IdentifyNamespace } from '../../../testkit/objects/identify.ts';
import { errorLogEntries, FirmwareSlotLog, SmartLog } from '../../../testkit/objects/logs/basicLogs.ts';
import { Registers } from '../../../testkit/objects/registers.ts';
import { Sqe } from '../../../testkit/objects/sqeEntry.ts';

describe('registers', () => {
  it('are decoded field by field', () => {
    const values: Record<number, bigint> = { 0: 0x0840_0030_1401_03ffn, 8: 0x0002_0100n, 20: 0x0046_4131n, 28: 0x39n };
    const native = { readRegister: (offset: number) => values[offset] ?? 0n } as unknown as NativeController;
    const registers = new Registers(native, () => undefined);
    const { cap, vs, cc, csts } = registers;
    assert.deepEqual(
      [cap.mqes, cap.cqr, cap.timeoutMs, cap.dstrd, cap.nssrs, cap.css],
      [1023, true, 10_000, 0, true, 1],
    );
    assert.deepEqual([cap.minPageBytes, cap.maxPageBytes], [4096, 65536]);
    assert.deepEqual([vs.major, vs.minor, vs.tertiary], [2, 1, 0]);
    assert.deepEqual(
      [cc.en, cc.css, cc.pageBytes, cc.shn, cc.sqEntryBytes, cc.cqEntryBytes],
      [true, 3, 16384, 1, 64, 16],
    );
    assert.deepEqual([csts.rdy, csts.cfs, csts.shst, csts.nssro, csts.pp], [true, false, 2, true, true]);
  });
});

describe('structures', () => {
  it('of Identify Controller', () => {
    const bytes = new Uint8Array(4096);
    bytes.set(Buffer.from('SERIAL              MODEL X'), 4);
    bytes.fill(0x20, 31, 64);
    bytes.set([0x00, 0x00, 0x02, 0x00], 80);
    bytes[520] = 0b1111;
    bytes[525] = 0b111;
    const id = new IdentifyController(bytes);
    assert.deepEqual([id.serial, id.model, id.ver], ['SERIAL', 'MODEL X', 0x20000]);
    assert.deepEqual(id.vwc, { present: true, flushAll: 3 });
    assert.deepEqual([id.oncs.compare, id.oncs.writeZeroes, id.oncs.verify], [true, true, false]);
  });
  it('of Identify Namespace, with the format in use', () => {
    const bytes = new Uint8Array(4096);
    bytes[0] = 0x80;
    bytes[25] = 1;
    bytes[26] = 1;
    bytes.set([0, 0, 9, 0, 8, 0, 12, 2], 128);
    const ns = new IdentifyNamespace(bytes);
    assert.deepEqual([ns.nsze, ns.lbaFormats.length], [128n, 2]);
    assert.deepEqual(ns.lbaFormat, { lbaBytes: 4096, metadataBytes: 8, rp: 2 });
  });
  it('of log pages', () => {
    const smart = new Uint8Array(512);
    smart.set([0x02, 0x38, 0x01, 100, 10, 3]);
    smart[112] = 5;
    smart[144] = 2;
    const health = new SmartLog(smart);
    assert.deepEqual([health.criticalWarning, health.temperatureCelsius, health.percentageUsed], [2, 39, 3]);
    assert.deepEqual([health.powerCycles, health.unsafeShutdowns], [5n, 2n]);
    const errors = new Uint8Array(128);
    errors.set([7, 0, 0, 0, 0, 0, 0, 0, 1, 0, 5, 0, 0x01, 0x01, 0xff, 0xff, 9]);
    assert.deepEqual(errorLogEntries(errors), [
      { errorCount: 7n, sqid: 1, cid: 5, status: 0x80, parameterErrorLocation: 0xffff, lba: 9n, nsid: 0 },
    ]);
    const slots = new Uint8Array(512);
    slots[0] = 0x21;
    slots.set(Buffer.from('FW 1.0  '), 8);
    const firmware = new FirmwareSlotLog(slots);
    assert.deepEqual(
      [firmware.activeSlot, firmware.nextSlot, firmware.revisions[0], firmware.revisions[1]],
      [1, 2, 'FW 1.0', ''],
    );
  });
});

describe('the dossier', () => {
  const cqeOf = (cid: number) => new Uint8Array(Uint16Array.of(0, 0, 0, 0, 4, 1, cid, 0).buffer);

  it('says what a person needs', () => {
    const text = dossierText({
      registers: {
        csts: 3,
        cc: 0x00460001,
        sqTail: 5,
        sqHead: 3,
        cqHead: 3,
        cqPhase: 1,
        outstandingCids: [3, 4],
        changedSlots: [{ slot: 3, cqe: cqeOf(4), before: new Uint8Array(16) }],
      },
      qid: 1,
      postedOf: (cid) => new Sqe(Uint32Array.of(2 | (cid << 16), 1, ...new Array<number>(14).fill(0))),
      log: () => 'the log\n',
    });
    assert.equal(
      text,
      [
        'CSTS 0x00000003 (ready, controller fatal), CC 0x00460001',
        'SQ tail 5, SQ head 3, CQ head 3, expected phase 1',
        'outstanding:',
        '  Read, CID 3, NSID 1, SLBA 0, 1 block',
        '  Read, CID 4, NSID 1, SLBA 0, 1 block',
        'CQ slot 3 changed, but its phase tag did not toggle: CID 4, SQ 1, SQ head 4, status 0000h (before: empty)',
        'last commands, newest first:',
        'the log',
      ].join('\n'),
    );
  });
});
