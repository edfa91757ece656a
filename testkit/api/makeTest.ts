import { formatTitle, rowArguments, templateRows } from '../discovery/title.ts';
import { type DeclaredBody, emptySuite, type HookKind, type Mode, openFile } from './declaration.ts';
import { fixtureNames } from './fixtureNames.ts';
import { checkNames, extendTable, type FixtureTable } from './fixtureTable.ts';
import type { Test, TestOptions } from './testTypes.ts';

type AnyFunction = (...args: unknown[]) => unknown;
type Declaring = (title: string, ...rest: [AnyFunction] | [TestOptions, AnyFunction]) => void;

interface Row {
  readonly row: readonly unknown[];
}

/** A `test` whose bodies may name the fixtures of `table`. */
export function makeTest<F>(table: FixtureTable): Test<F> {
  const test = Object.assign(declareTest(table, 'run'), {
    skip: declareTest(table, 'skip'),
    only: declareTest(table, 'only'),
    each: eachOf((row) => declareTest(table, 'run', row)),
    describe: makeDescribe(),
    beforeAll: declareHook(table, 'beforeAll'),
    beforeEach: declareHook(table, 'beforeEach'),
    afterEach: declareHook(table, 'afterEach'),
    afterAll: declareHook(table, 'afterAll'),
    extend: (definitions: object) => makeTest(extendTable(table, definitions)),
  });
  return test as unknown as Test<F>;
}

function declareTest(table: FixtureTable, mode: Mode, { row }: Row = { row: [] }): Declaring {
  return (title, ...rest) => {
    const { ids, suite } = openFile('test');
    const { options, body } = split(title, rest);
    const id = ids.child(suite.id, title);
    suite.children.push({ kind: 'test', id, title, options, mode, row, ...bodyOf(table, body) });
  };
}

function makeDescribe(): AnyFunction {
  return Object.assign(declareSuite('run'), {
    skip: declareSuite('skip'),
    only: declareSuite('only'),
    each: eachOf((row) => declareSuite('run', row)),
  }) as unknown as AnyFunction;
}

function declareSuite(mode: Mode, { row }: Row = { row: [] }): Declaring {
  return (title, ...rest) => {
    const file = openFile('test.describe');
    const { options, body } = split(title, rest);
    const outer = file.suite;
    const suite = emptySuite({ id: file.ids.child(outer.id, title), title, options, mode });
    outer.children.push(suite);
    file.suite = suite;
    try {
      if (isPromise(body(...row))) {
        throw new TypeError(`The callback of test.describe("${title}") must not be async: it only declares tests.`);
      }
    } finally {
      file.suite = outer;
    }
  };
}

/** `test.each(rows)` and the tagged form. */
function eachOf(
  declare: (row: Row) => Declaring,
): (rows: readonly unknown[], ...values: readonly unknown[]) => Declaring {
  return (rows, ...values) => {
    const list = isTemplate(rows) ? templateRows(rows[0] ?? '', values) : rows;
    if (!Array.isArray(list)) throw new TypeError('each() takes an array of rows.');
    return (title, ...rest) => {
      const file = openFile('each');
      const parent = file.ids.template(file.suite.id, title);
      const before = file.suite.children.length;
      list.forEach((row, index) => {
        declare({ row: rowArguments(row) })(formatTitle(title, row, index), ...rest);
      });
      const cases = file.suite.children.slice(before).map((child) => ({ id: child.id, title: child.title }));
      file.cases.push({ parent, cases });
    };
  };
}

function declareHook(table: FixtureTable, kind: HookKind): (body: AnyFunction) => void {
  return (body) => {
    openFile(`test.${kind}`).suite.hooks[kind].push(bodyOf(table, checked(`test.${kind}`, body)));
  };
}

function bodyOf(table: FixtureTable, body: AnyFunction): DeclaredBody {
  const names = fixtureNames(body);
  checkNames(table, names);
  return { call: body, fixtures: table, names };
}

function split(title: unknown, rest: readonly unknown[]): { options: TestOptions; body: AnyFunction } {
  if (typeof title !== 'string') throw new TypeError(`A title must be a string, not ${typeof title}.`);
  const [options, body] = rest.length > 1 ? rest : [{}, rest[0]];
  return { options: options as TestOptions, body: checked(`"${title}"`, body) };
}

function checked(what: string, body: unknown): AnyFunction {
  if (typeof body === 'function') return body as AnyFunction;
  throw new TypeError(`${what} needs a function as its last argument, not ${body === null ? 'null' : typeof body}.`);
}

function isTemplate(rows: readonly unknown[]): rows is TemplateStringsArray {
  return 'raw' in rows;
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value;
}
