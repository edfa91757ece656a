// How long files are: `node test/tools/sizes.mjs` prints the distribution and fails on a file above the hard limit.
// (Biome holds functions to 40 lines; C++ files have no such tool here, so their files count.)
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const hard = 300;
const soft = 200;
const rooms = ['native', 'testkit', 'extension', 'webviews', 'test'];

const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...rooms], {
  encoding: 'utf8',
});
const sizes = [...new Set(list.split('\n'))]
  .filter((file) => /\.(ts|mjs|css|h|cpp)$/.test(file))
  .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
  .sort((a, b) => a.lines - b.lines);
const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.lines ?? 0;

console.log('room        files  lines  median    p90    max');
for (const room of rooms) {
  const own = sizes.filter(({ file }) => file.startsWith(`${room}/`));
  const total = own.reduce((sum, { lines }) => sum + lines, 0);
  const columns = [own.length, total, at(own, 0.5), at(own, 0.9), at(own, 1)];
  console.log(room.padEnd(10), ...columns.map((column) => String(column).padStart(6)));
}
for (const { file, lines } of sizes.filter((size) => size.lines > soft)) {
  console.log(`${lines > hard ? 'too long' : 'long'}: ${file} (${lines} lines)`);
}
process.exitCode = sizes.some(({ lines }) => lines > hard) ? 1 : 0;
