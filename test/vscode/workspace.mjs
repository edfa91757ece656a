// A workspace for a test run: a copy of the sample, and of the faulty tests of test/data/workspace, in a temporary folder.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../tools/setup.mjs';

export function makeWorkspace({ faults = false } = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'doorbell-workspace-'));
  for (const source of ['testkit/sample', ...(faults ? ['test/data/workspace'] : [])]) {
    cpSync(path.join(root, source), folder, { recursive: true, filter: (file) => path.basename(file) !== '.doorbell' });
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) };
}
