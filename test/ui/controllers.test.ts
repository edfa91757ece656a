/** What a person with drives does: the doctor, the picker, binding and giving back. The machine is a tree of files; nothing real is touched. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { nvmeController } from '../../testkit/machine/nvmeControllers.ts';
import { bdf, FakeMachine } from '../fakes/machine.ts';
import { packagedVsix } from '../tools/package.mjs';
import { eventually, Workbench } from './workbench.ts';

const themes = [
  ['Dark Modern', 'vscode-dark'],
  ['Dark High Contrast', 'vscode-high-contrast'],
  ['Light Modern', 'vscode-light'],
] as const;
const boot = '0000:01:00.0';

function makeMachine(): FakeMachine {
  const machine = new FakeMachine();
  machine.drive({ address: boot, group: '11', serial: 'S6B0BOOT' });
  machine.mount('259:1', '/', '/dev/nvme0n1p1');
  machine.append('/proc/swaps', '/dev/nvme0n1p2 partition 8388604 0 -2');
  machine.drive({ address: bdf });
  machine.file('/proc/sys/kernel/osrelease', '6.1.0-37-amd64');
  machine.file('/proc/self/limits', 'Max locked memory         8388608    8388608    bytes');
  machine.file('/proc/meminfo', 'HugePages_Total:       0\nHugepagesize:       2048 kB');
  // The password prompt is not what is tested here.
  machine.file('/bin/sudo', '#!/bin/sh\nexec "$@"');
  chmodSync(machine.path('/bin/sudo'), 0o755);
  return machine;
}

describe('a person with drives', function () {
  this.timeout(120_000);
  let workbench: Workbench;
  let machine: FakeMachine;
  let kernel: { stop(): void };
  before(async function () {
    this.timeout(240_000);
    machine = makeMachine();
    kernel = machine.serve();
    const env = {
      DOORBELL_MACHINE_ROOT: machine.root,
      PATH: `${machine.path('/bin')}${path.delimiter}${process.env.PATH ?? ''}`,
    };
    workbench = await Workbench.open({ vsix: await packagedVsix(), env });
    await workbench.statusItem(/NVMe: stopped/).waitFor();
  });
  afterEach(async function () {
    const step = this.currentTest?.title.replaceAll(/[^a-z0-9]+/gi, '-') ?? 'step';
    await workbench.screenshot(`drives-${this.currentTest?.state === 'failed' ? 'failed-' : ''}${step}`);
  });
  after(async () => {
    await workbench?.close();
    kernel?.stop();
    machine?.remove();
  });

  const driver = async () => (await nvmeController(machine, bdf)).driver;
  const row = (words: string) => workbench.page.locator('.quick-input-list [role=option]', { hasText: words }).first();
  const setting = () => {
    const file = path.join(workbench.folder, '.vscode/settings.json');
    const settings = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
    return settings['doorbell.controller'];
  };
  const dialog = (words: RegExp) => workbench.page.locator('.monaco-dialog-box', { hasText: words });

  it('asks the doctor what the machine lacks', async () => {
    await workbench.palette('NVMe: Doctor');
    const page = workbench.webview();
    await page.getByText('No drive is ready for tests').waitFor({ timeout: 60_000 });
    const text = (await page.locator('main').textContent()) ?? '';
    assert.match(text, /in use: nvme0n1p1 is mounted at \/; nvme0n1p2 is in use as swap/);
    assert.match(text, /S5GX0001, 1\.0 TB: with the kernel \(nvme1\), not in use/);
    assert.match(text, /bin\/doorbell bind 0000:3d:00\.0/);
    for (const [theme, kind] of themes) {
      await workbench.setTheme(theme);
      await page.locator(`body[data-vscode-theme-kind="${kind}"]`).waitFor();
      await workbench.quickInput.waitFor({ state: 'hidden' });
      await workbench.screenshot(`drives-doctor-${theme.replaceAll(' ', '-').toLowerCase()}`);
    }
  });

  it('cannot choose the drive the system runs on', async () => {
    await workbench.statusItem(/NVMe: stopped/).click();
    await row(bdf).waitFor();
    await workbench.screenshot('drives-picker-light');
    await row(boot).click();
    await workbench.notification(/0000:01:00\.0 is in use and is left alone: nvme0n1p1 is mounted at \//).waitFor();
    assert.equal(setting(), undefined);
  });

  it('chooses a free drive, which is taken from the kernel after the command was shown', async () => {
    await workbench.palette('NVMe: Choose Controller');
    await row(bdf).click();
    await dialog(/Take 0000:3d:00\.0, Samsung SSD 980 PRO 1TB, serial S5GX0001/).waitFor();
    assert.match((await dialog(/Take/).textContent()) ?? '', /doorbell bind 0000:3d:00\.0/);
    assert.equal(await driver(), 'nvme', 'nothing has happened yet');
    await workbench.screenshot('drives-bind-question');
    await dialog(/Take/).getByRole('button', { name: 'Run in Terminal' }).click();
    await workbench.statusItem(/NVMe: stopped · 0000:3d:00\.0/).waitFor({ timeout: 30_000 });
    assert.equal(await driver(), 'vfio-pci');
    assert.equal(setting(), bdf);
  });

  it('sees it ready in the doctor, and which controller the queues are of', async () => {
    await workbench.palette('NVMe: Doctor');
    await workbench.webview().getByText('Drives ready for tests: 1').waitFor({ timeout: 60_000 });
    assert.match(
      (await workbench.webview().locator('main').textContent()) ?? '',
      /S5GX0001, 1\.0 TB: bound to vfio-pci, ready/,
    );
    await workbench.setTheme('Dark Modern');
    await workbench.showTesting();
    await workbench.page.locator('.pane-header', { hasText: 'QPairs' }).getByText(bdf).waitFor();
  });

  it('gives it back to the kernel with one action, and is on the emulated SSD again', async () => {
    await workbench.palette('NVMe: Choose Controller');
    await row(bdf).hover();
    await workbench.screenshot('drives-picker-dark');
    await row(bdf).getByRole('button', { name: 'Give Back to the Kernel' }).click();
    await dialog(/Give 0000:3d:00\.0.* back to the kernel/)
      .getByRole('button', { name: 'Run in Terminal' })
      .click();
    await eventually(driver, (now) => now === 'nvme', 30_000);
    await eventually(
      async () => setting(),
      (value) => value === 'emulated',
    );
    await workbench.statusItem(/NVMe: stopped$/).waitFor();
    await workbench.webview().getByText('No drive is ready for tests').waitFor({ timeout: 60_000 });
  });
});
