import { Controller, type FixtureDefinitions, type Fixtures, type Namespace, type Qpair } from '@doorbell/testkit';

/** An SSD of the test alone, as delivered: whatever it does to it, nobody else sees it. */
export interface Fresh {
  readonly ssd: Controller;
  /** Its namespace 1. */
  readonly ns: Namespace;
  readonly q: Qpair;
}

/** Fixtures for `test.extend`. @param options of the address, like `size=64M&namespaces=2` */
export function freshSsd(name: string, options = 'size=64M'): FixtureDefinitions<Fresh, Fixtures> {
  return {
    ssd: async (_fixtures, use) => {
      const ssd = await Controller.open(`emulated?name=${name}&fresh=1&${options}`);
      await use(ssd);
      await ssd.close();
    },
    ns: async ({ ssd }, use) => {
      await use(ssd.namespace(1));
    },
    q: async ({ ssd }, use) => {
      await use(await ssd.createQpair({ depth: 16 }));
    },
  };
}
