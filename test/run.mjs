// `npm test`: sets the machine up, builds, runs every group. `node test/run.mjs unit host` runs only these.
// Needs nothing but Node.js to start. The last line counts; the exit code is 0 only if nothing failed and nothing was missing.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runInGuest } from './guest/guest.mjs';
import { buildAddon, buildJs, buildNativeTests, quietly } from './tools/build.mjs';
import { ensureNodePackages, ensureTools, root } from './tools/setup.mjs';

const bin = (name) => path.join(root, 'node_modules/.bin', name);
const groupTimeoutMs = 8 * 60_000;

function run(command, args, stdio = 'inherit', env = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', stdio, stdio],
    encoding: 'utf8',
    timeout: groupTimeoutMs,
    env: { ...process.env, ...env },
  });
  if (result.error) console.error(`${command}: ${result.error.message}`);
  return result;
}

const gitFiles = (...patterns) =>
  run('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns], 'pipe')
    .stdout.split('\n')
    .filter((file) => file && existsSync(path.join(root, file)));

const sum = (results) =>
  results.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
const failure = { passed: 0, failed: 1, skipped: 0 };

/** A tool that is a test: its exit code decides. */
function check(title, command, args) {
  const passed = run(command, args).status === 0;
  console.log(`  ${passed ? '✔' : '✖'} ${title}`);
  return passed ? { passed: 1, failed: 0, skipped: 0 } : failure;
}

/** A runner that leaves its counts in a file: without the file it did not finish, whatever its exit code. */
function counted(script, args) {
  const counts = path.join(root, 'out', `counts-${process.pid}.json`);
  mkdirSync(path.dirname(counts), { recursive: true });
  const { status } = run(process.execPath, [script, '--json', counts, ...args]);
  if (!existsSync(counts)) return failure;
  const result = JSON.parse(readFileSync(counts, 'utf8'));
  rmSync(counts);
  return status !== 0 && result.failed === 0 ? sum([result, failure]) : result;
}

/** The suites that ship, as a person runs them. */
function suites(env, what = ['testkit/suites']) {
  const report = path.join(root, 'out', `suites-${process.pid}.json`);
  mkdirSync(path.dirname(report), { recursive: true });
  const args = ['testkit/cli/doorbell.mjs', 'run', ...what, '--reporter', 'json', '--output', report];
  const { status } = run(process.execPath, args, 'inherit', env);
  if (!existsSync(report)) return failure;
  const { summary, fileErrors } = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(report);
  const { passed, skipped } = summary;
  const failed = summary.failed + summary.errored + fileErrors.length;
  return { passed, skipped, failed: status !== 0 ? Math.max(1, failed) : failed };
}

/** Our vfio-user client against our vfio-user server, in two processes. */
async function suitesVfioUser() {
  const folder = mkdtempSync(path.join(tmpdir(), 'doorbell-serve-'));
  const socket = path.join(folder, 'ssd.sock');
  const server = spawn(process.execPath, ['testkit/cli/doorbell.mjs', 'serve', '--socket', socket], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(server, 'exit');
  try {
    await Promise.race([once(server.stdout, 'data'), ended]);
    const suite = suites({}, ['testkit/suites/conformance', '--controller', `vfio-user:${socket}`]);
    const alive = server.exitCode === null;
    if (!alive) console.error('the server did not outlive the suite');
    return alive ? suite : sum([suite, failure]);
  } finally {
    server.kill();
    await ended;
    rmSync(folder, { recursive: true });
  }
}

/** The same on an addon that watches its memory: Node.js itself is not instrumented, so the runtimes are preloaded. */
async function suitesAsan() {
  const folder = await buildNativeTests('asan', ...sanitized('address,undefined'), nodeHeaders);
  const runtime = (name) => run('gcc', [`-print-file-name=${name}`], 'pipe').stdout.trim();
  return suites({
    DOORBELL_ADDON: path.join(folder, 'binding/doorbell.node'),
    LD_PRELOAD: `${runtime('libasan.so')} ${runtime('libubsan.so')}`,
    // Node.js leaves its own memory to the end of the process.
    ASAN_OPTIONS: 'detect_leaks=0',
  });
}

const mocha = (folder) =>
  counted('test/tools/mocha.mjs', gitFiles(`test/${folder}/**/*.test.ts`, `test/${folder}/*.test.ts`));

const sanitized = (kinds) => [`-DDOORBELL_SANITIZE=${kinds}`, '-DCMAKE_BUILD_TYPE=None', '-DCMAKE_CXX_FLAGS=-O1 -g1'];
const headers = ['node-api-headers/include', 'node-addon-api'].map((name) => path.join(root, 'node_modules', name));
/** With them the addon is built beside the tests, from the same objects. */
const nodeHeaders = `-DCMAKE_JS_INC=${headers.join(';')}`;

async function ctest(name, ...definitions) {
  const folder = await buildNativeTests(name, ...definitions);
  const { stdout, status } = run('ctest', ['--test-dir', folder, '--verbose', '-j2'], 'pipe');
  const cases = [...stdout.matchAll(/test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed \|\s*(\d+) skipped/g)];
  const counts = sum(
    cases.map(([, passed, failed, skipped]) => ({ passed: +passed, failed: +failed, skipped: +skipped })),
  );
  if (status !== 0) console.log(stdout);
  else
    console.log(
      stdout
        .split('\n')
        .filter((line) => /^\s*\d+\/\d+ Test|tests passed/.test(line))
        .join('\n'),
    );
  // An executable that crashed reports no cases of its own.
  return status !== 0 && counts.failed === 0 ? sum([counts, failure]) : counts;
}

/** The part of the conformance suite that asks nothing of the emulated SSD alone. */
const portable = ['testkit/suites/conformance/queues.nvme.ts'];

/** Tests in which threads meet. */
const threaded = 'threads|storm|shard|idle|interrupts|qpair|controller|io_worker|notifier|watchdog|evidence|emulated';

const groups = {
  check: () =>
    sum([
      check('format and lint', bin('biome'), ['check', '.']),
      check('types', bin('tsc'), ['-p', '.']),
      check('types of the webviews', bin('tsc'), ['-p', 'webviews']),
      check('C++ format', 'clang-format', ['--dry-run', '--Werror', ...gitFiles('native/*.h', 'native/*.cpp')]),
      check('file sizes', process.execPath, ['test/tools/sizes.mjs']),
      mocha('check'),
    ]),
  native: () => ctest('tests'),
  'native-asan': () => ctest('asan', ...sanitized('address,undefined'), nodeHeaders),
  'native-tsan': () => ctest('tsan', ...sanitized('thread'), `-DDOORBELL_TESTS_ONLY=${threaded}`),
  unit: () => mocha('unit'),
  host: () => mocha('host'),
  cli: () => mocha('cli'),
  suites: () => suites(),
  'suites-vfio-user': suitesVfioUser,
  'suites-asan': suitesAsan,
  guest: () => runInGuest(['test/guest', ...portable]),
  integration: () => counted('test/vscode/runInHost.mjs', []),
  package: () => mocha('package'),
  ui: () => mocha('ui'),
};

/** What a group needs: tools on the machine, dist/ and the addon, the served VS Code. */
const needs = {
  check: { tools: ['clang-format', 'git'] },
  native: { tools: ['cmake', 'g++', 'ninja', 'doctest'] },
  'native-asan': { tools: ['cmake', 'g++', 'ninja', 'doctest'] },
  'native-tsan': { tools: ['cmake', 'g++', 'ninja', 'doctest'] },
  'suites-asan': { tools: ['cmake', 'g++', 'ninja', 'doctest'], built: true },
  integration: { tools: ['chromium', 'python3', 'make'], built: true, vscode: true },
  package: { tools: ['readelf', 'python3', 'make'], built: true, vscode: true },
  ui: { tools: ['chromium', 'python3', 'make', 'strip'], built: true, vscode: true },
};
const needsOf = (name) => needs[name] ?? { tools: [], built: true };

async function setUp(names) {
  ensureNodePackages();
  const built = names.some((name) => needsOf(name).built);
  ensureTools([
    ...new Set([...names.flatMap((name) => needsOf(name).tools), ...(built ? ['cmake', 'g++', 'ninja'] : [])]),
  ]);
  const vscode = names.some((name) => needsOf(name).vscode);
  await Promise.all([
    built && buildJs(),
    built && buildAddon(),
    vscode && quietly(process.execPath, ['test/vscode/install.mjs']),
  ]);
}

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
const results = {};

async function runGroup(name, work) {
  const since = Date.now();
  console.log(`\n== ${name}`);
  try {
    const counts = (await work()) ?? { passed: 0, failed: 0, skipped: 0 };
    const empty = name !== 'setup' && counts.passed + counts.failed + counts.skipped === 0;
    if (empty) console.error(`${name}: ran no test`);
    results[name] = { ...(empty ? failure : counts), time: seconds(since) };
  } catch (error) {
    console.error(error.message);
    results[name] = { ...failure, time: seconds(since) };
  }
  return results[name].failed === 0;
}

const unknown = process.argv.slice(2).filter((name) => !(name in groups));
if (unknown.length > 0) {
  console.error(`No such group: ${unknown.join(', ')}. There are: ${Object.keys(groups).join(', ')}`);
  process.exit(2);
}
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(groups);
const started = Date.now();
if (await runGroup('setup', () => setUp(names))) for (const name of names) await runGroup(name, groups[name]);

console.log();
for (const [name, { passed, failed, skipped, time }] of Object.entries(results)) {
  console.log(`${name.padEnd(12)} ${time.padStart(8)}  ${passed} passed, ${failed} failed, ${skipped} skipped`);
}
const total = sum(Object.values(results));
console.log(`\n${seconds(started)} in all`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
