import type { DeclaredBody } from '../../api/declaration.ts';
import type { Fixture, FixtureTable } from '../../api/fixtureTable.ts';

interface Live {
  readonly name: string;
  /** Lets the fixture's function go on after `use`. */
  readonly release: () => void;
  readonly ended: Promise<unknown>;
}

/** The fixtures of one test: made when first named, torn down in reverse order. */
export class FixtureScope {
  private readonly values = new Map<Fixture, Promise<unknown>>();
  private readonly live: Live[] = [];
  private isOver = false;

  /** Calls the author's function with the fixtures it names, if it is still wanted when they are there. */
  async run(body: DeclaredBody, row: readonly unknown[] = [], isWanted = () => true): Promise<void> {
    const values = await this.valuesOf(body.names, body.fixtures, []);
    if (isWanted()) await body.call(values, ...row);
  }

  /** Every fixture's function runs to its end, newest first; what they throw is returned. */
  async tearDown(): Promise<unknown[]> {
    const errors: unknown[] = [];
    this.isOver = true;
    for (const { release, ended } of this.live.splice(0).reverse()) {
      release();
      await ended.catch((error: unknown) => errors.push(error));
    }
    return errors;
  }

  /** Names of fixtures that are not torn down yet. */
  get names(): readonly string[] {
    return this.live.map(({ name }) => name);
  }

  private async valuesOf(names: readonly string[], table: FixtureTable, path: readonly Fixture[]): Promise<object> {
    const values: Record<string, unknown> = {};
    // One after the other: fixtures act on a device.
    for (const name of names) values[name] = await this.value(name, table, path);
    return values;
  }

  private value(name: string, table: FixtureTable, path: readonly Fixture[]): Promise<unknown> {
    const fixture = path.find((outer) => outer === table.get(name))?.replaced ?? table.get(name);
    if (!fixture) return Promise.reject(new Error(`There is no fixture "${name}".`));
    if (path.includes(fixture)) return Promise.reject(new Error(`The fixture "${name}" needs itself.`));
    if (!this.values.has(fixture)) this.values.set(fixture, this.make(name, fixture, { table, path }));
    return this.values.get(fixture) ?? Promise.resolve();
  }

  private async make(name: string, fixture: Fixture, at: { table: FixtureTable; path: readonly Fixture[] }) {
    const needs = await this.valuesOf(fixture.names, at.table, [...at.path, fixture]);
    // Nobody would tear it down.
    if (this.isOver) throw new Error(`The test was over before its fixture "${name}" was made.`);
    return new Promise((resolve, reject) => {
      let release: () => void = () => undefined;
      const released = new Promise<void>((done) => {
        release = done;
      });
      const ended = fixture.make(needs, (value) => {
        resolve(value);
        return released;
      });
      this.live.push({ name, release, ended });
      ended.then(() => reject(new Error(`The fixture "${name}" ended without calling use(value).`)), reject);
    });
  }
}
