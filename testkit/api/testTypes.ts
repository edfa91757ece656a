/** The types of `test`. */

export interface TestOptions {
  /**
   * Milliseconds the body and what goes before it may take, and as many again for the `afterEach` hooks; default 60,000 (or what the
   * run was started with). Starts anew at every `progress`.
   */
  readonly timeoutMs?: number;
  /** For filters (`--tag`, `--no-tag`). Known to Doorbell: `slow`, `destructive`, `power`. A suite's tags are those of its tests too. */
  readonly tags?: readonly string[];
  /** The requirement it checks, as shown in reports: `'NVMe Base 2.0, Identify command'`. */
  readonly spec?: string;
  /** Initialise the controller anew before the test, even when the test before left it in its default state. */
  readonly fresh?: boolean;
}

/** What runs: gets the fixtures its parameter pattern names, and the row of `test.each`. */
export type TestBody<F, Row extends readonly unknown[] = []> = (fixtures: F, ...row: Row) => unknown;

/** Makes a fixture: does what comes before, calls `use(value)` once, does what comes after (also when the test failed). */
export type FixtureFunction<T, F> = (fixtures: F, use: (value: T) => Promise<void>) => Promise<void>;

/** Fixtures of `test.extend`, by name. */
export type FixtureDefinitions<Extra, F> = {
  readonly [Name in keyof Extra]: FixtureFunction<Extra[Name], F & Extra>;
};

/** Declares one test. */
export interface Declare<F, Row extends readonly unknown[] = []> {
  (title: string, body: TestBody<F, Row>): void;
  (title: string, options: TestOptions, body: TestBody<F, Row>): void;
}

export interface DeclareEach<F> {
  /** Rows that are tuples: one argument an element. */
  <const Row extends readonly [unknown, ...unknown[]]>(rows: readonly Row[]): Declare<F, [...Row]>;
  /** Rows that are values. In the title `%s %d %i %j` take the row's next argument, `%#` its index, `$name` a property. */
  <Row>(rows: readonly Row[]): Declare<F, [Row]>;
  /** A table: a line of headings separated by `|`, then `${value}` cells; each row is an object. */
  (headings: TemplateStringsArray, ...values: readonly unknown[]): Declare<F, [Record<string, unknown>]>;
}

/** What declares the tests of a group; it must not be async. */
export type SuiteBody<Row extends readonly unknown[] = []> = (...row: Row) => void;

/** Declares a group of tests. */
export interface DeclareSuite<Row extends readonly unknown[] = []> {
  (title: string, body: SuiteBody<Row>): void;
  (title: string, options: TestOptions, body: SuiteBody<Row>): void;
}

/** `test.describe`. */
export interface Describe extends DeclareSuite {
  /** Declared and listed, never run. */
  readonly skip: DeclareSuite;
  /** While there is one, the other tests of the file do not run. */
  readonly only: DeclareSuite;
  /** The same group for every row of a table, as `test.each`. */
  each<const Row extends readonly [unknown, ...unknown[]]>(rows: readonly Row[]): DeclareSuite<[...Row]>;
  each<Row>(rows: readonly Row[]): DeclareSuite<[Row]>;
}

/** Declares tests. `F` is what their fixture pattern may name. */
export interface Test<F> extends Declare<F> {
  /** Declared and listed, never run. At run time use the `skip(reason)` fixture instead. */
  readonly skip: Declare<F>;
  /** While there is one, the other tests of the file do not run. */
  readonly only: Declare<F>;
  /** The same test for every row of a table. */
  readonly each: DeclareEach<F>;
  /** A group of tests; options hold for all in it. */
  readonly describe: Describe;
  /** Before every test of the group (or file), with the fixtures of that test. */
  beforeEach(body: TestBody<F>): void;
  /** After every test of the group, also a failed one, before its fixtures are torn down. */
  afterEach(body: TestBody<F>): void;
  /** Once before the first test of the group that runs; its fixtures live until it ends. The `skip` fixture skips the group. */
  beforeAll(body: TestBody<F>): void;
  /** Once after the last test of the group that ran. */
  afterAll(body: TestBody<F>): void;
  /**
   * A `test` with more fixtures. They are made when a test names them, and torn down in reverse order.
   * @example
   * export const test = base.extend<{ filled: DmaBuffer }>({
   *   filled: async ({ buf }, use) => {
   *     buf.fill('ones');
   *     await use(buf);
   *   },
   * });
   */
  extend<Extra extends object>(definitions: FixtureDefinitions<Extra, F>): Test<F & Extra>;
}
