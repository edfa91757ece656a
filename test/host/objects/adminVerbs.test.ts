import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { DmaBuffer } from '../../../testkit/objects/dmaBuffer.ts';
import type { SqeFields } from '../../../testkit/objects/sqe.ts';
import { temporaryFolder } from '../../tools/bundle.mjs';
import { AdminRecorder, type Sent } from './adminRecorder.ts';
import { openEvidence } from './support.ts';

describe('admin verbs', () => {
  let nvme: AdminRecorder;
  let buf: DmaBuffer;
  before(openEvidence);
  beforeEach(() => {
    nvme = new AdminRecorder();
    buf = new DmaBuffer(4096);
  });

  const encodings: readonly (readonly [string, () => unknown, Partial<SqeFields>])[] = [
    [
      'getFeatures',
      () => nvme.getFeatures(2, { select: 'saved', nsid: 1, uuidIndex: 5 }),
      { opcode: 0x0a, nsid: 1, cdw10: 0x202, cdw14: 5 },
    ],
    [
      'setFeatures',
      () => nvme.setFeatures(4, 0x150, { save: true, nsid: 2, cdw12: 3, cdw13: 4, cdw15: 6, uuidIndex: 7 }),
      { opcode: 0x09, nsid: 2, cdw10: 0x8000_0004, cdw11: 0x150, cdw12: 3, cdw13: 4, cdw14: 7, cdw15: 6 },
    ],
    [
      'getLogPage',
      () =>
        nvme.getLogPage(0x0d, buf, {
          length: 4096,
          offset: 2n ** 33n,
          lsp: 1,
          lsi: 9,
          rae: true,
          uuidIndex: 3,
          csi: 2,
          offsetIsIndex: true,
        }),
      { opcode: 0x02, nsid: 0xffff_ffff, cdw10: 0x03ff_810d, cdw11: 0x9_0000, cdw13: 2, cdw14: 0x0280_0003 },
    ],
    [
      'format',
      () => nvme.format({ nsid: 3, lbaf: 0x12, metadata: 'extended', pi: 2, piFirst: true, secureErase: 'crypto' }),
      { opcode: 0x80, nsid: 3, cdw10: 0x1552 },
    ],
    [
      'sanitize',
      () =>
        nvme.sanitize({
          action: 'overwrite',
          passes: 16,
          invertPattern: true,
          noDeallocate: true,
          allowUnrestrictedExit: true,
          pattern: 0xdeadbeef,
          wait: false,
        }),
      { opcode: 0x84, cdw10: 0x30b, cdw11: 0xdeadbeef },
    ],
    ['deviceSelfTest', () => nvme.deviceSelfTest('abort', { nsid: 0 }), { opcode: 0x14, cdw10: 0xf }],
    [
      'firmwareDownload',
      () => nvme.firmwareDownload(buf, { offset: 8192, length: 1024 }),
      { opcode: 0x11, cdw10: 255, cdw11: 2048 },
    ],
    [
      'firmwareCommit',
      () => nvme.firmwareCommit({ action: 3, slot: 2, bootPartition: 1 }),
      { opcode: 0x10, cdw10: 0x8000_001a },
    ],
    ['deleteNamespace', () => nvme.deleteNamespace(4), { opcode: 0x0d, nsid: 4, cdw10: 1 }],
    ['abort', () => nvme.abort(3, 0x1234), { opcode: 0x08, cdw10: 0x1234_0003 }],
    [
      'securitySend',
      () => nvme.securitySend(buf, { protocol: 0xea, spSpecific: 0x102, nssf: 3, length: 16 }),
      { opcode: 0x81, cdw10: 0xea01_0203, cdw11: 16 },
    ],
    ['securityReceive', () => nvme.securityReceive(buf, { nsid: 1 }), { opcode: 0x82, nsid: 1, cdw11: 4096 }],
    [
      'directiveSend',
      () => nvme.directiveSend(undefined, { type: 1, operation: 2, specific: 7, cdw12: 1 }),
      { opcode: 0x19, nsid: 1, cdw11: 0x7_0102, cdw12: 1 },
    ],
    [
      'directiveReceive',
      () => nvme.directiveReceive(buf, { type: 0, operation: 1 }),
      { opcode: 0x1a, nsid: 1, cdw10: 1023, cdw11: 1 },
    ],
    [
      'miSend',
      () => nvme.miSend(buf, { opcode: 6, nmd0: 2, nmd1: 0xffff_ffff, timeoutMs: 5 }),
      { opcode: 0x1d, cdw10: 0x804, cdw11: 6, cdw12: 2, cdw13: 0xffff_ffff },
    ],
    [
      'miReceive',
      () => nvme.miReceive(undefined, { messageType: 4, nsid: 7 }),
      { opcode: 0x1e, nsid: 7, cdw10: 0x2004 },
    ],
  ];
  for (const [name, send, fields] of encodings) {
    it(`${name} puts its options where the specification has them`, async () => {
      await send();
      const sent = name === 'sanitize' ? nvme.sent[0] : nvme.sent.at(-1);
      const { data: _data, length: _length, ...got } = sent ?? ({} as Sent);
      assert.deepEqual(got, fields);
    });
  }

  it('describes a new namespace in the bytes of Identify Namespace, and says its id', async () => {
    nvme.dw0 = 9;
    const nsid = await nvme.createNamespace({
      nsze: 0x1000n,
      ncap: 0x800,
      lbaf: 0x21,
      extended: true,
      dps: 9,
      nmic: 1,
      nvmSetId: 2,
      enduranceGroupId: 3,
      csi: 2,
    });
    assert.equal(nsid, 9);
    assert.deepEqual(nvme.last, { opcode: 0x0d, cdw11: 0x0200_0000 });
    const data = Buffer.from(nvme.sent[0]?.data ?? []);
    assert.deepEqual([data.readBigUInt64LE(0), data.readBigUInt64LE(8)], [0x1000n, 0x800n]);
    assert.deepEqual(
      [data[26], data[29], data[30], data.readUInt16LE(100), data.readUInt16LE(102)],
      [0x51, 9, 1, 2, 3],
    );
  });

  it('attaches to this controller unless told otherwise, and looks again which are active', async () => {
    new DataView(nvme.identifyData.bytes.buffer).setUint16(78, 0x41, true);
    await nvme.attachNamespace(2);
    assert.deepEqual([...(nvme.sent[0]?.data?.slice(0, 6) ?? [])], [1, 0, 0x41, 0, 0, 0]);
    await nvme.detachNamespace(2, { controllers: [1, 2] });
    assert.deepEqual(nvme.last, { opcode: 0x15, nsid: 2, cdw10: 1 });
    assert.deepEqual([...(nvme.sent[1]?.data?.slice(0, 6) ?? [])], [2, 0, 1, 0, 2, 0]);
    assert.equal(nvme.refreshed, 2);
  });

  it('downloads an image of any size in parts, from bytes, a path or a URL', async () => {
    nvme.identifyData.bytes[319] = 2;
    const image = Uint8Array.from({ length: 70_000 }, (_, at) => at & 0xff);
    const file = path.join(temporaryFolder(), 'image.bin');
    writeFileSync(file, image);
    const told: number[] = [];
    assert.equal(await nvme.downloadFirmware(image, { onProgress: (percent) => told.push(percent) }), 70_000);
    assert.deepEqual(
      nvme.sent.map(({ cdw10, cdw11 = 0 }) => [cdw10, cdw11]),
      [
        [8191, 0],
        [8191, 8192],
        [1115, 16_384],
      ],
    );
    assert.deepEqual(told, [46, 93, 100]);
    assert.deepEqual(Buffer.concat(nvme.sent.map(({ data }) => data ?? new Uint8Array())), Buffer.from(image));
    for (const from of [file, pathToFileURL(file)]) {
      nvme.sent.length = 0;
      await nvme.downloadFirmware(from, { chunkBytes: 65_536 });
      assert.equal(nvme.sent.length, 2);
    }
    await assert.rejects(nvme.downloadFirmware(image.subarray(1)), /multiple of 4 bytes, not 69999/);
  });
});
