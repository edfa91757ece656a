import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AddonError, loadAddon } from '../../../testkit/native.ts';

const built = path.resolve('native/build/Release/doorbell.node');

describe('finding the addon', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'doorbell-native-'));
    packageOf('0.0.1');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const packageOf = (version: string) =>
    writeFileSync(path.join(root, 'package.json'), JSON.stringify({ name: 'doorbell', version }));
  const place = (relative: string, content: Uint8Array): string => {
    const file = path.join(root, relative);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  const fail = (explicit?: string): AddonError => {
    try {
      loadAddon({ root, explicit });
    } catch (error) {
      assert.ok(error instanceof AddonError);
      assert.equal(error.stack, `AddonError: ${error.message}`, 'no stack for the user');
      assert.match(error.message, /npm run build:native/);
      return error;
    }
    throw new Error('it was loaded');
  };
  const elf = (machine: number): Uint8Array => {
    const header = Buffer.alloc(64);
    header.writeUInt32BE(0x7f454c46, 0);
    header.writeUInt16LE(machine, 18);
    return header;
  };

  it('says where it looked when there is none', () => {
    const error = fail();
    assert.equal(error.code, 'ADDON_MISSING');
    assert.match(error.message, /dist\/native\/linux-x64\/doorbell\.node.*native\/build\/Release\/doorbell\.node/);
    assert.match(fail(path.join(root, 'elsewhere.node')).message, /Looked for: .*elsewhere\.node\./);
  });

  it('names both architectures when it is another machine’s', () => {
    place('native/build/Release/doorbell.node', elf(process.arch === 'x64' ? 0xb7 : 0x3e));
    const error = fail();
    assert.equal(error.code, 'ADDON_ARCHITECTURE');
    assert.match(error.message, /built for (arm64|x64); this Node\.js is (x64|arm64)/);
  });

  it('says when it is no library, or cannot be loaded', () => {
    const file = place('native/build/Release/doorbell.node', Buffer.from('#!/bin/sh\n'));
    assert.equal(fail().code, 'ADDON_BROKEN');
    writeFileSync(file, elf(0x3e));
    const error = fail();
    assert.equal(error.code, 'ADDON_BROKEN');
    assert.match(error.message, /cannot be loaded/);
    assert.equal(error.message.split('\n').length, 1);
  });

  it('says when it has another version than the package', function () {
    if (!existsSync(built)) this.skip();
    const file = place('dist/native/linux-x64/doorbell.node', Buffer.alloc(0));
    copyFileSync(built, file);
    packageOf('99.0.0');
    const error = fail();
    assert.equal(error.code, 'ADDON_VERSION');
    assert.match(error.message, /has version \d+\.\d+\.\d+, Doorbell has 99\.0\.0/);
  });

  it('prefers what the parent names, then the installed one', function () {
    if (!existsSync(built)) this.skip();
    packageOf(loadAddon({ root: path.resolve('.') }).version);
    place('dist/native/linux-x64/doorbell.node', Buffer.from('broken'));
    assert.equal(fail().code, 'ADDON_BROKEN');
    assert.deepEqual(loadAddon({ root, explicit: built }).platforms.includes('emulated'), true);
  });
});
