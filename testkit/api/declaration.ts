/** The tests a file declares, as plain data: `test` writes it while the file is loaded, the driver host runs it. */
import { TestIds } from '../discovery/testId.ts';
import type { FixtureTable } from './fixtureTable.ts';
import type { TestOptions } from './testTypes.ts';

export type Mode = 'run' | 'skip' | 'only';
export type HookKind = 'beforeAll' | 'beforeEach' | 'afterEach' | 'afterAll';

/** A function of the author, to be called with fixtures by name (first parameter), then `row`. */
export interface DeclaredBody {
  readonly call: (fixtures: object, ...row: readonly unknown[]) => unknown;
  readonly fixtures: FixtureTable;
  /** Names in its parameter pattern. */
  readonly names: readonly string[];
}

export interface DeclaredTest extends DeclaredBody {
  readonly kind: 'test';
  readonly id: string;
  readonly title: string;
  readonly options: TestOptions;
  readonly mode: Mode;
  readonly row: readonly unknown[];
}

export interface DeclaredSuite {
  readonly kind: 'suite';
  readonly id: string;
  /** Empty for the file itself. */
  readonly title: string;
  readonly options: TestOptions;
  readonly mode: Mode;
  readonly children: (DeclaredSuite | DeclaredTest)[];
  readonly hooks: Record<HookKind, DeclaredBody[]>;
}

export interface DeclaredCases {
  /** Id of the `test.each` or `describe.each`. */
  readonly parent: string;
  readonly cases: readonly { readonly id: string; readonly title: string }[];
}

export interface DeclaredFile {
  readonly suite: DeclaredSuite;
  readonly cases: readonly DeclaredCases[];
}

/** The file being loaded. */
export interface OpenFile {
  readonly ids: TestIds;
  readonly cases: DeclaredCases[];
  suite: DeclaredSuite;
}

let open: OpenFile | undefined;

/** Runs `load`, and returns what it declared. */
export function collectDeclarations(fileId: string, load: () => void): DeclaredFile {
  const suite = emptySuite({ id: fileId, title: '', options: {}, mode: 'run' });
  open = { ids: new TestIds(fileId), suite, cases: [] };
  try {
    load();
    return { suite, cases: open.cases };
  } finally {
    open = undefined;
  }
}

/** @param caller the author's word for it, for the message */
export function openFile(caller: string): OpenFile {
  if (open) return open;
  throw new Error(
    `${caller} was called while no test file is being loaded. Declare tests, suites and hooks at the top level of a file ` +
      'or in the callback of test.describe, not in a test, a hook or after an await.',
  );
}

export function emptySuite(head: Pick<DeclaredSuite, 'id' | 'title' | 'options' | 'mode'>): DeclaredSuite {
  return {
    kind: 'suite',
    ...head,
    children: [],
    hooks: { beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] },
  };
}
