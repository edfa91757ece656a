import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../vscode/browser.mjs';
import { bundleGauge, type FrameOptions, GaugeFrame, samples, start } from './gaugeFrame.ts';
import { boxes, extent, opacity, pictures, repaint } from './gaugePage.mjs';

const live = { type: 'state', live: true } as const;
const hydrate = (...all: ReturnType<typeof samples>[]) =>
  ({ type: 'hydrate', samples: all.flat(), marks: [{ atMs: start + 1000, label: 'Power off' }] }) as const;

describe('the gauge webview', function () {
  this.timeout(60_000);
  let browser: Browser;
  let bundle: Awaited<ReturnType<typeof bundleGauge>>;
  const frames: GaugeFrame[] = [];

  before(async () => {
    [browser, bundle] = await Promise.all([launchBrowser(), bundleGauge()]);
  });
  after(() => browser?.close());
  afterEach(async () => {
    for (const frame of frames.splice(0)) {
      assert.deepEqual(frame.faults, []);
      await frame.page.close();
    }
  });

  const open = async (options?: FrameOptions) => {
    const frame = await GaugeFrame.open(browser, bundle, options);
    frames.push(frame);
    return frame;
  };

  it('asks for its history, and says that there was no I/O yet', async () => {
    const frame = await open();
    assert.deepEqual(await frame.posted(), [{ type: 'ready' }]);
    assert.ok(await frame.page.locator('.empty').first().isVisible());
    assert.equal(await frame.page.getByRole('status').textContent(), 'No I/O yet.');
  });

  it('shows MB/s and IOPS as numbers, and the same in words', async () => {
    const frame = await open();
    await frame.post(hydrate(samples(40, 741_000)), live);
    assert.deepEqual(await frame.numbers(), ['3,035', '741']);
    assert.equal(await frame.page.locator('.empty').first().isVisible(), false);
    const words = 'IOPS: 741 K/s on a scale to 1,000; highest in the last minute 741 K/s.';
    assert.ok(await frame.page.getByRole('img', { name: words }).isVisible());
    assert.match((await frame.page.getByRole('status').textContent()) ?? '', /Bandwidth: 3,035 MB\/s.*IOPS: 741 K\/s/);
    assert.equal(await frame.page.getByRole('img', { name: 'Power off 9 s before the end' }).count(), 2);
  });

  it('keeps the last values, dimmed, when the driver host is gone', async () => {
    const frame = await open();
    await frame.post(hydrate(samples(40, 5000)), live);
    assert.equal(await frame.page.locator('.state').textContent(), '');
    await frame.post({ type: 'state', live: false });
    assert.equal(await frame.page.locator('.state').textContent(), 'Last values');
    assert.deepEqual(await frame.numbers(), ['20.5', '5.00']);
    assert.ok((await frame.page.evaluate(opacity)) < 0.8);
  });

  it('pauses and resumes by keyboard, and is still paused when it is shown again', async () => {
    const frame = await open();
    await frame.post(hydrate(samples(40, 5000)), live);
    await frame.page.keyboard.press('Tab');
    await frame.page.keyboard.press('Enter');
    const newer = { type: 'samples', samples: [{ ...samples(1, 9000)[0]!, atMs: start + 11_000 }] } as const;
    await frame.post(newer);
    assert.deepEqual(await frame.numbers(), ['20.5', '5.00']);
    assert.deepEqual((await frame.posted()).at(-1), { type: 'pause', paused: true });

    const again = await open({ state: await frame.state() });
    await again.post(hydrate(samples(40, 5000)), newer, live);
    assert.equal(await again.page.locator('.state').textContent(), 'Paused');
    assert.deepEqual(await again.numbers(), ['20.5', '5.00']);
    await again.page.getByRole('button', { name: 'Resume' }).press('Space');
    await again.settle();
    assert.deepEqual(await again.numbers(), ['36.9', '9.00']);
  });

  it('ends a pause whose moment has left the history', async () => {
    const frame = await open({ state: { pausedAtMs: start - 60_000, hidden: [] } });
    await frame.post(hydrate(samples(40, 5000)), live);
    assert.equal(await frame.page.locator('.state').textContent(), '');
    assert.deepEqual(await frame.state(), { hidden: [] });
  });

  it('has a line for each controller, and takes one out on a click', async () => {
    const frame = await open();
    await frame.post(hydrate(samples(40, 5000), samples(40, 2000, '0000:3d:00.0')), live);
    assert.deepEqual(await frame.numbers(), ['28.7', '7.00']);
    await frame.page.getByRole('button', { name: '0000:3d:00.0' }).click();
    await frame.settle();
    assert.deepEqual(await frame.numbers(), ['20.5', '5.00']);
    assert.deepEqual(await frame.state(), { hidden: ['0000:3d:00.0'] });
  });

  it('takes the colours of a new theme at once', async () => {
    const frame = await open();
    await frame.post(hydrate(samples(40, 5000)), live);
    assert.ok((await frame.pixels([0, 0, 255])) > 200);
    await frame.page.evaluate(repaint, { blue: '#00ff00', bodyClass: 'vscode-high-contrast' });
    await frame.settle();
    assert.equal(await frame.pixels([0, 0, 255]), 0);
    assert.ok((await frame.pixels([0, 255, 0])) > 200);
  });

  it('jumps instead of easing where motion is reduced', async () => {
    const frame = await open({ bodyClass: 'vscode-dark vscode-reduce-motion' });
    await frame.post(hydrate(samples(40, 1000)), live);
    const message = { type: 'samples', samples: [{ ...samples(1, 400)[0]!, atMs: start + 10_000 }] };
    const drawn = await frame.page.evaluate(pictures, message);
    assert.equal(drawn[0], drawn[1]);
    assert.deepEqual(await frame.numbers(), ['1.64', '0.40']);
  });

  it('fits from a narrow sidebar to a wide panel', async () => {
    for (const [width, height] of [
      [200, 520],
      [300, 600],
      [420, 300],
      [700, 230],
      [1400, 220],
      [900, 700],
    ] as const) {
      const frame = await open({ width, height });
      await frame.post(hydrate(samples(40, 5000)), live);
      const whole = { scrollWidth: width, scrollHeight: height };
      assert.deepEqual(await frame.page.evaluate(extent), whole, `${width} x ${height}`);
      for (const box of await frame.page.evaluate(boxes)) {
        assert.ok(box.width >= 100 && box.height >= 60, `${width} x ${height}: ${JSON.stringify(box)}`);
        assert.ok(box.right <= width && box.bottom <= height, `${width} x ${height}: ${JSON.stringify(box)}`);
      }
    }
  });
});
