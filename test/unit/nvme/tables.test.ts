import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  adminCommandName,
  adminOpcode,
  commandName,
  dataDirection,
  ioCommandName,
  nvmOpcode,
} from '../../../testkit/nvme/opcode.ts';
import {
  cmdlogStatus,
  decodeStatus,
  encodeStatus,
  findStatus,
  formatStatus,
  type StatusName,
  statuses,
} from '../../../testkit/nvme/status.ts';

describe('NVMe status', () => {
  it('has every name and every number once', () => {
    assert.equal(new Set(statuses.map(({ name }) => name)).size, statuses.length);
    assert.equal(new Set(statuses.map(({ type, code }) => type * 256 + code)).size, statuses.length);
  });

  it('decodes every 15-bit field, and encodes it back', () => {
    for (let field = 0; field < 0x8000; field += 1) {
      const status = decodeStatus(field);
      assert.ok(status.name.length > 0);
      assert.equal(encodeStatus(status) | (status.crd << 11), field);
    }
  });

  it('finds a status by the name its decoding gives', () => {
    for (const status of statuses) {
      assert.equal(decodeStatus(encodeStatus(status)).name, status.name);
      assert.deepEqual(findStatus(status.name), status);
    }
    const name: StatusName = 'LBA Out of Range';
    assert.deepEqual(findStatus(name), { type: 0, code: 0x80, name });
    assert.equal(findStatus('lba out of range'), undefined);
  });

  it('writes a status for people, and for command logs', () => {
    assert.equal(formatStatus({ type: 0, code: 0x80 }), 'LBA Out of Range (0h/80h)');
    assert.equal(formatStatus({ type: 1, code: 0xba }), 'Zone Is Read Only (1h/BAh)');
    assert.equal(formatStatus({ type: 7, code: 1 }), 'Vendor Specific (7h/01h)');
    assert.equal(formatStatus({ type: 0, code: 0x7f }), 'Reserved (0h/7Fh)');
    assert.equal(cmdlogStatus({ type: 0, code: 0 }), 'SUCCESS');
    assert.equal(cmdlogStatus({ type: 2, code: 0x85 }), 'COMPARE FAILURE');
  });

  it('knows every status the native code can give', () => {
    const source = readFileSync('native/spec/status.h', 'utf8');
    const made = [...source.matchAll(/make\((\d), (0x[0-9a-f]+)\)/g)];
    assert.ok(made.length > 20);
    for (const [text, type, code] of made) {
      const { name } = decodeStatus((Number(type) << 8) | Number(code));
      assert.ok(findStatus(name) !== undefined, `${text} has no name`);
    }
  });
});

describe('NVMe opcodes', () => {
  it('names commands by the queue they are on', () => {
    assert.equal(commandName(0, 0x01), 'Create I/O Submission Queue');
    assert.equal(commandName(3, 0x01), 'Write');
    assert.equal(adminCommandName(0xc0), 'Vendor Specific (C0h)');
    assert.equal(adminCommandName(0x7e), 'Reserved (7Eh)');
    assert.equal(ioCommandName(0x80), 'Vendor Specific (80h)');
  });

  it('agrees with the native opcodes', () => {
    const source = readFileSync('native/spec/opcode.h', 'utf8') + readFileSync('native/spec/zone.h', 'utf8');
    const enumOf = (name: string) =>
      new Set(
        [
          ...source
            .split(`enum class ${name}`)[1]!
            .split('}')[0]!
            .matchAll(/= (0x[0-9a-f]+)/g),
        ].map((m) => Number(m[1])),
      );
    for (const opcode of Object.values(adminOpcode)) assert.ok(enumOf('AdminOpcode').has(opcode));
    const ioOpcodes = new Set([...enumOf('NvmOpcode'), ...enumOf('ZonedOpcode')]);
    for (const opcode of Object.values(nvmOpcode)) assert.ok(ioOpcodes.has(opcode));
    for (const opcode of enumOf('AdminOpcode')) assert.doesNotMatch(adminCommandName(opcode), /Reserved/);
    for (const opcode of ioOpcodes) assert.doesNotMatch(ioCommandName(opcode), /Reserved/);
  });

  it('reads the data direction from the opcode', () => {
    assert.equal(dataDirection(nvmOpcode.flush), 'none');
    assert.equal(dataDirection(nvmOpcode.write), 'host-to-controller');
    assert.equal(dataDirection(adminOpcode.identify), 'controller-to-host');
    assert.equal(dataDirection(0x03), 'bidirectional');
  });
});
