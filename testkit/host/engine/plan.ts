import type { DeclaredCases, DeclaredFile, DeclaredSuite, DeclaredTest } from '../../api/declaration.ts';
import type { TestOptions } from '../../api/testTypes.ts';
import { isSelectedBy } from '../../discovery/testId.ts';
import type { RunRequest } from '../../protocol.ts';

/** What the filters of a run leave of a file: the tests it will report on, and those it will not even run. */
export interface PlannedTest {
  readonly test: DeclaredTest;
  /** Outermost (the file) first. */
  readonly suites: readonly DeclaredSuite[];
  /** Of the test and its suites. */
  readonly options: TestOptions;
  /** Why it will not run; undefined when it will. */
  readonly skipped?: string;
}

type Filters = Pick<RunRequest, 'only' | 'grep' | 'tags' | 'notTags'>;

export function planFile(file: DeclaredFile, filters: Filters): PlannedTest[] {
  const all = collect(file.suite, []);
  const wanted = all.filter((planned) => isWanted(planned, filters, file.cases));
  // A click on one test means that test, whatever is marked `only`.
  const marked = filters.only ? [] : all.filter(isMarkedOnly);
  return wanted.map((planned) => withReason(planned, marked));
}

/** Titles of the suites and the test, joined by a space. */
export function fullTitle({ test, suites }: PlannedTest): string {
  return [...suites.map((suite) => suite.title), test.title].filter((title) => title !== '').join(' ');
}

function collect(suite: DeclaredSuite, outer: readonly DeclaredSuite[]): PlannedTest[] {
  const suites = [...outer, suite];
  return suite.children.flatMap((child) =>
    child.kind === 'suite' ? collect(child, suites) : [{ test: child, suites, options: inherited(child, suites) }],
  );
}

function inherited(test: DeclaredTest, suites: readonly DeclaredSuite[]): TestOptions {
  const levels = [...suites, test].map(({ options }) => options);
  const tags = [...new Set(levels.flatMap((options) => options.tags ?? []))];
  return { ...Object.assign({}, ...levels), tags } as TestOptions;
}

function isWanted(planned: PlannedTest, filters: Filters, cases: readonly DeclaredCases[]): boolean {
  const { id } = planned.test;
  const tags = planned.options.tags ?? [];
  const templates = cases.filter((each) => each.cases.some((child) => isSelectedBy(id, child.id)));
  const names = [id, ...templates.map(({ parent }) => parent)];
  if (filters.only && !filters.only.some((selected) => names.some((name) => isSelectedBy(name, selected))))
    return false;
  if (filters.grep !== undefined && !new RegExp(filters.grep).test(fullTitle(planned))) return false;
  if (filters.tags?.length && !filters.tags.some((tag) => tags.includes(tag))) return false;
  return !filters.notTags?.some((tag) => tags.includes(tag));
}

function isMarkedOnly({ test, suites }: PlannedTest): boolean {
  return test.mode === 'only' || suites.some((suite) => suite.mode === 'only');
}

function withReason(planned: PlannedTest, marked: readonly PlannedTest[]): PlannedTest {
  const { test, suites } = planned;
  if (test.mode === 'skip') return { ...planned, skipped: 'test.skip' };
  if (suites.some((suite) => suite.mode === 'skip')) return { ...planned, skipped: 'test.describe.skip' };
  if (marked.length > 0 && !marked.some((other) => other.test === test)) {
    return { ...planned, skipped: 'another test of the file is marked only' };
  }
  return planned;
}
