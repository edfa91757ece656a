import assert from 'node:assert/strict';
import { LazyPromise } from '../../../testkit/objects/lazyPromise.ts';
import { currentScope, TestScope } from '../../../testkit/objects/testScope.ts';

describe('a test scope', () => {
  const scopeOf = (seed?: bigint): { scope: TestScope; failures: unknown[] } => {
    const failures: unknown[] = [];
    return {
      failures,
      scope: new TestScope({ onFailure: (error) => failures.push(error), ...(seed !== undefined && { seed }) }),
    };
  };

  it('is current between enter and leave', () => {
    const outer = currentScope();
    const { scope } = scopeOf();
    const leave = scope.enter();
    assert.equal(currentScope(), scope);
    leave();
    assert.equal(currentScope(), outer);
  });

  it('ends what it owns, newest first, and goes on after a failure', async () => {
    const { scope, failures } = scopeOf();
    const ended: string[] = [];
    const resource = (name: string, error?: Error) => ({
      [Symbol.asyncDispose]: async () => {
        ended.push(name);
        if (error) throw error;
      },
    });
    const broken = new Error('broken');
    const disowned = resource('disowned');
    for (const each of [resource('a'), disowned, resource('b', broken), resource('c')]) scope.own(each);
    scope.disown(disowned);
    await scope.close();
    assert.deepEqual(ended, ['c', 'b', 'a']);
    assert.deepEqual(failures, [broken]);
    await scope.close();
    assert.equal(ended.length, 3);
  });

  it('ends at once what is made after its end', async () => {
    const { scope, failures } = scopeOf();
    await scope.close();
    let isEnded = false;
    scope.own({
      [Symbol.asyncDispose]: async () => {
        isEnded = true;
        throw new Error('late');
      },
    });
    await undefined;
    assert.equal(isEnded, true);
    assert.deepEqual(failures.map(String), ['Error: late']);
  });

  it('reports what failed unhandled, and nothing that was handled', async () => {
    const { scope, failures } = scopeOf();
    const [lost, seen] = [{ failure: 'lost' }, { failure: 'seen' }];
    scope.unhandled(lost);
    scope.unhandled(seen);
    scope.handled(seen);
    await scope.close();
    assert.deepEqual(failures, ['lost']);
  });

  it('gives the same random numbers for the same seed', () => {
    const draw = (seed: bigint): bigint[] => {
      const { scope } = scopeOf(seed);
      return Array.from({ length: 4 }, () => scope.nextSeed());
    };
    assert.deepEqual(draw(1n), draw(1n));
    assert.notDeepEqual(draw(1n), draw(2n));
    assert.ok(draw(1n).every((value) => value >= 0n && value < 2n ** 64n));
  });
});

describe('a lazy promise', () => {
  it('makes its promise once, when asked', async () => {
    let made = 0;
    const lazy = new LazyPromise(async () => {
      made += 1;
      return made;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(made, 0);
    assert.deepEqual([await lazy, await lazy.finally(() => undefined)], [1, 1]);
  });

  it('rejects with the awaiting line in the stack', async () => {
    const lazy = new LazyPromise(async () => {
      await undefined;
      throw new Error('late');
    });
    const author = async (): Promise<void> => {
      await lazy;
    };
    const error = await author().catch((thrown: Error) => thrown);
    assert.match((error as Error).stack ?? '', /at async author/);
  });
});
