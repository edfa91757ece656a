import { DmaBuffer } from '../objects/dmaBuffer.ts';
import type { Fixtures } from './fixtures.ts';
import { extendTable } from './fixtureTable.ts';
import { makeTest } from './makeTest.ts';
import { SkipError, testContext } from './testContext.ts';
import type { FixtureFunction, Test } from './testTypes.ts';

type BuiltIn = { readonly [Name in keyof Fixtures]: FixtureFunction<Fixtures[Name], Fixtures> };

const bufferBytes = 4096;
const qpairDepth = 64;

const builtIn: BuiltIn = {
  nvme0: async (_fixtures, use) => use(await testContext().controller()),
  nvme0n1: async ({ nvme0 }, use) => use(await nvme0.namespace(1)),
  subsystem: async ({ nvme0 }, use) => use(nvme0.subsystem),
  qpair: async ({ nvme0 }, use) => use(await nvme0.createQpair({ depth: qpairDepth })),
  buf: async (_fixtures, use) => use(new DmaBuffer(bufferBytes, { name: 'buf' })),
  seed: async (_fixtures, use) => use(testContext().seed),
  log: async (_fixtures, use) => use((...words) => testContext().log(...words)),
  progress: async (_fixtures, use) => use((label, done, total) => testContext().progress(label, done, total)),
  skip: async (_fixtures, use) =>
    use((reason) => {
      throw new SkipError(reason);
    }),
};

/**
 * Declares a test. The body gets the fixtures its parameter pattern names; they are made for this test and torn down after it,
 * however it ends.
 * @example
 * test('reads what it wrote', async ({ nvme0n1, qpair, buf }) => {
 *   buf.write('hello world', 10);
 *   await nvme0n1.write(qpair, buf, { slba: 0 });
 * });
 */
export const test: Test<Fixtures> = makeTest<Fixtures>(extendTable(new Map(), builtIn));
