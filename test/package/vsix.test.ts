import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packagedVsix } from '../tools/package.mjs';
import { readZip } from '../tools/zip.mjs';
import { installVsCode } from '../vscode/install.mjs';

const addonName = 'extension/dist/native/linux-x64/doorbell.node';

/** Every file of the package; folders whose content is generated or free to grow, by a pattern. */
const expected = [
  '[Content_Types].xml',
  'extension.vsixmanifest',
  'extension/LICENSE.txt',
  'extension/changelog.md',
  'extension/dist/cli.cjs',
  'extension/dist/discovery.cjs',
  'extension/dist/extension.cjs',
  'extension/dist/host.cjs',
  'extension/dist/native/linux-x64/doorbell.node',
  'extension/dist/telemetry.cjs',
  'extension/dist/trace.cjs',
  'extension/dist/webviews/charts.css',
  'extension/dist/webviews/charts.js',
  'extension/dist/webviews/gauge.css',
  'extension/dist/webviews/gauge.js',
  'extension/dist/webviews/trace.css',
  'extension/dist/webviews/trace.js',
  'extension/package.json',
  'extension/package.nls.json',
  'extension/readme.md',
  'extension/testkit/cli/doorbell.mjs',
];
const free = [
  /^extension\/dist\/(testkit-types|node-types)\/.+(\.d\.[cm]?ts|package\.json|LICENSE)$/,
  /^extension\/media\/.+\.(svg|png|md|json)$/,
  /^extension\/testkit\/sample\/.+\.(ts|json|md)$/,
];

describe('the .vsix', function () {
  this.timeout(240_000);
  let vsix: string;
  let entries: Map<string, () => Buffer>;
  let addon: string;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'doorbell-vsix-'));

  before(async () => {
    vsix = await packagedVsix();
    entries = readZip(vsix);
    addon = path.join(folder, 'doorbell.node');
    const bytes = entries.get(addonName);
    assert.ok(bytes, `no ${addonName}`);
    writeFileSync(addon, bytes());
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('holds what is needed and nothing else', () => {
    const fixed = [...entries.keys()].filter((name) => !free.some((pattern) => pattern.test(name)));
    assert.deepEqual(fixed.sort(), expected.sort());
    for (const pattern of free)
      assert.ok(
        [...entries.keys()].some((name) => pattern.test(name)),
        `nothing like ${pattern}`,
      );
  });

  it('is smaller than 3 MB', () => {
    assert.ok(statSync(vsix).size < 3_000_000, `${statSync(vsix).size} bytes`);
  });

  it('is for linux-x64 only', () => {
    assert.match(entries.get('extension.vsixmanifest')!().toString(), /TargetPlatform="linux-x64"/);
  });

  it('tells nothing of the machine it was built on', () => {
    const telling = [...entries].filter(([, bytes]) => bytes().includes(process.cwd())).map(([name]) => name);
    assert.deepEqual(telling, []);
  });

  it('has an addon that needs no newer glibc than README.md states, and no library a system may lack', () => {
    const floor = Number(/glibc 2\.(\d+)/.exec(readFileSync('README.md', 'utf8'))?.[1]);
    const versions = execFileSync('readelf', ['--version-info', '--wide', addon], { encoding: 'utf8' });
    const wanted = [...versions.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
    assert.ok(wanted.length > 0 && Math.max(...wanted) <= floor, `needs 2.${Math.max(...wanted)}, stated 2.${floor}`);
    const dynamic = execFileSync('readelf', ['--dynamic', '--wide', addon], { encoding: 'utf8' });
    const libraries = [...dynamic.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name]) => name!);
    assert.deepEqual(
      libraries.filter((name) => !/^(libc|libm|libgcc_s|ld-linux-x86-64)\.so/.test(name)),
      [],
    );
  });

  it('has a stripped addon', () => {
    assert.doesNotMatch(
      execFileSync('readelf', ['--sections', '--wide', addon], { encoding: 'utf8' }),
      /\.symtab|\.debug_/,
    );
  });

  it('installs into a clean VS Code', () => {
    const { node, main } = installVsCode();
    const server = (...args: string[]) =>
      execFileSync(node, [main, '--server-data-dir', folder, '--accept-server-license-terms', ...args], {
        encoding: 'utf8',
      });
    server('--install-extension', vsix);
    assert.match(server('--list-extensions', '--show-versions'), /^doorbell\.doorbell@0\.\d+\.\d+$/m);
  });
});
