import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { emptyRow, TraceFlag, type TraceRow } from '../../testkit/trace/traceCommand.ts';
import { emptyTrim, importText, random, recording, writeTrace } from '../unit/trace/support.ts';
import { launchBrowser } from '../vscode/browser.mjs';
import { bundleTrace, type ThemeName, TraceFrame, themes } from './traceFrame.ts';
import { near, overflows, scatterBox } from './tracePage.mjs';

/** Sequential writes, then random reads with a hot place, deallocates between, over two minutes. */
function* workload(count: number): Generator<TraceRow> {
  const next = random(1);
  for (let index = 0; index < count; index += 1) {
    const timeNs = Math.floor((index / count) * 120e9);
    if (index % 100 === 99) {
      yield emptyTrim(timeNs, [2048]);
      continue;
    }
    const write = index % 3 === 0;
    const hot = next() < 0.2;
    const lba = write
      ? Math.floor((index / count) * 1_500_000)
      : hot
        ? 900_000 + Math.floor(next() * 4000)
        : Math.floor(next() * 2_000_000);
    yield {
      ...emptyRow(),
      ...{
        timeNs,
        latencyNs: 200_000 + Math.floor(next() * 40e6),
        opcode: write ? 1 : 2,
        queue: 1 + (index % 4),
        nsid: 1,
      },
      ...{ flags: TraceFlag.Completed | TraceFlag.Timed, cdw10: lba, length: write ? 256 : 8, cid: index % 1000 },
      ...(index === 5 && { status: 0x4080 }),
    };
  }
}

describe('the trace editor', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'doorbell-trace-'));
  const trace = path.join(folder, 'a.nvtrace');
  let browser: Browser;
  let bundle: Awaited<ReturnType<typeof bundleTrace>>;
  const frames: TraceFrame[] = [];

  before(async () => {
    [browser, bundle] = await Promise.all([launchBrowser(), bundleTrace(), writeTrace(trace, workload(60_000))]);
  });
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const frame of frames.splice(0)) {
      assert.deepEqual(frame.faults, []);
      await frame.close();
    }
  });

  const open = async (file = trace, theme: ThemeName = 'dark') => {
    const frame = await TraceFrame.open(browser, bundle, file, theme);
    frames.push(frame);
    return frame;
  };

  const blue = [0x37, 0x94, 0xff];
  const orange = [0xd1, 0x86, 0x16];

  for (const theme of Object.keys(themes) as ThemeName[]) {
    it(`draws reads and writes, curves, sizes and tables in ${theme}`, async () => {
      const frame = await open(trace, theme);
      await frame.whole('60,000');
      assert.ok(await frame.page.getByRole('img', { name: /LBA against time: 60,000 commands/ }).isVisible());
      assert.ok(await frame.page.getByRole('img', { name: /Queue depth: at most/ }).isVisible());
      assert.equal(await frame.page.getByRole('table', { name: 'Most used LBAs' }).locator('tbody tr').count(), 20);
      assert.equal(await frame.page.getByRole('table', { name: 'Commands' }).locator('tbody tr').count(), 100);
      assert.equal(await frame.page.evaluate(overflows), false);
      mkdirSync('test/artifacts', { recursive: true });
      await frame.page.screenshot({ path: `test/artifacts/trace-${theme}.png`, fullPage: true });
    });
  }

  it('shows the places most used, and failed commands with their status', async () => {
    const frame = await open();
    await frame.whole('60,000');
    const first = await frame.page
      .getByRole('table', { name: 'Most used LBAs' })
      .locator('tbody tr')
      .nth(1)
      .innerText();
    // The one above it is where everything is deallocated.
    const lba = Number(first.split('\t')[0]?.replaceAll(',', ''));
    assert.ok(lba >= 899_900 && lba < 904_000, first);
    const failed = await frame.page.locator('tr.failed').innerText();
    assert.match(failed, /LBA Out of Range \(0h\/80h\)/);
  });

  it('hides a kind, by mouse and by keyboard', async () => {
    const frame = await open();
    await frame.whole('60,000');
    assert.ok((await frame.page.evaluate(near, orange)) > 100);
    await frame.page.getByRole('button', { name: 'Writes' }).press('Space');
    assert.equal(await frame.page.getByRole('button', { name: 'Writes' }).getAttribute('aria-pressed'), 'false');
    assert.equal(await frame.page.evaluate(near, orange), 0);
    assert.ok((await frame.page.evaluate(near, blue)) > 100);
  });

  it('zooms by dragging, by keys and back, and keeps to what is there', async () => {
    const frame = await open();
    await frame.whole('60,000');
    const { x, y, width, height } = await frame.page.evaluate(scatterBox);
    await frame.page.mouse.move(x + width / 2, y + 20);
    await frame.page.mouse.down();
    await frame.page.mouse.move(x + width - 20, y + height - 40, { steps: 4 });
    await frame.page.mouse.up();
    await frame.page
      .locator('.state', { hasText: 'commands from' })
      .and(frame.page.locator(':not(:text("60,000"))'))
      .waitFor();
    const views = frame.asked.filter((message) => message.type === 'view');
    const { stretch } = views.at(-1)!;
    assert.ok(stretch.fromNs > 50e9 && stretch.toNs < 120e9 && stretch.fromLba >= 0);
    await frame.page.locator('canvas.scatter').focus();
    await frame.page.keyboard.press('0');
    await frame.whole('60,000');
    await frame.page.keyboard.press('-');
    await frame.whole('60,000');
  });

  it('shows the commands from where one clicks, page by page', async () => {
    const frame = await open();
    await frame.whole('60,000');
    const { x, y, width, height } = await frame.page.evaluate(scatterBox);
    await frame.page.mouse.click(x + 64 + (width - 72) / 2, y + height / 2);
    await frame.page.locator('.where', { hasText: /^(29|30),\d{3} to (30|29),\d{3} of 60,000$/ }).waitFor();
    await frame.page.getByRole('button', { name: 'Last' }).click();
    await frame.page.locator('.where', { hasText: '59,901 to 60,000 of 60,000' }).waitFor();
    assert.ok(await frame.page.getByRole('button', { name: 'Next' }).isDisabled());
  });

  it('shows a real recording, and what is left of one cut short', async () => {
    const real = path.join(folder, 'real.nvtrace');
    await importText(recording('qemu-nvme-trace.log'), real);
    const frame = await open(real);
    await frame.whole('195');
    await frame.page.screenshot({ path: 'test/artifacts/trace-real.png', fullPage: true });
    const cut = path.join(folder, 'cut.nvtrace');
    writeFileSync(cut, readFileSync(trace).subarray(0, -2000));
    const damaged = await open(cut);
    await damaged.page.getByRole('alert').filter({ hasText: 'The file is damaged' }).waitFor();
    writeFileSync(path.join(folder, 'no.nvtrace'), 'nothing');
    const none = await open(path.join(folder, 'no.nvtrace'));
    await none.page.getByRole('alert').filter({ hasText: 'not a .nvtrace file' }).waitFor();
  });
});
