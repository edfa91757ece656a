// Debian's Chromium, headless, that reaches nothing but 127.0.0.1.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export function launchBrowser() {
  const executablePath = candidates.find((file) => file && existsSync(file));
  if (!executablePath)
    throw new Error('No Chromium found: install it (apt install chromium) or name one in $CHROMIUM.');
  const args = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-dev-shm-usage',
    '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets',
    '--disable-gpu',
    '--disable-quic',
    '--disable-sync',
    '--no-first-run',
    // Chromium's sandbox refuses to run as root.
    ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
  ];
  return chromium.launch({ executablePath, headless: true, args });
}

/** @returns a page of its own context, so that nothing is remembered between two of them */
export async function newPage(browser) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const outside = (url) => url.hostname !== '127.0.0.1' && /^https?:$/.test(url.protocol);
  await context.route(outside, (route) => route.abort());
  return context.newPage();
}
