import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { borderViolations, layerViolations, type Source, type Violation } from '../tools/borders.ts';

/** Tracked and new files alike: a violation must show before it is committed. */
function sourcesUnder(folders: readonly string[], suffix: RegExp): Source[] {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...folders], {
    encoding: 'utf8',
  });
  const files = list.split('\n').filter((file) => suffix.test(file) && !file.startsWith('test/data/'));
  return files.map((file) => ({ file, text: readFileSync(file, 'utf8') }));
}

const lines = (violations: readonly Violation[]) =>
  violations.map(({ file, line, reason }) => `${file}:${line} ${reason}`);
const planted = (file: string, text: string) => lines(borderViolations([{ file, text }])).length;
const plantedInclude = (file: string, text: string) => lines(layerViolations([{ file, text }])).length;

describe('borders between the rooms', () => {
  it('are kept by every file', () => {
    const sources = sourcesUnder(['extension', 'testkit', 'webviews', 'test'], /\.ts$/);
    assert.ok(sources.length > 20, `only ${sources.length} files were looked at`);
    assert.deepEqual(lines(borderViolations(sources)), []);
  });

  it('notice a planted violation', () => {
    assert.equal(planted('extension/a.ts', "import { x } from '../testkit/native.ts';"), 1);
    assert.equal(planted('extension/a.ts', "export type { X } from '../testkit/objects/controller.ts';"), 1);
    assert.equal(planted('extension/a/b.ts', "const x = await import('../../testkit/host/main.ts');"), 1);
    assert.equal(planted('extension/a.ts', "let x: import('../testkit/index.ts').Qpair;"), 1);
    assert.equal(planted('extension/a.ts', "const addon = require('./doorbell.node');"), 1);
    assert.equal(planted('testkit/host/a.ts', "import * as vscode from 'vscode';"), 1);
    assert.equal(planted('testkit/host/a.ts', "import { x } from '../../extension/b.ts';"), 1);
    assert.equal(planted('testkit/host/a.ts', "import { x } from '../../test/b.ts';"), 1);
    assert.equal(planted('testkit/parent/a.ts', "import { x } from '../native.ts';"), 1);
    assert.equal(planted('testkit/nvme/a.ts', "import { readFileSync } from 'node:fs';"), 1);
    assert.equal(planted('testkit/sample/a.nvme.ts', "import { test } from '../index.ts';"), 1);
    assert.equal(planted('webviews/gauge/a.ts', "import { x } from '../../extension/b.ts';"), 1);
    assert.equal(planted('webviews/gauge/a.ts', "import fs from 'node:fs';"), 1);
  });

  it('let contracts through', () => {
    assert.equal(planted('extension/a.ts', "import type { RunRequest } from '../testkit/protocol.ts';"), 0);
    assert.equal(planted('extension/a.ts', "import { x } from '../testkit/nvme/status.ts';"), 0);
    assert.equal(planted('extension/a.ts', "import type { ToGauge } from '../webviews/protocol.ts';"), 0);
    assert.equal(planted('testkit/sample/a.nvme.ts', "import { test } from '@doorbell/testkit';"), 0);
  });
});

describe('layers of the native code', () => {
  it('are kept by every file', () => {
    const sources = sourcesUnder(['native'], /\.(h|cpp)$/);
    assert.ok(sources.length > 5, `only ${sources.length} files were looked at`);
    assert.deepEqual(
      lines(layerViolations(sources.map(({ file, text }) => ({ file: file.replace(/^native\//, ''), text })))),
      [],
    );
  });

  it('notice a planted violation', () => {
    assert.equal(plantedInclude('driver/a.cpp', '#include <napi.h>'), 1);
    assert.equal(plantedInclude('driver/a.cpp', '#include "emulator/ssd.h"'), 1);
    assert.equal(plantedInclude('driver/a.cpp', '#include "platform/emulated/open.h"'), 1);
    assert.equal(plantedInclude('spec/a.h', '#include "platform/error.h"'), 1);
    assert.equal(plantedInclude('platform/a.h', '#include "driver/qpair.h"'), 1);
    assert.equal(plantedInclude('emulator/a.h', '#include "driver/qpair.h"'), 1);
    assert.equal(plantedInclude('binding/a.cpp', '#include "emulator/ssd.h"'), 1);
  });

  it('let lower layers through', () => {
    assert.equal(plantedInclude('driver/a.cpp', '#include "platform/pci_function.h"'), 0);
    assert.equal(plantedInclude('binding/a.cpp', '#include <napi.h>'), 0);
  });
});
