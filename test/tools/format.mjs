// `npm run format -- [files]`: what `npm run check` would complain about and a tool can mend; without files, everything.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { root } from './setup.mjs';

const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...process.argv.slice(2)], {
  cwd: root,
  encoding: 'utf8',
});
const files = list.split('\n');
const run = (command, args) => execFileSync(command, args, { cwd: root, stdio: 'inherit' });
const cpp = files.filter((file) => /^native\/.*\.(h|cpp)$/.test(file));
const web = files.filter((file) => /\.(ts|mjs|json|css)$/.test(file));
if (cpp.length > 0) run('clang-format', ['-i', ...cpp]);
if (web.length > 0) {
  const unmatched = ['--no-errors-on-unmatched', '--files-ignore-unknown=true'];
  run(path.join(root, 'node_modules/.bin/biome'), ['check', '--write', ...unmatched, ...web]);
}
if (web.some((file) => /^package(\.nls)?\.json$/.test(file))) run(process.execPath, ['test/tools/readme.mjs']);
if (web.some((file) => file.startsWith('testkit/suites/conformance/')))
  run(process.execPath, ['test/tools/coverage.mjs']);
