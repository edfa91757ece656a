import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { launchBrowser, newPage } from '../vscode/browser.mjs';
import { eventually, isAlive } from './workbench.ts';

describe('npm start, step 1', function () {
  this.timeout(180_000);
  let child: ChildProcess;
  let output = '';
  let address: URL;
  let browser: Browser;

  before(async () => {
    child = spawn(process.execPath, ['test/vscode/start.mjs', '--serve'], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout?.on('data', (text) => {
      output += text;
    });
    const printed = async () => /http:\/\/127\.0\.0\.1:\S+/.exec(output)?.[0];
    address = new URL((await eventually(printed, (found) => found !== undefined, 120_000)) ?? '');
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    child.kill('SIGKILL');
  });

  it('serves VS Code to nobody without the token in its address', async () => {
    assert.match(address.searchParams.get('tkn') ?? '', /^[0-9a-f]{32}$/);
    const { status } = await fetch(address.origin);
    assert.equal(status, 403);
  });

  it('shows the sample workspace with Doorbell at work', async () => {
    const page = await newPage(browser);
    await page.goto(address.href);
    await page.getByRole('treeitem', { name: 'hello.nvme.ts' }).waitFor();
    await page.locator('.statusbar-item', { hasText: 'NVMe: stopped' }).waitFor();
  });

  it('ends with Ctrl-C and leaves nothing behind', async () => {
    const profile = /throw-away profile ([^\s)]+)/.exec(output)?.[1] ?? '';
    assert.ok(existsSync(profile), output);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    assert.equal(await exited, 0);
    assert.ok(!isAlive(child.pid ?? 0));
    assert.ok(!existsSync(profile));
    await assert.rejects(fetch(address.origin));
  });
});
