import { promises as fs } from 'node:fs';
import { EventEmitter, Uri } from './core.ts';
import { FakeDocument } from './editing.ts';
import { fake } from './fake.ts';

export const ConfigurationTarget = { Global: 1, Workspace: 2, WorkspaceFolder: 3 } as const;
export const FileType = { Unknown: 0, File: 1, Directory: 2, SymbolicLink: 64 } as const;

export class RelativePattern {
  readonly base: unknown;
  readonly pattern: string;
  constructor(base: unknown, pattern: string) {
    this.base = base;
    this.pattern = pattern;
  }
}

export class FakeWatcher {
  readonly created = new EventEmitter<Uri>();
  readonly changed = new EventEmitter<Uri>();
  readonly deleted = new EventEmitter<Uri>();
  readonly onDidCreate = this.created.event;
  readonly onDidChange = this.changed.event;
  readonly onDidDelete = this.deleted.event;
  readonly #hold = fake.hold('watcher');
  dispose(): void {
    this.#hold.dispose();
  }
}

export const workspaceEvents = {
  configuration: new EventEmitter<{ affectsConfiguration(section: string): boolean }>(),
  opened: new EventEmitter<FakeDocument>(),
  changed: new EventEmitter<{ document: FakeDocument; contentChanges: unknown[] }>(),
  saved: new EventEmitter<FakeDocument>(),
  closed: new EventEmitter<FakeDocument>(),
  folders: new EventEmitter<{ added: unknown[]; removed: unknown[] }>(),
  watchers: [] as FakeWatcher[],
};

interface ContentProvider {
  provideTextDocumentContent(uri: Uri, token: unknown): Promise<string> | string;
}

export async function contentOf(uri: Uri): Promise<string> {
  const provider = fake.providers.get(`content ${uri.scheme}`) as ContentProvider | undefined;
  if (!provider) throw new Error(`no content provider for ${uri.scheme}`);
  return provider.provideTextDocumentContent(uri, { isCancellationRequested: false });
}

export function changeSetting(name: string, value: unknown): void {
  fake.settings.set(name, value);
  workspaceEvents.configuration.fire({
    affectsConfiguration: (section) => name === section || name.startsWith(`${section}.`),
  });
}

export const workspace = {
  textDocuments: [] as FakeDocument[],
  name: 'fake',
  get workspaceFolders() {
    return fake.folders.length > 0 ? fake.folders : undefined;
  },
  getWorkspaceFolder: (uri: Uri) => fake.folders.find((folder) => `${uri.path}/`.startsWith(`${folder.uri.path}/`)),
  asRelativePath: (uri: Uri) => {
    const folder = workspace.getWorkspaceFolder(uri);
    return folder ? uri.path.slice(folder.uri.path.length + 1) : uri.path;
  },
  getConfiguration: (section: string) => ({
    get: (key: string, fallback: unknown) =>
      fake.settings.has(`${section}.${key}`) ? fake.settings.get(`${section}.${key}`) : fallback,
    update: async (key: string, value: unknown) => {
      fake.updated.push(`${section}.${key} = ${JSON.stringify(value)}`);
      changeSetting(`${section}.${key}`, value);
    },
  }),
  findFiles: async () => fake.found,
  saveAll: async () => {
    fake.executed.push({ command: 'save all', args: [] });
    return true;
  },
  createFileSystemWatcher() {
    const watcher = new FakeWatcher();
    workspaceEvents.watchers.push(watcher);
    return watcher;
  },
  registerTextDocumentContentProvider(scheme: string, provider: unknown) {
    fake.providers.set(`content ${scheme}`, provider);
    return fake.hold('content provider');
  },
  async openTextDocument(what: Uri | { content: string }): Promise<FakeDocument> {
    if ('content' in what) return new FakeDocument(Uri.file('/untitled'), what.content, 'untitled');
    const uri = what;
    const open = workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
    if (open) return open;
    const text = uri.scheme === 'file' ? await fs.readFile(uri.fsPath, 'utf8') : await contentOf(uri);
    const document = new FakeDocument(uri, text, uri.scheme);
    workspace.textDocuments = [...workspace.textDocuments, document];
    workspaceEvents.opened.fire(document);
    return document;
  },
  onDidChangeConfiguration: workspaceEvents.configuration.event,
  onDidOpenTextDocument: workspaceEvents.opened.event,
  onDidChangeTextDocument: workspaceEvents.changed.event,
  onDidSaveTextDocument: workspaceEvents.saved.event,
  onDidCloseTextDocument: workspaceEvents.closed.event,
  onDidChangeWorkspaceFolders: workspaceEvents.folders.event,
  fs: {
    readFile: async (uri: Uri) => fs.readFile(uri.fsPath),
    writeFile: async (uri: Uri, bytes: Uint8Array) => fs.writeFile(uri.fsPath, bytes),
    createDirectory: async (uri: Uri) => void (await fs.mkdir(uri.fsPath, { recursive: true })),
    copy: async (from: Uri, to: Uri) => fs.cp(from.fsPath, to.fsPath, { recursive: true }),
    delete: async (uri: Uri) => fs.rm(uri.fsPath, { recursive: true, force: true }),
    stat: async (uri: Uri) => {
      const stat = await fs.stat(uri.fsPath);
      return { type: stat.isDirectory() ? FileType.Directory : FileType.File, size: stat.size };
    },
    readDirectory: async (uri: Uri) =>
      (await fs.readdir(uri.fsPath, { withFileTypes: true })).map((entry) => [
        entry.name,
        entry.isDirectory() ? FileType.Directory : FileType.File,
      ]),
  },
};

export const languages = {
  /** Knows patterns of the form `**\/*.suffix`. */
  match: ({ pattern }: { pattern: RelativePattern }, document: FakeDocument) =>
    document.uri.path.endsWith(pattern.pattern.replace('**/*', '')) ? 10 : 0,
  registerCodeLensProvider: (_selector: unknown, provider: unknown) => keep('code lens', provider),
  registerHoverProvider: (_selector: unknown, provider: unknown) => keep('hover', provider),
  registerFoldingRangeProvider: (_selector: unknown, provider: unknown) => keep('folding', provider),
  registerDocumentSymbolProvider: (_selector: unknown, provider: unknown) => keep('symbols', provider),
  setTextDocumentLanguage: async (document: FakeDocument) => document,
};

function keep(kind: string, provider: unknown): { dispose(): void } {
  fake.providers.set(kind, provider);
  return fake.hold(`${kind} provider`);
}
