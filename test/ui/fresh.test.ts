import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packagedVsix } from '../tools/package.mjs';
import { eventually, hostPids, Workbench } from './workbench.ts';

describe('the .vsix in a clean VS Code, on an empty folder', function () {
  this.timeout(90_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'doorbell-fresh-'));
  let workbench: Workbench;
  before(async function () {
    this.timeout(240_000);
    workbench = await Workbench.open({ vsix: await packagedVsix(), folder });
  });
  afterEach(async function () {
    await workbench.screenshot(`fresh-${this.currentTest?.title.replaceAll(/[^a-z0-9]+/gi, '-')}`);
  });
  after(async () => {
    await workbench?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('makes a sample workspace whose first test runs', async () => {
    await workbench.palette('NVMe: Create Sample Workspace');
    // The dialog begins at the open folder, but writes that a moment after it is there: what was typed before is joined to it.
    await eventually(
      () => workbench.quickInput.inputValue(),
      (value) => value === `${folder}/`,
    );
    await workbench.page.getByRole('button', { name: 'Create Here' }).click();
    await workbench.page.getByRole('treeitem', { name: 'hello.nvme.ts' }).waitFor();
    await workbench.openFile('hello.nvme.ts');
    await workbench.lenses('Run Test').first().click();
    await workbench.showTesting();
    await workbench.expand(workbench.testRow('hello.nvme.ts'));
    await workbench.testRow('hello world', 'Passed').waitFor();
  });

  it('knows the testkit without an npm install: no errors, and documentation on hover', async () => {
    const hover = await workbench.hoverText('createQpair', 'createQpair(');
    assert.match(hover, /Promise<Qpair>/);
    assert.match(hover, /queue|depth/i);
    await workbench.statusItem(/^\s*0\s*0\s*$/).waitFor();
  });

  it('leaves no driver host when its window is reloaded during a run', async () => {
    await workbench.openFile('ioworker.nvme.ts');
    await workbench.lenses('Run Test').first().click();
    await workbench.statusItem(/NVMe: running/).waitFor();
    const before = hostPids(workbench.profile);
    assert.equal(before.length, 1);
    await workbench.page.reload();
    await eventually(
      async () => hostPids(workbench.profile).filter((pid) => before.includes(pid)),
      (left) => left.length === 0,
    );
    await workbench.statusItem(/NVMe: stopped/).waitFor();
  });
});
