import { fixtureNames } from './fixtureNames.ts';

/** A fixture as defined: its function, and the fixtures that one names in turn. */
export interface Fixture {
  readonly make: (fixtures: object, use: (value: unknown) => Promise<void>) => Promise<void>;
  readonly names: readonly string[];
  /** The fixture of the same name it replaces; naming itself means that one. */
  readonly replaced?: Fixture;
}

/** All fixtures a `test` knows, by name. */
export type FixtureTable = ReadonlyMap<string, Fixture>;

export function extendTable(table: FixtureTable, definitions: object): FixtureTable {
  const extended = new Map(table);
  for (const [name, make] of Object.entries(definitions) as [string, Fixture['make']][]) {
    if (typeof make !== 'function') {
      throw new TypeError(`The fixture "${name}" must be a function: async ({ ... }, use) => { await use(value); }.`);
    }
    const replaced = table.get(name);
    extended.set(name, { make, names: fixtureNames(make), ...(replaced && { replaced }) });
  }
  return extended;
}

/** @throws TypeError for a name that is no fixture, so that the file's load says it. */
export function checkNames(table: FixtureTable, names: readonly string[]): void {
  for (const name of names) {
    if (table.has(name)) continue;
    throw new TypeError(`There is no fixture "${name}". There are: ${[...table.keys()].sort().join(', ')}.`);
  }
}
