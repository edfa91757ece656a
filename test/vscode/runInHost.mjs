// Runs test/integration inside a real VS Code extension host: `node test/vscode/runInHost.mjs [--grep TEXT] [--json FILE]`.
// Success is a results file, never an exit code: a host that dies reports 0.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { root } from '../tools/setup.mjs';
import { launchBrowser, newPage } from './browser.mjs';
import { bundleSuite } from './bundleSuite.mjs';
import { startServer } from './server.mjs';
import { makeWorkspace } from './workspace.mjs';

const { values } = parseArgs({ options: { json: { type: 'string' }, grep: { type: 'string' } } });
const timeoutMs = 4 * 60_000;
const artifacts = path.join(root, 'test/artifacts/integration');

/** Copies what the suite appends to its log to our output, as it comes. */
function follow(file) {
  let position = 0;
  const copy = () => {
    if (!existsSync(file)) return;
    const text = readFileSync(file);
    process.stdout.write(text.subarray(position));
    position = text.length;
  };
  const timer = setInterval(copy, 200);
  return () => {
    clearInterval(timer);
    copy();
  };
}

/** @returns the reason why there will be no results, or undefined once there are */
async function ended(results, server, page) {
  let crashed = false;
  page.on('crash', () => (crashed = true));
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(200)) {
    if (existsSync(results)) return undefined;
    if (crashed) return 'the page crashed';
    const exit = /Extension Host Process exited with code: \w+, signal: \w+/.exec(server.log());
    if (exit) return exit[0];
  }
  return `no results after ${timeoutMs / 1000} s`;
}

async function runSuite(suite, workspace, out) {
  const results = path.join(out, 'results.json');
  const env = { DOORBELL_SUITE_OUT: out, ...(values.grep && { DOORBELL_SUITE_GREP: values.grep }) };
  const server = await startServer({ env, testDriver: true });
  const browser = await launchBrowser();
  const stopFollowing = follow(path.join(out, 'log.txt'));
  try {
    const page = await newPage(browser);
    const payload = [
      ['extensionDevelopmentPath', server.uri(root)],
      ['extensionTestsPath', server.uri(suite)],
    ];
    await page.goto(server.address(workspace, payload));
    const reason = await ended(results, server, page);
    if (reason === undefined) return JSON.parse(readFileSync(results, 'utf8'));
    mkdirSync(artifacts, { recursive: true });
    await page.screenshot({ path: path.join(artifacts, 'unfinished.png') }).catch(() => undefined);
    writeFileSync(path.join(artifacts, 'unfinished.log'), server.log());
    throw new Error(`The suite did not finish: ${reason} (see ${path.relative(root, artifacts)})`);
  } finally {
    stopFollowing();
    await browser.close();
    await server.stop();
  }
}

const out = mkdtempSync(path.join(os.tmpdir(), 'doorbell-suite-'));
const workspace = makeWorkspace({ faults: true });
try {
  const { vscode, node, counts } = await runSuite(await bundleSuite(), workspace.folder, out);
  console.log(
    `VS Code ${vscode}, Node.js ${node}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
  );
  if (values.json) writeFileSync(values.json, JSON.stringify(counts));
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
} finally {
  workspace.remove();
  rmSync(out, { recursive: true, force: true });
}
