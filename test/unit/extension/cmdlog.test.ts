import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { CmdlogDocuments } from '../../../extension/cmdlog/cmdlogDocuments.ts';
import { CmdlogEditors } from '../../../extension/cmdlog/cmdlogEditors.ts';
import { CmdlogLanguageFeatures } from '../../../extension/cmdlog/cmdlogLanguage.ts';
import { CmdlogSource } from '../../../extension/cmdlog/cmdlogSource.ts';
import { type CmdlogAddress, cmdlogTitle, cmdlogUri, parseCmdlogUri } from '../../../extension/cmdlog/cmdlogUri.ts';
import { viewText } from '../../../extension/cmdlog/cmdlogView.ts';
import { FakeDocument } from '../../fakes/vscode/editing.ts';
import { type FakeEditor, window as fakeWindow, windowEvents } from '../../fakes/vscode/ui.ts';
import { changeSetting, workspace as fakeVscodeWorkspace, workspaceEvents } from '../../fakes/vscode/workspace.ts';
import { fake } from '../../fakes/vscode.ts';
import { FakeWorkspace, fakeHosts, until } from './support.ts';

const address: CmdlogAddress = { pid: 1000, controller: 'emulated', qid: 1, segment: 3 };

/** `count` entries, newest first, as a host that has logged `total` commands gives them. */
function log(total: number, count = total) {
  const sequences = Array.from({ length: count }, (_, index) => BigInt(total - index));
  const entry = (sequence: bigint, place: number) =>
    [
      `2020-04-15 13:32:39.104405 [cmd${String(place).padStart(3, '0')}: Read]`,
      `0x00000002, 0x00000001, 0x00000000, 0x00000000`,
      `0x00000000, 0x00000000, 0x0ea00000, 0x00000000`,
      `0x00000000, 0x00000000, 0x${sequence.toString(16).padStart(8, '0')}, 0x00000000`,
      `0x00000007, 0x00000000, 0x00000000, 0x00000000`,
      '2020-04-15 13:32:39.104519: [cpl: LBA OUT OF RANGE]',
      '0x00000000, 0x00000000, 0x00010056, 0x01000000',
      '',
    ].join('\n');
  const text = sequences.map((sequence, index) => `${entry(sequence, index + 1)}\n`).join('');
  return { text, total: BigInt(total), sequences };
}

function setUp(evidence: object = { cmdlog: async () => undefined }) {
  const workspace = new FakeWorkspace();
  const hosts = fakeHosts();
  const documents = new CmdlogDocuments(new CmdlogSource(hosts.manager, evidence as never));
  const editors = new CmdlogEditors(documents);
  const uri = cmdlogUri(address);
  const host = hosts.manager.of(workspace.folder);
  const refreshed: string[] = [];
  documents.onDidChange(async (changed) => {
    refreshed.push(changed.toString());
    const open = fakeVscodeWorkspace.textDocuments.find((document) => document.uri.toString() === changed.toString());
    if (!open) return;
    open.text = await documents.provideTextDocumentContent(changed);
    workspaceEvents.changed.fire({ document: open, contentChanges: [{}] });
  });
  return { ...hosts, documents, editors, uri, host, refreshed };
}

describe('a command log', () => {
  let made: ReturnType<typeof setUp> | undefined;
  const start = (evidence?: object) => {
    made = setUp(evidence);
    return made;
  };
  afterEach(() => {
    made?.editors.dispose();
    made?.documents.dispose();
    made?.manager.dispose();
    fakeVscodeWorkspace.textDocuments = [];
    fakeWindow.visibleTextEditors = [];
    for (const emitter of [...Object.values(workspaceEvents), ...Object.values(windowEvents)]) {
      if ('listeners' in emitter) emitter.listeners.clear();
    }
  });

  it('has one stable address, whose last part is the title', () => {
    const uri = cmdlogUri(address);
    assert.equal(uri.path.split('/').at(-1), 'CMDLOG emulated Q01');
    assert.equal(uri.toString(), cmdlogUri({ ...address }).toString());
    assert.deepEqual(parseCmdlogUri(vscode.Uri.parse(uri.toString())), address);
    assert.notEqual(uri.toString(), cmdlogUri({ ...address, segment: 4 }).toString());
    assert.equal(cmdlogTitle({ controller: '0000:3d:00.0', qid: 12 }), 'CMDLOG 0000:3d:00.0 Q12');
    assert.equal(cmdlogUri({ ...address, controller: 'vfio-user:/run/x' }).path.split('/').length, 4);
    assert.equal(parseCmdlogUri(vscode.Uri.parse('doorbell-cmdlog:/x')), undefined);
  });

  it('shows the newest 128 commands of the living host, or as many as the setting says', async () => {
    const { host, links, documents, uri } = start();
    await host.acquire();
    links[0]?.cmdlogs.set(3, log(300));
    assert.equal((await documents.provideTextDocumentContent(uri)).split('\n').length, 128 * 8 + 1);
    changeSetting('doorbell.cmdlog.entries', 2);
    assert.equal((await documents.provideTextDocumentContent(uri)).split('\n').length, 2 * 8 + 1);
  });

  it('is read from the evidence when its host is gone, also when it dies under the call', async () => {
    const read: string[] = [];
    const evidence = {
      cmdlog: async (pid: number, segment: number, max: number) => {
        read.push(`${pid} ${segment} ${max}`);
        return log(1);
      },
    };
    const { host, links, documents, uri } = start(evidence);
    await host.acquire();
    links[0]!.telemetry.cmdlog = async () => {
      links[0]!.die();
      throw new Error('gone');
    };
    assert.match(await documents.provideTextDocumentContent(uri), /LBA OUT OF RANGE/);
    assert.match(await documents.provideTextDocumentContent(uri), /LBA OUT OF RANGE/);
    assert.deepEqual(read, ['1000 3 128', '1000 3 128']);
  });

  it('shows what came between the last look and the end of its host', async () => {
    const evidence = { cmdlog: async () => log(3) };
    const { host, links, documents, editors, refreshed } = start(evidence);
    await host.acquire();
    links[0]?.cmdlogs.set(3, log(1));
    await editors.open(address);
    refreshed.splice(0);
    links[0]!.die();
    await until(() => host.alive === undefined, 'the end');
    await documents.refresh();
    await documents.refresh();
    assert.equal(refreshed.length, 1);
  });

  it('says so when nothing is left of it, and when it is empty', async () => {
    const { host, links, documents, uri } = start();
    assert.match(await documents.provideTextDocumentContent(uri), /its driver host has ended/);
    await host.acquire();
    links[0]?.cmdlogs.set(3, log(0));
    assert.match(await documents.provideTextDocumentContent(uri), /No command was submitted/);
  });

  it('opens in an editor of its own, and a failure link marks the failing command even far beyond the newest 128', async () => {
    const { host, links, editors, uri } = start();
    await host.acquire();
    for (const segment of [3, 4]) links[0]?.cmdlogs.set(segment, log(1000));
    const editor = (await editors.open({ ...address, sequence: '600' })) as unknown as FakeEditor;
    assert.equal(editor.document.uri.toString(), uri.toString());
    const line = 400 * 8;
    assert.match(editor.document.lineAt(line + 3).text, /0x00000258/);
    assert.equal(editor.revealed.at(-1)?.start.line, line);
    assert.equal(editor.decorated.at(-1)?.ranges[0]?.start.line, line);
    await editors.open(address);
    assert.equal(fakeWindow.visibleTextEditors.length, 1);
    await editors.open({ ...address, segment: 4 });
    assert.equal(fakeWindow.visibleTextEditors.length, 2);
  });

  it('is read again while an editor shows it, and replaced only when it differs', async () => {
    const { host, links, editors, documents, refreshed } = start();
    await host.acquire();
    links[0]?.cmdlogs.set(3, log(1));
    await editors.open(address);
    refreshed.splice(0);
    await documents.refresh();
    await documents.refresh();
    assert.deepEqual(refreshed, []);
    links[0]?.cmdlogs.set(3, log(2));
    await until(() => refreshed.length > 0, 'the next reading');
    fakeWindow.visibleTextEditors = [];
    windowEvents.visibleEditors.fire([]);
    refreshed.splice(0);
    links[0]?.cmdlogs.set(3, log(3));
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.deepEqual(refreshed, [], 'nobody looks');
  });

  it('can be turned newest last', async () => {
    const { host, links, documents, uri } = start();
    await host.acquire();
    links[0]?.cmdlogs.set(3, log(3));
    const newestFirst = await documents.provideTextDocumentContent(uri);
    documents.toggleOrder(uri);
    const newestLast = await documents.provideTextDocumentContent(uri);
    const heads = (text: string) =>
      text
        .split('\n')
        .filter((line) => line.includes('[cmd'))
        .map((line) => line.slice(31, 34));
    assert.deepEqual(heads(newestFirst), ['001', '002', '003']);
    assert.deepEqual(heads(newestLast), ['003', '002', '001']);
    assert.equal(newestLast.split('\n').length, newestFirst.split('\n').length);
    assert.equal(await documents.reach(uri, 3n), 16);
    assert.equal(viewText({ ...log(0) }, { max: 1, order: 'newest-last' }), '');
  });

  it('has an outline, folds, and decodes what the mouse is on', () => {
    const features = new CmdlogLanguageFeatures();
    const document = new FakeDocument(cmdlogUri(address) as never, log(2).text) as unknown as vscode.TextDocument;
    const provider = <T>(kind: string) => fake.providers.get(kind) as T;
    const symbols = provider<vscode.DocumentSymbolProvider>('symbols').provideDocumentSymbols(
      document,
      never,
    ) as vscode.DocumentSymbol[];
    assert.deepEqual(
      symbols.map(({ name, detail }) => `${name}: ${detail}`),
      ['cmd001 Read: LBA OUT OF RANGE', 'cmd002 Read: LBA OUT OF RANGE'],
    );
    const folds = provider<vscode.FoldingRangeProvider>('folding').provideFoldingRanges(
      document,
      {},
      never,
    ) as vscode.FoldingRange[];
    assert.deepEqual(
      folds.map(({ start: from, end }) => [from, end]),
      [
        [0, 6],
        [8, 14],
      ],
    );
    const hovers = provider<vscode.HoverProvider>('hover');
    const at = (line: number, character: number) => {
      const hover = hovers.provideHover(document, new vscode.Position(line, character), never) as
        | vscode.Hover
        | undefined;
      return (hover?.contents[0] as vscode.MarkdownString | undefined)?.value ?? '';
    };
    assert.match(at(1, 3), /Read.*SQE Dword 00[\s\S]*Opcode \(OPC\)/);
    assert.match(at(6, 45), /CQE Dword 3[\s\S]*LBA Out of Range \(0h\/80h\)/);
    assert.match(at(0, 40), /\*\*Read\*\*[\s\S]*SLBA/);
    assert.equal(at(7, 0), '');
    features.dispose();
  });
});

const never = new vscode.CancellationTokenSource().token;
