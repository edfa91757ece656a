import assert from 'node:assert/strict';
import { Scanner } from '../../../testkit/discovery/scanner.ts';
import { outline } from './outline.ts';

/** A workspace in memory; counts reads. */
class Files {
  readonly reads: string[] = [];

  constructor(readonly texts: Record<string, string>) {}

  readonly read = (path: string): string => {
    this.reads.push(path);
    const text = this.texts[path];
    if (text === undefined) throw new Error(`ENOENT: no such file, open '${path}'`);
    return text;
  };
}

const kit = `import { test as base } from '@doorbell/testkit';\n`;

describe('Scanner', () => {
  it('follows relative imports through re-exports, and survives a cycle', () => {
    const files = new Files({
      '/w/a.nvme.ts': `import { t } from './lib/all.js'; t('found', () => {});`,
      '/w/lib/all.ts': `export * from './fixtures'; export { nothing } from '../a.nvme';`,
      '/w/lib/fixtures.ts': `${kit}import './all.js';\nexport const t = base.extend({});`,
    });
    const [file] = new Scanner(files.read).scan('/w', ['/w/a.nvme.ts']);
    assert.deepEqual(outline(file!.tests), ['test: found']);
    assert.equal(file!.file, 'a.nvme.ts');
  });

  it('does not parse an unchanged file again, and does when its fixtures change', () => {
    const files = new Files({
      '/w/a.nvme.ts': `import { t } from './f'; t('x', () => {});`,
      '/w/f.ts': `${kit}export const t = base.extend({});`,
    });
    const scanner = new Scanner(files.read);
    const [first] = scanner.scan('/w', ['/w/a.nvme.ts']);
    assert.equal(scanner.scan('/w', ['/w/a.nvme.ts'])[0], first);
    files.texts['/w/f.ts'] = 'export const t = 1;';
    assert.deepEqual(scanner.scan('/w', ['/w/a.nvme.ts'])[0]!.tests, []);
  });

  it('prefers the text of the editor to that of the disk', () => {
    const scanner = new Scanner(new Files({ '/w/a.nvme.ts': '' }).read);
    const file = scanner.parse('/w', '/w/a.nvme.ts', `${kit}base('unsaved', () => {});`);
    assert.deepEqual(outline(file.tests), ['test: unsaved']);
  });

  it('reports an unreadable file as its fault, and finds the others', () => {
    const files = new Files({ '/w/b.nvme.ts': `${kit}base('b', () => {});` });
    const [missing, present] = new Scanner(files.read).scan('/w', ['/w/a.nvme.ts', '/w/b.nvme.ts']);
    assert.match(missing!.fault!.message, /ENOENT/);
    assert.equal(present!.tests.length, 1);
  });

  it('refuses a file too long to be a test', () => {
    const [file] = new Scanner(() => ' '.repeat(4_000_001)).scan('/w', ['/w/a.nvme.ts']);
    assert.match(file!.fault!.message, /longer than/);
  });

  it('reads shared fixtures once a request, not once a file', () => {
    const files = new Files({ '/w/f.ts': `${kit}export const t = base.extend({});` });
    const paths = Array.from({ length: 50 }, (_, i) => `/w/${i}.nvme.ts`);
    for (const path of paths) files.texts[path] = `import { t } from './f'; t('x', () => {});`;
    const found = new Scanner(files.read).scan('/w', paths);
    assert.equal(found.filter((file) => file.tests.length === 1).length, 50);
    assert.equal(files.reads.filter((path) => path === '/w/f.ts').length, 1);
  });
});
