import Mocha from 'mocha';
import type { DeclaredBody, DeclaredSuite } from '../../api/declaration.ts';
import type { PlannedTest } from './plan.ts';

/** What mocha calls, in its order. */
export interface MochaCallbacks {
  /** Runs a test to its end and reports it. Resolves false when it failed. */
  test(planned: PlannedTest): Promise<boolean>;
  /** Runs a `beforeAll` or `afterAll`. Rejects when it failed. */
  hook(suite: DeclaredSuite, body: DeclaredBody, kind: 'beforeAll' | 'afterAll'): Promise<void>;
}

export interface MochaOptions {
  readonly bail: boolean;
  readonly callbacks: MochaCallbacks;
}

/** A run of mocha over planned tests; mocha keeps the order, the suites' hooks and bail. */
export class MochaRun {
  private readonly mocha: Mocha;
  private readonly suites = new Map<DeclaredSuite, Mocha.Suite>();
  private readonly groups = new Set<Mocha.Suite>();
  private runner: Mocha.Runner | undefined;

  constructor(private readonly options: MochaOptions) {
    // Time-outs are the engine's: mocha's would leave the test's commands outstanding.
    this.mocha = new Mocha({
      timeout: 0,
      bail: options.bail,
      reporter: Silent as unknown as Mocha.ReporterConstructor,
    });
  }

  add(planned: PlannedTest): void {
    const suite = this.groupOf(this.suiteOf(planned.suites));
    const { test } = this.options.callbacks;
    // Zero arity: mocha takes a parameter for a callback to wait for.
    const body = async () => {
      if (!(await test(planned))) throw new Error('reported by the engine');
    };
    suite.addTest(new Mocha.Test(planned.test.title, planned.skipped === undefined ? body : undefined));
  }

  async run(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.runner = this.mocha.run(() => resolve());
      detachProcessListeners(this.runner);
    });
  }

  /** After the test that is running, no other starts. */
  abort(): void {
    this.runner?.abort();
  }

  /** Mocha runs a suite's tests before its suites; tests that follow a suite get a nameless one, so that the order is the author's. */
  private groupOf(suite: Mocha.Suite): Mocha.Suite {
    const last = suite.suites.at(-1);
    if (!last) return suite;
    if (this.groups.has(last)) return last;
    const group = new Mocha.Suite('', new Mocha.Context());
    this.groups.add(group);
    suite.addSuite(group);
    return group;
  }

  private suiteOf(path: readonly DeclaredSuite[]): Mocha.Suite {
    return path.reduce((parent, declared) => {
      const known = this.suites.get(declared);
      if (known) return known;
      const suite = new Mocha.Suite(declared.title, new Mocha.Context());
      parent.addSuite(suite);
      this.suites.set(declared, suite);
      this.addHooks(suite, declared);
      return suite;
    }, this.mocha.suite);
  }

  private addHooks(suite: Mocha.Suite, declared: DeclaredSuite): void {
    const { hook } = this.options.callbacks;
    for (const body of declared.hooks.beforeAll) suite.beforeAll(() => hook(declared, body, 'beforeAll'));
    for (const body of [...declared.hooks.afterAll].reverse()) {
      suite.afterAll(() => hook(declared, body, 'afterAll'));
    }
  }
}

/** Stray rejections and exceptions are the engine's too: it knows which test they belong to. */
function detachProcessListeners(runner: Mocha.Runner): void {
  const { uncaught, unhandled } = runner as unknown as Record<'uncaught' | 'unhandled', (...args: unknown[]) => void>;
  process.removeListener('uncaughtException', uncaught);
  process.removeListener('unhandledRejection', unhandled);
}

/** The engine reports; mocha only needs something to construct. */
class Silent {}
