/** The trace editor's page in a real browser, answered by the extension's editor and the real trace worker. */
import path from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import * as vscode from 'vscode';
import { TraceEditors } from '../../extension/trace/traceEditor.ts';
import { TraceClient } from '../../testkit/trace/traceClient.ts';
import type { FromTrace, ToTrace } from '../../webviews/protocol.ts';
import { deliver, surround } from './tracePage.mjs';

interface Bundle {
  readonly script: string;
  readonly style: string;
}

export const themes = {
  dark: {
    body: 'vscode-dark',
    colors: {
      foreground: '#cccccc',
      'editor-background': '#1f1f1f',
      descriptionForeground: '#9d9d9d',
      'charts-blue': '#3794ff',
      'charts-orange': '#d18616',
      'charts-green': '#89d185',
      'charts-purple': '#b180d7',
      'button-secondaryBackground': '#313131',
      'button-secondaryForeground': '#cccccc',
      errorForeground: '#f85149',
    },
  },
  light: {
    body: 'vscode-light',
    colors: {
      foreground: '#3b3b3b',
      'editor-background': '#ffffff',
      descriptionForeground: '#5f5f5f',
      'charts-blue': '#1a85ff',
      'charts-orange': '#b35900',
      'charts-green': '#388a34',
      'charts-purple': '#652d90',
      'button-secondaryBackground': '#e5e5e5',
      'button-secondaryForeground': '#3b3b3b',
      errorForeground: '#c72e0f',
    },
  },
  'high-contrast': {
    body: 'vscode-high-contrast',
    colors: {
      foreground: '#ffffff',
      'editor-background': '#000000',
      descriptionForeground: '#ffffff',
      'charts-blue': '#3794ff',
      'charts-orange': '#ff9f40',
      'charts-green': '#89d185',
      'charts-purple': '#d9a9ff',
      'button-secondaryBackground': '#000000',
      'button-secondaryForeground': '#ffffff',
      'button-border': '#6fc3df',
      contrastBorder: '#6fc3df',
      errorForeground: '#f48771',
    },
  },
} as const;
export type ThemeName = keyof typeof themes;

const policy = "default-src 'none'; script-src 'nonce-n0nce'; style-src http://trace.test; font-src http://trace.test";
const font = { 'font-family': 'sans-serif', 'font-size': '13px' };

export async function bundleTrace(): Promise<Bundle> {
  const options = { bundle: true, write: false, format: 'iife', target: 'es2022', logLevel: 'error' } as const;
  const [script, style] = await Promise.all([
    build({ ...options, entryPoints: ['webviews/trace/trace.ts'] }),
    build({ ...options, entryPoints: ['webviews/trace/trace.css'] }),
  ]);
  return { script: script.outputFiles[0]!.text, style: style.outputFiles[0]!.text };
}

export class TraceFrame {
  /** Errors of the page and violations of its policy. */
  readonly faults: string[] = [];
  /** From the page. */
  readonly asked: FromTrace[] = [];
  /** Milliseconds from opening the page to its first picture. */
  firstPictureMs: number | undefined;
  readonly #opened = performance.now();

  private constructor(
    readonly page: Page,
    private readonly client: TraceClient,
  ) {
    page.on('pageerror', (error) => this.faults.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text());
    });
  }

  static async open(browser: Browser, bundle: Bundle, trace: string, theme: ThemeName = 'dark'): Promise<TraceFrame> {
    const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
    const client = new TraceClient(path.resolve('dist/trace.cjs'));
    const frame = new TraceFrame(page, client);
    await page.route('http://trace.test/**', (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/trace.js') return route.fulfill({ contentType: 'text/javascript', body: bundle.script });
      if (pathname === '/trace.css') return route.fulfill({ contentType: 'text/css', body: bundle.style });
      return route.fulfill({ contentType: 'text/html', body: html(themes[theme].body) });
    });
    await frame.#connect(trace);
    await page.addInitScript(surround, { theme: { ...font, ...themes[theme].colors } });
    await page.goto('http://trace.test/');
    return frame;
  }

  /** The extension's own editor on a webview that is this page. */
  async #connect(trace: string): Promise<void> {
    let receive: (message: FromTrace) => unknown = () => undefined;
    const webview = {
      onDidReceiveMessage: (listener: (message: FromTrace) => unknown) => {
        receive = listener;
        return { dispose: () => undefined };
      },
      postMessage: (message: ToTrace) => this.#deliver(message),
      asWebviewUri: (uri: vscode.Uri) => uri,
      cspSource: 'http://trace.test',
      options: {},
      html: '',
    };
    await this.page.exposeFunction('toExtension', (message: FromTrace) => {
      this.asked.push(message);
      receive(message);
    });
    const editors = new TraceEditors(this.client, vscode.Uri.file(path.resolve('dist/webviews')));
    const panel = { webview, onDidDispose: () => ({ dispose: () => undefined }) };
    editors.resolveCustomEditor(
      editors.openCustomDocument(vscode.Uri.file(trace)),
      panel as unknown as vscode.WebviewPanel,
    );
  }

  async #deliver(message: ToTrace): Promise<void> {
    if (message.type === 'picture') this.firstPictureMs ??= performance.now() - this.#opened;
    // A page that closes meanwhile takes no more messages.
    await this.page.evaluate(deliver, portable(message)).catch(() => undefined);
  }

  /** Until the picture that was asked for last is whole. */
  async whole(commands: string): Promise<void> {
    await this.page.locator('.state', { hasText: `${commands} commands from` }).waitFor();
  }

  async close(): Promise<void> {
    await this.page.close();
    this.client.dispose();
  }
}

function portable(value: unknown): unknown {
  if (value instanceof ArrayBuffer) return { base64: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(portable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, portable(inner)]));
}

function html(bodyClass: string): string {
  return `<!DOCTYPE html><html lang="en"><head><meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="trace.css"></head><body class="${bodyClass}"><div id="root"></div>
<script nonce="n0nce" src="trace.js"></script></body></html>`;
}
