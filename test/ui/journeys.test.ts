/** What a new user does, step by step, on one workbench with the .vsix installed. Each step leaves a screenshot in test/artifacts/ui. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { packagedVsix } from '../tools/package.mjs';
import { eventually, Workbench } from './workbench.ts';

/** Light comes last: the other steps go on in it. */
const themes = [
  ['Dark Modern', 'vscode-dark'],
  ['Dark High Contrast', 'vscode-high-contrast'],
  ['Light High Contrast', 'vscode-high-contrast-light'],
  ['Light Modern', 'vscode-light'],
] as const;

/** The dials, as they are drawn. */
const pictureOf = (workbench: Workbench): Promise<string> =>
  workbench
    .webview()
    .locator('canvas')
    .first()
    .evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL());

const textOf = async (locator: Locator) => ((await locator.textContent()) ?? '').replaceAll('\u00a0', ' ');

describe('a new user', function () {
  this.timeout(90_000);
  let workbench: Workbench;
  before(async function () {
    this.timeout(240_000);
    workbench = await Workbench.open({ vsix: await packagedVsix(), faults: true });
  });
  afterEach(async function () {
    const step = this.currentTest?.title.replaceAll(/[^a-z0-9]+/gi, '-') ?? 'step';
    await workbench.screenshot(`${this.currentTest?.state === 'failed' ? 'failed-' : ''}${step}`);
  });
  after(() => workbench?.close());

  it('2 sees files, suites and tests without running anything, and lenses over each test', async () => {
    await workbench.showTesting();
    await workbench.expand(workbench.testRow('hello.nvme.ts'));
    await workbench.testRow('hello world', 'Not yet run').waitFor();
    await workbench.testRow('failing.nvme.ts').waitFor();
    await workbench.openFile('hello.nvme.ts');
    await workbench.lenses('Run Test').first().waitFor();
    assert.equal(await workbench.lenses('Run Test').count(), 2);
    assert.equal(await workbench.lenses('Debug Test').count(), 2);
    await workbench.statusItem(/NVMe: stopped/).waitFor();
  });

  it('3a runs hello world, which passes', async () => {
    await workbench.lenses('Run Test').first().click();
    await workbench.testRow('hello world', 'Passed').waitFor();
  });

  it('3b sees what a failing test tells, and follows it into the command log', async () => {
    await workbench.openFile('failing.nvme.ts');
    await workbench.lenses('Run Test').first().click();
    await workbench.showTesting();
    await workbench.expand(workbench.testRow('failing.nvme.ts'));
    await workbench.expand(workbench.testRow('failing on purpose'));
    await workbench.testRow('a command the drive refuses', 'Failed').waitFor();
    await workbench.resultRow('a command the drive refuses').click();
    await workbench.results
      .getByText(/^LBA Out of Range \(0h\/80h\)/)
      .first()
      .waitFor();
    await workbench.screenshot('3b-failure');
    await workbench.results.getByText(/^Open CMDLOG emulated Q\d\d at command \d+$/).click();
    await workbench.tab(/CMDLOG emulated Q\d\d/).waitFor();
    await eventually(
      () => workbench.editorText(),
      (text) => text.includes('[cpl: LBA OUT OF RANGE]'),
    );
  });

  it('3b sees expected and actual side by side', async () => {
    await workbench.openFile('failing.nvme.ts');
    await workbench.lenses('Run Test').nth(1).click();
    await workbench.testRow('data that is not what was expected', 'Failed').waitFor();
    await workbench.resultRow('data that is not what was expected').click();
    const difference = workbench.results.locator('.monaco-diff-editor');
    await difference.locator('.editor.original', { hasText: 'what' }).waitFor();
    assert.match(await textOf(difference.locator('.editor.original')), /what the test hoped/);
    assert.match(await textOf(difference.locator('.editor.modified')), /what the test wrote/);
  });

  it('3c stops on a breakpoint, and Stop ends the run', async () => {
    await workbench.openFile('hello.nvme.ts');
    await workbench.goToLine(10);
    await workbench.page.keyboard.press('F9');
    await workbench.lenses('Debug Test').first().click();
    const stop = workbench.page.getByRole('button', { name: /^(Stop|Disconnect) \(/ });
    await workbench.page.locator('.debug-top-stack-frame-column, .debug-top-stack-frame-line').first().waitFor();
    await workbench.screenshot('3c-paused');
    await stop.first().click();
    await workbench.statusItem(/NVMe: ready/).waitFor();
    await workbench.goToLine(10);
    await workbench.page.keyboard.press('F9');
  });

  it('4 sees the queue pairs live while a test runs', async () => {
    await workbench.openFile('paced.nvme.ts');
    await workbench.lenses('Run Test').first().click();
    await workbench.showTesting();
    await workbench.statusItem(/NVMe: running/).waitFor();
    const worker = workbench.queueRow(1, 'depth 17', 'ioworker');
    await worker.waitFor();
    const done = async () =>
      Number(/([\d,]+) done/.exec((await worker.getAttribute('aria-label')) ?? '')?.[1]?.replaceAll(',', ''));
    const first = await done();
    await eventually(done, (now) => now > first);
  });

  it('6 watches the gauge move', async () => {
    await workbench.palette('NVMe: Open Performance Gauge');
    const gauge = workbench.webview();
    await gauge
      .getByRole('status')
      .filter({ hasText: /IOPS|K\/s/ })
      .waitFor();
    await workbench.screenshot('6-gauge-running');
    await workbench.palette('Test: Cancel Test Run');
    await workbench.statusItem(/NVMe: ready/).waitFor();
    await workbench.screenshot('6-gauge-ended');
  });

  for (const [theme, kind] of themes) {
    it(`6 reads the gauge in ${theme}`, async () => {
      const body = workbench.webview().locator('body');
      const before = await pictureOf(workbench);
      await workbench.setTheme(theme);
      await eventually(
        async () => body.getAttribute('data-vscode-theme-kind'),
        (now) => now === kind,
      );
      await eventually(
        () => pictureOf(workbench),
        (now) => now !== before,
      );
    });
  }

  it('4b sees the last state of the queues after the run, marked as ended', async () => {
    await workbench.showTesting();
    await workbench.queueRow(1, 'depth 17', 'ended').waitFor();
  });

  it('5 opens command logs side by side, and still reads them when the driver host was killed', async () => {
    await workbench.openFile('dies.nvme.ts');
    await workbench.lenses('Run Test').first().click();
    await workbench.statusItem(/NVMe: crashed/).waitFor();
    await workbench.showTesting();
    await workbench.queueRow(1, 'depth 8').click();
    await workbench.tab('CMDLOG emulated Q01').waitFor();
    await eventually(
      () => workbench.editorText(),
      (text) => (text.match(/\[cmd\d+: Read\]/g) ?? []).length === 3,
    );
    await workbench.queueRow(0).click();
    await eventually(
      () => workbench.editorText(),
      (text) => text.includes('Create I/O Submission Queue'),
    );
    await workbench.tab('CMDLOG emulated Q01').waitFor();
  });

  it('7 switches the power off and on, and the next test works', async () => {
    await workbench.palette('vPower: Power Off');
    await workbench.notification(/emulated is powered off/).waitFor();
    await workbench.palette('vPower: Power On');
    const told = workbench.notification(/emulated is powered on: \d+ power cycles/);
    await told.waitFor();
    const [cycles = ''] = /\d+(?= power cycles)/.exec((await told.textContent()) ?? '') ?? [];
    await workbench.palette('vPower: Power Cycle Repeatedly...');
    for (const answer of ['20', '5']) await workbench.answer(answer);
    await workbench.notification(/emulated: 20 power cycles done/).waitFor();
    await workbench.palette('vPower: Power Cycle...');
    await workbench.answer('0');
    await workbench.notification(new RegExp(`powered on: ${Number(cycles) + 21} power cycles`)).waitFor();
    await workbench.openFile('hello.nvme.ts');
    await workbench.lenses('Run Test').nth(1).click();
    await workbench.showTesting();
    await workbench.expand(workbench.testRow('hello.nvme.ts'));
    await workbench.testRow('hello world, awaited', 'Passed').waitFor();
  });

  it('8 restarts the driver host from the status bar', async () => {
    await workbench.statusItem(/NVMe: ready/).hover();
    const panel = workbench.page.locator('.workbench-hover', { hasText: 'NVMe driver host' });
    const pid = async () => /pid\s(\d+)/.exec((await panel.textContent()) ?? '')?.[1];
    const before = await eventually(pid, (value) => value !== undefined);
    await workbench.screenshot('8-control-panel');
    await panel.getByText('Restart Driver Host').click();
    const again = async () => {
      // The panel stays open while a link in it has the focus.
      await workbench.page.keyboard.press('Escape');
      await workbench.page.mouse.move(700, 400);
      await workbench.statusItem(/NVMe: ready/).hover();
      await panel.waitFor();
      return pid();
    };
    await eventually(again, (now) => now !== undefined && now !== before);
  });
});
