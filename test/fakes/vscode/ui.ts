import { EventEmitter, type Uri } from './core.ts';
import { FakeDocument, Range, Selection } from './editing.ts';
import { fake } from './fake.ts';
import { contentOf } from './workspace.ts';

export const QuickPickItemKind = { Separator: -1, Default: 0 } as const;
export const StatusBarAlignment = { Left: 1, Right: 2 } as const;
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 } as const;
export const ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 } as const;
export const LogLevel = { Off: 0, Trace: 1, Debug: 2, Info: 3, Warning: 4, Error: 5 } as const;

export class TreeItem {
  id?: string;
  description?: string;
  tooltip?: unknown;
  contextValue?: string;
  iconPath?: unknown;
  command?: unknown;
  accessibilityInformation?: { label: string };
  readonly label: string;
  collapsibleState: number;
  constructor(label: string, collapsibleState = 0) {
    this.label = label;
    this.collapsibleState = collapsibleState;
  }
}

export class FakeEditor {
  selection = new Selection(0, 0, 0, 0);
  readonly revealed: Range[] = [];
  readonly decorated: { type: unknown; ranges: readonly Range[] }[] = [];
  visibleRanges = [new Range(0, 0, 40, 0)];
  readonly document: FakeDocument;
  constructor(document: FakeDocument) {
    this.document = document;
  }
  revealRange(range: Range): void {
    this.revealed.push(range);
  }
  setDecorations(type: unknown, ranges: readonly Range[]): void {
    this.decorated.push({ type, ranges });
  }
}

export const windowEvents = {
  visibleEditors: new EventEmitter<readonly FakeEditor[]>(),
  activeEditor: new EventEmitter<FakeEditor | undefined>(),
};

function show(kind: 'info' | 'warning' | 'error') {
  return async (message: string, ...rest: unknown[]): Promise<unknown> => {
    const options = rest.find((item) => typeof item === 'object') as { modal?: boolean; detail?: string } | undefined;
    const { modal = false, detail } = options ?? {};
    const items = rest.filter((item): item is string => typeof item === 'string');
    fake.shown.push({ kind, message, modal, items, ...(detail !== undefined && { detail }) });
    return fake.answers.shift();
  };
}

export class FakeTreeView {
  visible = false;
  message?: string;
  description?: string;
  readonly visibility = new EventEmitter<{ visible: boolean }>();
  readonly onDidChangeVisibility = this.visibility.event;
  readonly #hold = fake.hold('tree view');
  setVisible(visible: boolean): void {
    this.visible = visible;
    this.visibility.fire({ visible });
  }
  dispose(): void {
    this.#hold.dispose();
  }
}

/** The "user" takes what is first in `fake.answers`: a function that gets the picker, once it has its items. */
export class FakeQuickPick {
  readonly accepted = new EventEmitter<void>();
  readonly hidden = new EventEmitter<void>();
  readonly triggered = new EventEmitter<{ item: unknown; button: unknown }>();
  readonly onDidAccept = this.accepted.event;
  readonly onDidHide = this.hidden.event;
  readonly onDidTriggerItemButton = this.triggered.event;
  readonly #hold = fake.hold('quick pick');
  selectedItems: unknown[] = [];
  busy = false;
  #items: readonly unknown[] = [];
  get items(): readonly unknown[] {
    return this.#items;
  }
  set items(items: readonly unknown[]) {
    this.#items = items;
    fake.offered.push(items);
    const answer = fake.answers.shift();
    setImmediate(() => (typeof answer === 'function' ? answer(this) : this.hidden.fire()));
  }
  accept(item: unknown): void {
    this.selectedItems = [item];
    this.accepted.fire();
  }
  isShown = false;
  show(): void {
    this.isShown = true;
  }
  dispose(): void {
    this.#hold.dispose();
  }
}

export class FakeWebviewPanel {
  readonly webview = { html: '' };
  readonly disposed = new EventEmitter<void>();
  readonly onDidDispose = this.disposed.event;
  revealed = 0;
  readonly #hold = fake.hold('webview panel');
  readonly title: string;
  readonly options: unknown;
  constructor(title: string, options: unknown) {
    this.title = title;
    this.options = options;
  }
  reveal(): void {
    this.revealed += 1;
  }
  dispose(): void {
    this.#hold.dispose();
    this.disposed.fire();
  }
}

function logger() {
  const line = (level: string) => (text: unknown) => fake.log.push(`${level} ${String(text)}`);
  const hold = fake.hold('output channel');
  const shown = () => fake.executed.push({ command: 'show log', args: [] });
  return {
    name: 'Doorbell',
    logLevel: LogLevel.Info,
    trace: line('trace'),
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    append: line('append'),
    appendLine: line('append'),
    clear: () => undefined,
    hide: () => undefined,
    replace: () => undefined,
    show: shown,
    dispose: () => hold.dispose(),
  };
}

function progressOf() {
  let reports = 0;
  const report = () => {
    reports += 1;
  };
  const token = {
    get isCancellationRequested() {
      return reports >= fake.cancelAfterReports;
    },
    onCancellationRequested: () => ({ dispose: () => undefined }),
  };
  return [{ report }, token] as const;
}

export const window = {
  visibleTextEditors: [] as FakeEditor[],
  activeTextEditor: undefined as FakeEditor | undefined,
  onDidChangeVisibleTextEditors: windowEvents.visibleEditors.event,
  onDidChangeActiveTextEditor: windowEvents.activeEditor.event,
  showInformationMessage: show('info'),
  showWarningMessage: show('warning'),
  showErrorMessage: show('error'),
  showOpenDialog: async () => fake.answers.shift(),
  showSaveDialog: async () => fake.answers.shift(),
  showQuickPick: async (items: unknown) => {
    fake.offered.push(items);
    const answer = fake.answers.shift();
    return typeof answer === 'function' ? answer(items) : answer;
  },
  createQuickPick: () => new FakeQuickPick(),
  createWebviewPanel: (id: string, title: string, _column: unknown, options: unknown) => {
    const panel = new FakeWebviewPanel(title, options);
    fake.providers.set(`panel ${id}`, panel);
    return panel;
  },
  showInputBox: async ({ validateInput }: { validateInput?: (text: string) => unknown }) => {
    const answer = fake.answers.shift();
    const fault = typeof answer === 'string' ? validateInput?.(answer) : undefined;
    if (fault !== undefined) throw new Error(String(fault));
    return answer;
  },
  withProgress: async (_options: unknown, task: (progress: unknown, token: unknown) => unknown) =>
    task(...progressOf()),
  createOutputChannel: logger,
  createTextEditorDecorationType: (options: unknown) => ({ options, ...fake.hold('decoration type') }),
  createStatusBarItem(id: string, alignment: number) {
    const item = {
      id,
      alignment,
      text: '',
      name: '',
      tooltip: undefined,
      command: undefined,
      shown: false,
      show: () => {
        item.shown = true;
      },
      hide: () => undefined,
      ...fake.hold('status item'),
    };
    fake.providers.set(`status ${id}`, item);
    return item;
  },
  createTreeView(id: string, options: { treeDataProvider: unknown }) {
    const view = new FakeTreeView();
    fake.providers.set(`tree ${id}`, options.treeDataProvider);
    fake.providers.set(`view ${id}`, view);
    return view;
  },
  registerCustomEditorProvider(id: string, provider: unknown) {
    fake.providers.set(`editor ${id}`, provider);
    return fake.hold('editor provider');
  },
  registerWebviewViewProvider(id: string, provider: unknown) {
    fake.providers.set(`webview ${id}`, provider);
    return fake.hold('webview provider');
  },
  async showTextDocument(document: FakeDocument, options?: unknown): Promise<FakeEditor> {
    fake.opened.push(document.uri.toString());
    fake.executed.push({ command: 'show document', args: [document.uri.toString(), options] });
    const present = window.visibleTextEditors.find(
      (editor) => editor.document.uri.toString() === document.uri.toString(),
    );
    const editor = present ?? new FakeEditor(document);
    if (!present) window.visibleTextEditors = [...window.visibleTextEditors, editor];
    windowEvents.visibleEditors.fire(window.visibleTextEditors);
    return editor;
  },
};

export const commands = {
  registerCommand(id: string, run: (...args: never[]) => unknown) {
    if (fake.commands.has(id)) throw new Error(`command registered twice: ${id}`);
    fake.commands.set(id, run);
    const hold = fake.hold('command');
    return {
      dispose: () => {
        fake.commands.delete(id);
        hold.dispose();
      },
    };
  },
  async executeCommand(id: string, ...args: unknown[]): Promise<unknown> {
    fake.executed.push({ command: id, args });
    if (id === 'setContext') fake.context.set(args[0] as string, args[1]);
    return fake.commands.get(id)?.(...(args as never[]));
  },
};

export const env = {
  appName: 'Fake',
  remoteName: undefined as string | undefined,
  uiKind: 1,
  language: 'en',
  clipboard: {
    writeText: async (text: string) => {
      fake.clipboard = text;
    },
  },
  openExternal: async () => true,
};

/** Opens a document as the content provider of its scheme makes it. */
export async function openVirtual(uri: Uri): Promise<FakeDocument> {
  return new FakeDocument(uri, await contentOf(uri), uri.scheme);
}
