// Runs mocha on *.test.ts files: `node test/tools/mocha.mjs [--json FILE] [--grep TEXT] test/unit/a.test.ts ...`
// `vscode` becomes test/fakes/vscode.ts, `@doorbell/testkit` the testkit's sources. The working folder is the repository.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Mocha from 'mocha';
import { bundle, temporaryFolder } from './bundle.mjs';
import { root } from './setup.mjs';

function run(bundles, grep) {
  process.setSourceMapsEnabled(true);
  const mocha = new Mocha({ ui: 'bdd', reporter: 'spec', timeout: 10_000, ...(grep && { grep }) });
  for (const file of bundles) mocha.addFile(file);
  return new Promise((resolve) => {
    const runner = mocha.run(() => {
      const { passes, failures, pending } = runner.stats;
      resolve({ passed: passes, failed: failures, skipped: pending });
    });
  });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, grep: { type: 'string' } },
});
const files = positionals.map((file) => path.resolve(file));
const json = values.json && path.resolve(values.json);
process.chdir(root);

const counts = await run(await bundle(files, { outdir: temporaryFolder() }), values.grep);
if (json) writeFileSync(json, JSON.stringify(counts));
// Not exitCode: a handle a test leaked must not keep the run alive; leaks have tests of their own.
process.exit(counts.failed > 0 || counts.passed + counts.skipped === 0 ? 1 : 0);
