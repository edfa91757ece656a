import assert from 'node:assert/strict';
import { type DecodedEntry, decodeCqe, decodeSqe, fieldsOfDword } from '../../../testkit/nvme/entryDecode.ts';
import { adminOpcode, nvmOpcode } from '../../../testkit/nvme/opcode.ts';
import { decodeRegister, formatRegister, formatVersion, type RegisterName } from '../../../testkit/nvme/registers.ts';

/** The entry as golden text: bits, name, value, meaning. */
const lines = (entry: DecodedEntry, dword: number) =>
  fieldsOfDword(entry, dword).map(({ bits, name, hex, meaning }) => [bits, name, hex, meaning].join(' | '));

const sqe = (dwords: Readonly<Record<number, number>>) => Array.from({ length: 16 }, (_, index) => dwords[index] ?? 0);

describe('decodeSqe', () => {
  it('explains the sample of the command log', () => {
    const entry = decodeSqe(0, sqe({ 0: 0x005a0001, 6: 0x0ea00000, 7: 1, 10: 0x00070010, 11: 0x00100001 }));
    assert.equal(entry.name, 'Create I/O Submission Queue');
    assert.equal(entry.section, 'Create I/O Submission Queue command');
    assert.deepEqual(lines(entry, 0), [
      '07:00 | Opcode (OPC) | 0x1 | Create I/O Submission Queue; data: host-to-controller',
      '09:08 | Fused Operation (FUSE) | 0x0 | normal',
      '15:14 | PRP or SGL for Data Transfer (PSDT) | 0x0 | PRPs',
      '31:16 | Command Identifier (CID) | 0x5a | ',
    ]);
    assert.deepEqual(lines(entry, 7), ['63:00 | PRP Entry 1 (PRP1) | 0x10ea00000 | ']);
    assert.deepEqual(lines(entry, 10), [
      '15:00 | Queue Identifier (QID) | 0x10 | ',
      '31:16 | Queue Size (QSIZE) | 0x7 | 8 entries',
    ]);
    assert.deepEqual(lines(entry, 11), [
      '00 | Physically Contiguous (PC) | 0x1 | contiguous',
      '02:01 | Queue Priority (QPRIO) | 0x0 | urgent',
      '31:16 | Completion Queue Identifier (CQID) | 0x10 | ',
    ]);
  });

  it('reads the same opcode by its queue', () => {
    const entry = decodeSqe(1, sqe({ 0: nvmOpcode.write, 10: 8, 11: 1, 12: 0x4000_0007 }));
    assert.equal(entry.name, 'Write');
    assert.deepEqual(lines(entry, 11), ['63:00 | Starting LBA (SLBA) | 0x100000008 | LBA 4294967304']);
    assert.ok(lines(entry, 12).includes('15:00 | Number of Logical Blocks (NLB) | 0x7 | 8 blocks'));
    assert.ok(lines(entry, 12).includes('30 | Force Unit Access (FUA) | 0x1 | durable before completion'));
  });

  it('reads the message that NVMe-MI Receive tunnels', () => {
    const entry = decodeSqe(0, sqe({ 0: 0x1e, 10: 0x804, 11: 2, 12: 0x8100_0000 }));
    assert.deepEqual(lines(entry, 10), [
      '06:00 | Message Type (MT) | 0x4 | NVMe-MI',
      '07 | Integrity Check (IC) | 0x0 | ',
      '14:11 | NVMe-MI Message Type (NMIMT) | 0x1 | NVMe-MI Command',
      '15 | Request or Response (ROR) | 0x0 | request',
    ]);
    assert.deepEqual(lines(entry, 11), ['07:00 | Opcode (OPC) | 0x2 | Controller Health Status Poll']);
    assert.deepEqual(lines(entry, 12), ['31:00 | NVMe Management Dword 0 (NMD0) | 0x81000000 | ']);
  });

  it('shows SGLs where the entry says so', () => {
    const entry = decodeSqe(1, sqe({ 0: 0x4002, 8: 4096, 9: 0x3000_0000 }));
    assert.ok(lines(entry, 9).includes('31:28 | SGL Descriptor Type | 0x3 | last segment'));
  });

  it('falls back to plain dwords for commands without a table', () => {
    const entry = decodeSqe(0, sqe({ 0: 0xc1, 12: 7 }));
    assert.equal(entry.name, 'Vendor Specific (C1h)');
    assert.deepEqual(lines(entry, 12), ['31:00 | Command Dword 12 (CDW12) | 0x7 | ']);
  });

  it('has a table for every command, whose fields neither overlap nor leave the entry', () => {
    for (const [qid, opcodes] of [
      [0, adminOpcode],
      [1, nvmOpcode],
    ] as const) {
      for (const opcode of Object.values(opcodes)) {
        const entry = decodeSqe(qid, sqe({ 0: opcode }));
        assert.notEqual(entry.section, 'Common Command Format');
        const used = new Set<number>();
        for (const { dword, bits, name } of entry.fields) {
          const [high, low] = [Number(bits.split(':')[0]), Number(bits.split(':').at(-1))];
          for (let bit = low; bit <= high; bit += 1) {
            const position = dword * 32 + bit;
            assert.ok(position < 512 && !used.has(position), `${entry.name}: ${name} bit ${bit}`);
            used.add(position);
          }
        }
      }
    }
  });

  it('takes entries cut short', () => {
    assert.equal(decodeSqe(0, []).name, 'Delete I/O Submission Queue');
    assert.equal(decodeCqe([]).name, 'Successful Completion (0h/00h)');
  });
});

describe('decodeCqe', () => {
  it('names the status and its parts', () => {
    const entry = decodeCqe([0, 0, 0x0001_0056, 0xc101_005a]);
    assert.equal(entry.name, 'LBA Out of Range (0h/80h)');
    assert.deepEqual(lines(entry, 2), [
      '15:00 | SQ Head Pointer (SQHD) | 0x56 | ',
      '31:16 | SQ Identifier (SQID) | 0x1 | ',
    ]);
    assert.deepEqual(lines(entry, 3).slice(0, 5), [
      '15:00 | Command Identifier (CID) | 0x5a | ',
      '16 | Phase Tag (P) | 0x1 | ',
      '31:17 | Status Field (SF) | 0x6080 | LBA Out of Range (0h/80h)',
      '24:17 | Status Code (SC) | 0x80 | ',
      '27:25 | Status Code Type (SCT) | 0x0 | Generic Command Status',
    ]);
    assert.ok(lines(entry, 3).includes('31 | Do Not Retry (DNR) | 0x1 | would fail again'));
  });
});

describe('controller properties', () => {
  it('decodes CAP beyond bit 31', () => {
    const cap = 1023n | (20n << 24n) | (1n << 36n) | (1n << 37n) | (4n << 52n);
    const decoded = new Map(
      decodeRegister('CAP', cap).map(({ name, meaning }) => [/\((\w+)\)$/.exec(name)?.[1], meaning]),
    );
    assert.equal(decoded.get('MQES'), '1024 entries');
    assert.equal(decoded.get('TO'), '10000 ms');
    assert.equal(decoded.get('DSTRD'), '4 bytes');
    assert.equal(decoded.get('NSSRS'), 'supported');
    assert.equal(decoded.get('CSS'), 'NVM');
    assert.equal(decoded.get('MPSMAX'), '64 KiB');
  });

  it('writes a register on a line, for messages', () => {
    assert.equal(
      formatRegister('CSTS', 1n),
      'RDY 1 (ready), CFS 0 (no error), SHST 0 (normal operation), ST 0 (controller shutdown)',
    );
    assert.equal(formatVersion(0x0002_0000), '2.0.0');
  });

  it('shows no bit twice', () => {
    for (const name of ['CAP', 'VS', 'CC', 'CSTS'] satisfies RegisterName[]) {
      const all = decodeRegister(name, 0xffff_ffff_ffff_ffffn);
      const bits = all.reduce(
        (sum, { value, bits: range }) => sum | (value << BigInt(Number(range.split(':').at(-1)))),
        0n,
      );
      const count = all.reduce((sum, { value }) => sum + value.toString(2).length, 0);
      assert.equal(bits.toString(2).replaceAll('0', '').length, count);
    }
  });
});
