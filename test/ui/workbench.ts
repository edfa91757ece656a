/** Page objects: what a person sees and clicks in VS Code's workbench, found by role and aria-label. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import { launchBrowser, newPage } from '../vscode/browser.mjs';
import { startServer } from '../vscode/server.mjs';
import { makeWorkspace } from '../vscode/workspace.mjs';

const artifacts = 'test/artifacts/ui';

export interface WorkbenchOptions {
  readonly vsix: string;
  readonly settings?: object;
  /** Instead of a copy of the sample workspace. */
  readonly folder?: string;
  /** With the faulty and the long tests of test/data/workspace. */
  readonly faults?: boolean;
  /** Added to the environment of VS Code. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Each of three seconds: until extensions, language services and the index of files are there. */
const startAttempts = 20;

export class Workbench {
  private constructor(
    readonly page: Page,
    readonly folder: string,
    private readonly server: Awaited<ReturnType<typeof startServer>>,
    private readonly closers: readonly (() => unknown)[],
  ) {}

  /** A clean VS Code with the .vsix installed, on a copy of the sample workspace (or on `folder`). */
  static async open(options: WorkbenchOptions): Promise<Workbench> {
    const workspace = options.folder === undefined ? makeWorkspace({ faults: options.faults ?? false }) : undefined;
    const folder = options.folder ?? workspace!.folder;
    const server = await startServer({ vsix: options.vsix, settings: options.settings ?? {}, env: options.env ?? {} });
    const browser: Browser = await launchBrowser();
    const page: Page = await newPage(browser);
    page.setDefaultTimeout(20_000);
    const closers = [() => browser.close(), () => server.stop(), () => workspace?.remove()];
    await page.goto(server.address(folder));
    await page.locator('.monaco-workbench .statusbar').waitFor();
    return new Workbench(page, folder, server, closers);
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
  }

  get profile(): string {
    return this.server.profile;
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(artifacts, { recursive: true });
    await this.page.screenshot({ path: path.join(artifacts, `${name}.png`) });
  }

  async setTheme(name: string): Promise<void> {
    await this.palette('Preferences: Color Theme');
    await this.quickInput.fill(name);
    await this.page.locator('.quick-input-list [role=option]', { hasText: name }).first().waitFor();
    await this.page.keyboard.press('Enter');
  }

  async palette(command: string): Promise<void> {
    await this.pick('Control+Shift+P', `>${command}`, command);
  }

  /** A quick pick lists what is known when it opens; extensions and files become known a moment after the workbench: then it is opened anew. */
  private async pick(keys: string, typed: string, option: string): Promise<void> {
    const row = this.page.locator('.quick-input-list [role=option]', { hasText: option }).first();
    await untilThere(row, async () => {
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press(keys);
      await this.quickInput.fill(typed);
    });
    await row.click();
  }

  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible input');
  }

  /** Types into the input box that is open, and accepts. */
  async answer(text: string): Promise<void> {
    await this.quickInput.fill(text);
    await this.page.keyboard.press('Enter');
  }

  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press('Control+1');
    await this.pick('Control+P', name, name);
    await this.tab(name).waitFor();
  }

  tab(name: string | RegExp): Locator {
    return this.page.getByRole('tab', { name }).first();
  }

  /** Code lenses of the editor in front, in the order of their lines. */
  lenses(label: string): Locator {
    return this.page.locator('.editor-group-container.active .codelens-decoration a', { hasText: label });
  }

  /**
   * A row of the Testing view by its title and, if given, its state: `Passed`, `Failed`, `Not yet run`, ...
   * (The aria-label alone would not do: VS Code builds it from a row's description where there is one.)
   */
  testRow(title: string, state = ''): Locator {
    const escaped = title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    // Its tags and its duration stand in the label too.
    const label = this.page.locator('.label', { hasText: new RegExp(`^${escaped}($|@|\\d)`) });
    return this.page.locator(`.test-explorer [role=treeitem][aria-label*="(${state}"]`, { has: label });
  }

  async showTesting(): Promise<void> {
    const icon = this.page.locator('.activitybar').getByRole('tab', { name: /^Testing/ });
    // A second click on it would hide the view.
    if (!(await this.page.locator('.test-explorer').isVisible())) await icon.click();
    await this.page.locator('.test-explorer').waitFor();
  }

  async expand(row: Locator): Promise<void> {
    await row.first().waitFor();
    if ((await row.first().getAttribute('aria-expanded')) === 'false')
      await row.first().locator('.monaco-tl-twistie').click();
  }

  /** The row of a queue pair in the QPairs view, by the facts a screen reader says of it, in any order. */
  queueRow(qid: number, ...facts: readonly string[]): Locator {
    const pane = this.page.locator('.pane', { has: this.page.locator('.pane-header', { hasText: 'QPairs' }) });
    const says = [`Queue pair ${qid} of`, ...facts].map((fact) => `[aria-label*="${fact}"]`).join('');
    return pane.locator(`[role=treeitem]${says}`);
  }

  /** The Test Results panel: its rows on the right, and what the chosen one tells. */
  get results(): Locator {
    return this.page.locator('.part.panel');
  }

  resultRow(title: string): Locator {
    return this.results.locator('[role=treeitem]', { hasText: title }).first();
  }

  async goToLine(line: number): Promise<void> {
    await this.page.keyboard.press('Control+G');
    await this.quickInput.fill(`:${line}`);
    await this.page.keyboard.press('Enter');
  }

  /** Text of the editor in front, as far as it is drawn (the editor keeps its lines in no order). */
  async editorText(): Promise<string> {
    const lines = await this.page.locator('.editor-group-container.active .view-line').evaluateAll((elements) =>
      elements
        .map((element) => ({
          top: Number.parseFloat((element as unknown as { style: { top: string } }).style.top),
          text: element.textContent ?? '',
        }))
        .sort((a, b) => a.top - b.top)
        .map(({ text }) => text),
    );
    return lines.join('\n').replaceAll('\u00a0', ' ');
  }

  /**
   * What the editor tells of a word, once it tells `expected`. It asks its language services one time for a hover, and those
   * that are still starting are not among them: then the mouse leaves the word and comes back, as a person's would.
   */
  async hoverText(word: string, expected: string): Promise<string> {
    const content = this.page.locator('.monaco-hover-content', { hasText: expected });
    await untilThere(content, async () => {
      await this.page.mouse.move(0, 0);
      await this.page.locator('.view-line').getByText(word).first().hover();
    });
    return (await content.textContent()) ?? '';
  }

  statusItem(text: RegExp): Locator {
    return this.page.locator('.statusbar-item', { hasText: text });
  }

  notification(text: RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  webview(): FrameLocator {
    return this.page.locator('iframe.webview').last().contentFrame().locator('iframe#active-frame').contentFrame();
  }
}

/** Does it again, until what it should bring is there. */
async function untilThere(wanted: Locator, ask: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await ask();
    const isThere = wanted.waitFor({ timeout: 3000 }).then(() => true);
    if (await (attempt < startAttempts ? isThere.catch(() => false) : isThere)) return;
  }
}

/** Polls until `read` gives a value that `accept` takes; the error shows the last one. */
export async function eventually<T>(
  read: () => Promise<T>,
  accept: (value: T) => boolean,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (accept(value)) return value;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(value)} after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

/** Driver hosts of an extension installed in this profile. */
export function hostPids(profile: string): number[] {
  const commandOf = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      // It ended meanwhile.
      return '';
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandOf(pid).includes(profile) && commandOf(pid).includes('dist/host.cjs'))
    .map(Number);
}
