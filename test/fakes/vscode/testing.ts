import { CancellationTokenSource, type MarkdownString, type Uri } from './core.ts';
import type { Location, Position, Range } from './editing.ts';
import { fake } from './fake.ts';

export const TestRunProfileKind = { Run: 1, Debug: 2, Coverage: 3 } as const;

export class TestTag {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

export class TestMessageStackFrame {
  readonly label: string;
  readonly uri: Uri | undefined;
  readonly position: Position | undefined;
  constructor(label: string, uri?: Uri, position?: Position) {
    this.label = label;
    this.uri = uri;
    this.position = position;
  }
}

export class TestMessage {
  message: string | MarkdownString;
  expectedOutput?: string;
  actualOutput?: string;
  location?: Location;
  contextValue?: string;
  stackTrace?: TestMessageStackFrame[];
  constructor(message: string | MarkdownString) {
    this.message = message;
  }
}

class FakeItems {
  readonly #owner: FakeTestItem | undefined;
  readonly #items = new Map<string, FakeTestItem>();
  constructor(owner?: FakeTestItem) {
    this.#owner = owner;
  }
  get size(): number {
    return this.#items.size;
  }
  add(item: FakeTestItem): void {
    fake.tests.mutations.push(`add ${item.id}`);
    item.parent = this.#owner;
    this.#items.set(item.id, item);
  }
  delete(id: string): void {
    if (this.#items.delete(id)) fake.tests.mutations.push(`delete ${id}`);
  }
  get(id: string): FakeTestItem | undefined {
    return this.#items.get(id);
  }
  replace(items: readonly FakeTestItem[]): void {
    fake.tests.mutations.push(`replace ${items.length}`);
    this.#items.clear();
    for (const item of items) this.add(item);
  }
  forEach(visit: (item: FakeTestItem) => unknown): void {
    for (const item of [...this.#items.values()]) visit(item);
  }
  [Symbol.iterator](): Iterator<[string, FakeTestItem]> {
    return [...this.#items].values();
  }
}

export class FakeTestItem {
  parent: FakeTestItem | undefined;
  readonly children = new FakeItems(this);
  tags: readonly TestTag[] = [];
  canResolveChildren = false;
  busy = false;
  description: string | undefined;
  sortText: string | undefined;
  range: Range | undefined;
  error: string | MarkdownString | undefined;
  readonly id: string;
  label: string;
  readonly uri: Uri | undefined;
  constructor(id: string, label: string, uri?: Uri) {
    this.id = id;
    this.label = label;
    this.uri = uri;
  }
}

export class TestRunRequest {
  readonly include: readonly FakeTestItem[] | undefined;
  readonly exclude: readonly FakeTestItem[] | undefined;
  readonly profile: unknown;
  readonly continuous: boolean;
  readonly preserveFocus: boolean;
  constructor(
    ...[include, exclude, profile, continuous = false, preserveFocus = true]: [
      include?: readonly FakeTestItem[],
      exclude?: readonly FakeTestItem[],
      profile?: unknown,
      continuous?: boolean,
      preserveFocus?: boolean,
    ]
  ) {
    this.include = include;
    this.exclude = exclude;
    this.profile = profile;
    this.continuous = continuous;
    this.preserveFocus = preserveFocus;
  }
}

type Messages = TestMessage | readonly TestMessage[];

/** Records what is said of each test; `log()` is the golden text. */
export class FakeTestRun {
  readonly #source = new CancellationTokenSource();
  readonly token = this.#source.token;
  readonly states: string[] = [];
  readonly messages: { id: string; message: TestMessage }[] = [];
  readonly outputs: { text: string; location: Location | undefined; id: string | undefined }[] = [];
  ended = 0;
  readonly name: string | undefined;
  readonly isPersisted = true;
  readonly onDidDispose = () => ({ dispose: () => undefined });
  constructor(name?: string) {
    this.name = name;
  }
  #note(state: string, item: FakeTestItem): void {
    if (this.ended > 0) throw new Error(`${state} after end: ${item.id}`);
    this.states.push(`${state} ${item.id}`);
  }
  #notes(item: FakeTestItem, messages: Messages): void {
    for (const message of Array.isArray(messages) ? messages : [messages]) this.messages.push({ id: item.id, message });
  }
  enqueued(item: FakeTestItem): void {
    this.#note('enqueued', item);
  }
  started(item: FakeTestItem): void {
    this.#note('started', item);
  }
  skipped(item: FakeTestItem): void {
    this.#note('skipped', item);
  }
  passed(item: FakeTestItem): void {
    this.#note('passed', item);
  }
  failed(item: FakeTestItem, messages: Messages): void {
    this.#note('failed', item);
    this.#notes(item, messages);
  }
  errored(item: FakeTestItem, messages: Messages): void {
    this.#note('errored', item);
    this.#notes(item, messages);
  }
  appendOutput(text: string, location?: Location, item?: FakeTestItem): void {
    this.outputs.push({ text, location, id: item?.id });
  }
  end(): void {
    this.ended += 1;
  }
  cancel(): void {
    this.#source.cancel();
  }
  log(): string {
    return [...this.states, ...(this.ended ? ['end'] : [])].join('\n');
  }
  output(): string {
    return this.outputs.map(({ text }) => text).join('');
  }
}

type RunHandler = (request: TestRunRequest, token: unknown) => Thenable<void> | void;

export class FakeTestController {
  readonly items = new FakeItems();
  readonly profiles: {
    label: string;
    kind: number;
    runHandler: RunHandler;
    isDefault: boolean;
    supportsContinuousRun: boolean;
    dispose(): void;
  }[] = [];
  readonly runs: FakeTestRun[] = [];
  readonly invalidated: unknown[] = [];
  resolveHandler?: (item: FakeTestItem | undefined) => Thenable<void> | void;
  refreshHandler?: (token: unknown) => Thenable<void> | void;
  disposed = false;
  readonly id: string;
  label: string;
  constructor(id: string, label: string) {
    this.id = id;
    this.label = label;
  }
  createRunProfile(
    ...[label, kind, runHandler, isDefault = false, tag, supportsContinuousRun = false]: [
      label: string,
      kind: number,
      runHandler: RunHandler,
      isDefault?: boolean,
      tag?: TestTag,
      supportsContinuousRun?: boolean,
    ]
  ) {
    const profile = { label, kind, runHandler, isDefault, tag, supportsContinuousRun, dispose: () => undefined };
    this.profiles.push(profile);
    return profile;
  }
  createTestItem(id: string, label: string, uri?: Uri): FakeTestItem {
    return new FakeTestItem(id, label, uri);
  }
  createTestRun(_request: TestRunRequest, name?: string): FakeTestRun {
    const run = new FakeTestRun(name);
    this.runs.push(run);
    return run;
  }
  invalidateTestResults(items?: unknown): void {
    this.invalidated.push(items ?? 'all');
  }
  dispose(): void {
    this.disposed = true;
  }
}

export const tests = {
  createTestController(id: string, label: string): FakeTestController {
    const controller = new FakeTestController(id, label);
    fake.tests.controllers.push(controller);
    return controller;
  },
};
