import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { withPlannedReads } from '../../../extension/host/plannedReads.ts';
import { OfflineTypes } from '../../../extension/workspace/offlineTypes.ts';
import { SampleWorkspace } from '../../../extension/workspace/sampleWorkspace.ts';
import { commands } from '../../fakes/vscode/ui.ts';
import { fake } from '../../fakes/vscode.ts';
import { FakeWorkspace } from './support.ts';

describe('a sample workspace', () => {
  let folder: string;
  let extension: string;
  const put = async (file: string, text: string) => {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  };
  const list = async (where: string) =>
    (await readdir(where, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(where, path.join(entry.parentPath, entry.name)))
      .sort();
  beforeEach(async () => {
    new FakeWorkspace();
    folder = await mkdtemp(path.join(os.tmpdir(), 'doorbell-sample-'));
    extension = path.join(folder, 'extension');
    await put(path.join(extension, 'testkit/sample/hello.nvme.ts'), 'hello');
    await put(path.join(extension, 'testkit/sample/tsconfig.json'), '{ ".doorbell/types": 1 }');
    await put(path.join(extension, 'testkit/sample/.doorbell/types/old.d.ts'), 'not to be copied');
    await put(path.join(extension, 'dist/testkit-types/index.d.ts'), 'testkit');
    await put(path.join(extension, 'dist/node-types/node/index.d.ts'), 'node');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const make = () => {
    const failures: string[] = [];
    const types = new OfflineTypes(vscode.Uri.file(extension), '0.1.0');
    const sample = new SampleWorkspace(
      vscode.Uri.file(extension),
      types,
      (what, error) => void failures.push(`${what}: ${error}`),
    );
    return { types, sample, failures };
  };
  const all = [
    '.doorbell/.gitignore',
    '.doorbell/types/node/index.d.ts',
    '.doorbell/types/testkit/index.d.ts',
    '.doorbell/types/version.txt',
    'hello.nvme.ts',
    'tsconfig.json',
  ];

  it('is made in an empty folder that someone chose, with declarations, and opened', async () => {
    const target = path.join(folder, 'mine');
    await mkdir(target);
    fake.answers = [[vscode.Uri.file(target)]];
    const { sample, failures } = make();
    await commands.executeCommand('doorbell.createSampleWorkspace');
    assert.deepEqual(failures, []);
    assert.deepEqual(await list(target), all);
    const opened = fake.executed.find(({ command }) => command === 'vscode.openFolder');
    assert.equal((opened!.args[0] as vscode.Uri).fsPath, target);
    sample.dispose();
  });

  it('gets a folder of its own where the chosen one has something in it', async () => {
    await put(path.join(folder, 'mine/precious.txt'), 'x');
    await put(path.join(folder, 'mine/nvme-tests/also.txt'), 'x');
    fake.answers = [[vscode.Uri.file(path.join(folder, 'mine'))]];
    const { sample } = make();
    await commands.executeCommand('doorbell.createSampleWorkspace');
    assert.deepEqual(await list(path.join(folder, 'mine/nvme-tests-2')), all);
    assert.deepEqual(await list(path.join(folder, 'mine/nvme-tests')), ['also.txt']);
    sample.dispose();
  });

  it('is not made when nobody chose a folder', async () => {
    fake.answers = [undefined];
    const { sample } = make();
    await commands.executeCommand('doorbell.createSampleWorkspace');
    assert.equal(
      fake.executed.some(({ command }) => command === 'vscode.openFolder'),
      false,
    );
    sample.dispose();
  });

  it('shows git nothing of declarations whose copy was cut short', async () => {
    const { types, sample } = make();
    const cut = path.join(folder, 'cut');
    await rm(path.join(extension, 'dist/node-types'), { recursive: true });
    await assert.rejects(types.write(vscode.Uri.file(cut)));
    assert.equal(await readFile(path.join(cut, '.doorbell/.gitignore'), 'utf8'), '*\n');
    sample.dispose();
  });

  it('gets its declarations anew after an upgrade and after a clone; other workspaces are left alone', async () => {
    const { types, sample } = make();
    const places = ['upgraded', 'cloned', 'other', 'current'].map((name) => path.join(folder, name));
    const [upgraded, cloned, other, current] = places as [string, string, string, string];
    await put(path.join(upgraded, '.doorbell/types/version.txt'), '0.0.9\n');
    await put(path.join(cloned, 'tsconfig.json'), '{ "paths": ".doorbell/types/testkit" }');
    await put(path.join(other, 'tsconfig.json'), '{}');
    await put(path.join(current, '.doorbell/types/version.txt'), '0.1.0\n');
    await types.refresh(places.map((place, index) => ({ uri: vscode.Uri.file(place), name: '', index })));
    const index = (place: string) =>
      readFile(path.join(place, '.doorbell/types/testkit/index.d.ts'), 'utf8').catch(() => undefined);
    assert.deepEqual(await Promise.all(places.map(index)), ['testkit', 'testkit', undefined, undefined]);
    assert.equal(await readFile(path.join(upgraded, '.doorbell/types/version.txt'), 'utf8'), '0.1.0\n');
    sample.dispose();
  });
});

describe('a decoder over a file', () => {
  it('gets the parts it asks for, one after the other, and nothing is read twice or in whole', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'doorbell-reads-'));
    const file = path.join(folder, 'data');
    await writeFile(file, Buffer.from([4, 0, 0, 0, 6, 0, 42, 43]));
    let passes = 0;
    const result = await withPlannedReads(file, (read) => {
      passes += 1;
      const first = read(0, 1)[0] ?? 0;
      const second = read(first, 1)[0] ?? 0;
      return [...read(second, 100)];
    });
    assert.deepEqual(result, [42, 43]);
    assert.ok(passes <= 5, `${passes} passes`);
    await assert.rejects(
      withPlannedReads(path.join(folder, 'none'), () => 0),
      /ENOENT/,
    );
    let at = 0;
    await assert.rejects(
      withPlannedReads(file, (read) => {
        at += 1;
        return read(at, 1);
      }),
      /16 passes/,
    );
    await rm(folder, { recursive: true });
  });
});
