// The entry VS Code calls in its extension host. Leaves its report in $DOORBELL_SUITE_OUT: log.txt as it goes, results.json at the end.
import { appendFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';
import * as vscode from 'vscode';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

function runMocha(grep: string | undefined): Promise<Counts> {
  const mocha = new Mocha({ ui: 'bdd', reporter: 'spec', color: false, timeout: 30_000, ...(grep && { grep }) });
  for (const name of readdirSync(__dirname).sort())
    if (name.endsWith('.test.js')) mocha.addFile(path.join(__dirname, name));
  return new Promise((resolve) => {
    const runner = mocha.run(() => {
      const { passes, failures, pending } = runner.stats!;
      resolve({ passed: passes, failed: failures, skipped: pending });
    });
  });
}

export async function run(): Promise<void> {
  const out = process.env.DOORBELL_SUITE_OUT;
  if (!out) throw new Error('DOORBELL_SUITE_OUT is not set: this runs under test/vscode/runInHost.mjs');
  process.setSourceMapsEnabled(true);
  // A reporter's lines go to the console of the extension host, which nobody reads.
  Mocha.reporters.Base.consoleLog = (...words: unknown[]) =>
    appendFileSync(path.join(out, 'log.txt'), `${format(...words)}\n`);
  const counts = await runMocha(process.env.DOORBELL_SUITE_GREP);
  const report = JSON.stringify({ vscode: vscode.version, node: process.version, counts });
  writeFileSync(path.join(out, 'results.part'), report);
  renameSync(path.join(out, 'results.part'), path.join(out, 'results.json'));
}
