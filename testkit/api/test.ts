import { DmaBuffer } from '../objects/dmaBuffer.ts';
import type { Fixtures } from './fixtures.ts';
import type { Fixture, FixtureTable } from './fixtureTable.ts';
import { makeTest } from './makeTest.ts';
import { Report } from './report.ts';
import { SkipError, testContext } from './testContext.ts';
import type { FixtureFunction, Test } from './testTypes.ts';

type BuiltIn = {
  readonly [Name in keyof Fixtures]: {
    /** Written out: in the minified bundle a parameter list tells nothing. */
    readonly names: readonly (keyof Fixtures)[];
    readonly make: FixtureFunction<Fixtures[Name], Fixtures>;
  };
};

const bufferBytes = 4096;
const qpairDepth = 64;

const builtIn: BuiltIn = {
  nvme0: { names: [], make: async (_fixtures, use) => use(await testContext().controller(0)) },
  nvme1: { names: [], make: async (_fixtures, use) => use(await testContext().controller(1)) },
  nvme0n1: { names: ['nvme0'], make: async ({ nvme0 }, use) => use(nvme0.namespace(1)) },
  nvme1n1: { names: ['nvme1'], make: async ({ nvme1 }, use) => use(nvme1.namespace(1)) },
  pcie: { names: ['nvme0'], make: async ({ nvme0 }, use) => use(nvme0.pcie) },
  subsystem: { names: ['nvme0'], make: async ({ nvme0 }, use) => use(nvme0.subsystem) },
  qpair: { names: ['nvme0'], make: async ({ nvme0 }, use) => use(await nvme0.createQpair({ depth: qpairDepth })) },
  buf: { names: [], make: async (_fixtures, use) => use(new DmaBuffer(bufferBytes, { name: 'buf' })) },
  verify: { names: ['nvme0n1'], make: async ({ nvme0n1 }, use) => use(nvme0n1.verification()) },
  seed: { names: [], make: async (_fixtures, use) => use(testContext().seed) },
  // Of this test also when its body was given up and another test runs.
  log: { names: [], make: async (_fixtures, use) => use(testContext().log) },
  progress: { names: [], make: async (_fixtures, use) => use(testContext().progress) },
  report: { names: [], make: async (_fixtures, use) => use(new Report(testContext().chart)) },
  skip: {
    names: [],
    make: async (_fixtures, use) =>
      use((reason) => {
        throw new SkipError(reason);
      }),
  },
};

const table: FixtureTable = new Map(Object.entries(builtIn as unknown as Readonly<Record<string, Fixture>>));

/**
 * Declares a test. The body gets the fixtures its parameter pattern names; they are made for this test and torn down after it,
 * however it ends.
 * @example
 * test('reads what it wrote', async ({ nvme0n1, qpair, buf }) => {
 *   buf.write('hello world', 10);
 *   await nvme0n1.write(qpair, buf, { slba: 0 });
 * });
 */
export const test: Test<Fixtures> = makeTest<Fixtures>(table);
