/** The gauge webview in a real browser, under the extension's content security policy, with a workbench's theme around it. */
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import type { FromGauge, GaugeSample, ToGauge } from '../../webviews/protocol.ts';
import { countPixels, isReady, kept, posted, send, settle, surround } from './gaugePage.mjs';

export interface FrameOptions {
  readonly width?: number;
  readonly height?: number;
  /** As left behind by an earlier frame. */
  readonly state?: unknown;
  readonly bodyClass?: string;
}

interface Bundle {
  readonly script: string;
  readonly style: string;
}

const theme = {
  foreground: '#cccccc',
  descriptionForeground: '#9d9d9d',
  'charts-blue': '#0000ff',
  'charts-orange': '#d18616',
  'charts-red': '#ff0000',
  'font-family': 'sans-serif',
  'font-size': '13px',
};
const policy = "default-src 'none'; script-src 'nonce-n0nce'; style-src http://gauge.test; font-src http://gauge.test";

export const start = 1_800_000_000_000;

export function samples(count: number, iops: number, controller = 'emulated'): GaugeSample[] {
  return Array.from({ length: count }, (_, tick) => ({
    atMs: start + tick * 250,
    controller,
    iops,
    megabytesPerSecond: (iops * 4096) / 1e6,
  }));
}

export async function bundleGauge(): Promise<Bundle> {
  const options = { bundle: true, write: false, format: 'iife', target: 'es2022', logLevel: 'error' } as const;
  const [script, style] = await Promise.all([
    build({ ...options, entryPoints: ['webviews/gauge/gauge.ts'] }),
    build({ ...options, entryPoints: ['webviews/gauge/gauge.css'] }),
  ]);
  return { script: script.outputFiles[0]!.text, style: style.outputFiles[0]!.text };
}

export class GaugeFrame {
  /** Errors of the page and violations of its policy. */
  readonly faults: string[] = [];

  private constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.faults.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text());
    });
  }

  static async open(browser: Browser, bundle: Bundle, options: FrameOptions = {}): Promise<GaugeFrame> {
    const page = await browser.newPage({ viewport: { width: options.width ?? 900, height: options.height ?? 240 } });
    const frame = new GaugeFrame(page);
    await page.route('http://gauge.test/**', (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/gauge.js') return route.fulfill({ contentType: 'text/javascript', body: bundle.script });
      if (pathname === '/gauge.css') return route.fulfill({ contentType: 'text/css', body: bundle.style });
      return route.fulfill({ contentType: 'text/html', body: html(options.bodyClass ?? 'vscode-dark') });
    });
    await page.addInitScript(surround, { theme, state: options.state ?? null });
    await page.goto('http://gauge.test/');
    await page.waitForFunction(isReady);
    return frame;
  }

  async post(...messages: readonly ToGauge[]): Promise<void> {
    await this.page.evaluate(send, messages);
    await this.settle();
  }

  async settle(): Promise<void> {
    await this.page.evaluate(settle);
  }

  posted(): Promise<FromGauge[]> {
    return this.page.evaluate(posted);
  }

  state(): Promise<unknown> {
    return this.page.evaluate(kept);
  }

  numbers(): Promise<string[]> {
    return this.page.locator('.number').allTextContents();
  }

  /** Pixels of that colour on the first dial. */
  pixels(color: readonly [number, number, number]): Promise<number> {
    return this.page.evaluate(countPixels, color);
  }
}

function html(bodyClass: string): string {
  return `<!DOCTYPE html><html lang="en"><head><meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="gauge.css"></head><body class="${bodyClass}"><div id="root"></div>
<script nonce="n0nce" src="gauge.js"></script></body></html>`;
}
