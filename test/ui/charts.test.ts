import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { places } from '../../testkit/cli/places.ts';
import { HtmlReporter } from '../../testkit/cli/reporters/html.ts';
import type { ReportedTest } from '../../testkit/cli/reporters/reporter.ts';
import type { Chart } from '../../testkit/report/chart.ts';
import { launchBrowser } from '../vscode/browser.mjs';
import { countPixels, isReady, painted, repaint, send, settle, surround } from './chartsPage.mjs';

const artifacts = path.resolve('test/artifacts');
const blue = [0, 0, 255] as const;
const theme = { foreground: '#cccccc', 'charts-blue': '#0000ff', 'charts-orange': '#d18616', 'font-size': '13px' };
const policy = "default-src 'none'; script-src 'nonce-n0nce'; style-src http://charts.test";

const wave = (phase: number) =>
  Array.from({ length: 40 }, (_, x) => [x / 10, 300 + 200 * Math.sin(x / 4 + phase)] as const);
const charts: Chart[] = [
  {
    title: '128 KiB sequential write <first & third>',
    x: { label: 'time (s)' },
    y: { label: 'MB/s' },
    series: [
      { name: 'first pass', points: wave(0) },
      { name: 'third pass', points: wave(2) },
    ],
  },
  {
    title: 'Latency against IOPS',
    kind: 'scatter',
    x: { label: 'IOPS', logarithmic: true },
    y: { label: 'us', logarithmic: true },
    series: [
      {
        name: '99 %',
        points: [
          [1000, 12],
          [10_000, 80],
          [100_000, 4000],
        ],
      },
    ],
  },
  {
    title: 'Bars',
    kind: 'bar',
    x: { label: 'queues' },
    y: { label: 'kIOPS' },
    series: [
      {
        name: 'read',
        points: [
          [1, 5],
          [2, 9],
        ],
      },
    ],
  },
];

function reportOf(reported: readonly Chart[]): string {
  let html = '';
  const run = { root: '/', controllers: [], power: [], version: '0', startedAt: new Date(0) };
  const reporter = new HtmlReporter(run, (text) => {
    html += text;
  });
  const test: ReportedTest = {
    id: 'a.nvme.ts > draws',
    file: 'a.nvme.ts',
    suites: [],
    title: 'draws </script><b>',
    outcome: { state: 'failed', failures: [{ message: 'expected <1>', stack: [] }] },
    durationMs: 12,
    iteration: 1,
    seed: 's',
    output: 'said <i>&',
    charts: reported,
  };
  reporter.testEnded(test);
  reporter.end({ passed: 0, failed: 1, errored: 0, skipped: 0, durationMs: 12, cancelled: false });
  return html;
}

describe('charts', function () {
  this.timeout(60_000);
  let browser: Browser;
  let bundle: { script: string; style: string };
  const faults: string[] = [];

  before(async () => {
    mkdirSync(artifacts, { recursive: true });
    places.charts.script = path.resolve('dist/webviews/charts.js');
    places.charts.style = path.resolve('dist/webviews/charts.css');
    const options = { bundle: true, write: false, format: 'iife', target: 'es2022', logLevel: 'error' } as const;
    const [script, style] = await Promise.all([
      build({ ...options, entryPoints: ['webviews/charts/charts.ts'] }),
      build({ ...options, entryPoints: ['webviews/charts/charts.css'] }),
    ]);
    bundle = { script: script.outputFiles[0]!.text, style: style.outputFiles[0]!.text };
    browser = await launchBrowser();
  });
  after(() => browser?.close());
  afterEach(() => assert.deepEqual(faults.splice(0), []));

  async function open(html: string, scheme: 'light' | 'dark', prepare?: (page: Page) => Promise<void>): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 900, height: 1400 }, colorScheme: scheme });
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.route('http://charts.test/**', (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/charts.js') return route.fulfill({ contentType: 'text/javascript', body: bundle.script });
      if (pathname === '/charts.css') return route.fulfill({ contentType: 'text/css', body: bundle.style });
      if (pathname === '/favicon.ico') return route.fulfill({ status: 204 });
      return route.fulfill({ contentType: 'text/html', body: html });
    });
    await prepare?.(page);
    await page.goto('http://charts.test/');
    return page;
  }

  for (const scheme of ['light', 'dark'] as const) {
    it(`of an HTML report are drawn by the page alone, ${scheme}`, async () => {
      const page = await open(reportOf(charts), scheme);
      await page.evaluate(settle);
      const drawn = await page.evaluate(painted);
      assert.equal(drawn.length, 3);
      for (const pixels of drawn) assert.ok(pixels > 2000, `${drawn}`);
      assert.equal(await page.locator('figcaption').first().textContent(), charts[0]?.title);
      const name =
        /^Latency against IOPS, scatter chart of us over IOPS\. 99 %: 3 points from 12 to 4,000, the last 4,000\.$/;
      assert.ok(await page.getByRole('img', { name }).isVisible());
      assert.match((await page.locator('h2').textContent()) ?? '', /^failed draws <\/script><b> 12 ms$/);
      assert.equal(await page.locator('details pre').textContent(), 'said <i>&');
      assert.match((await page.locator('pre.failure').textContent()) ?? '', /expected <1>/);
      await page.screenshot({ path: path.join(artifacts, `charts-report-${scheme}.png`), fullPage: true });
      await page.close();
    });
  }

  it('of the VS Code tab are replaced by what the extension sends, and take a new theme at once', async () => {
    const frame = `<!DOCTYPE html><html lang="en"><head><meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="charts.css"></head><body class="vscode-dark"><div id="root"></div>
<script nonce="n0nce" src="charts.js"></script></body></html>`;
    const page = await open(frame, 'dark', async (page) => void (await page.addInitScript(surround, { theme })));
    await page.waitForFunction(isReady);
    const show = async (...tests: { title: string; charts: Chart[] }[]) => {
      await page.evaluate(send, { type: 'charts', tests });
      await page.evaluate(settle);
    };
    await show({ title: 'writes', charts }, { title: 'reads', charts: charts.slice(1) });
    assert.deepEqual(await page.locator('h2').allTextContents(), ['writes', 'reads']);
    assert.equal((await page.evaluate(painted)).length, 5);
    assert.ok((await page.evaluate(countPixels, blue)) > 100);
    await page.evaluate(repaint, { blue: '#00ff00', bodyClass: 'vscode-high-contrast' });
    await page.evaluate(settle);
    assert.equal(await page.evaluate(countPixels, blue), 0);
    assert.ok((await page.evaluate(countPixels, [0, 255, 0] as const)) > 100);
    await page.screenshot({ path: path.join(artifacts, 'charts-high-contrast.png'), fullPage: true });
    await show();
    assert.equal((await page.evaluate(painted)).length, 0);
    assert.ok(await page.getByText('Charts that tests report appear here.').isVisible());
    await page.close();
  });
});
