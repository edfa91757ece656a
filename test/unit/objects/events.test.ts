import assert from 'node:assert/strict';
import type { NativeController, NativeDriverEvent } from '../../../testkit/nativeSurface.ts';
import { ControllerEvents, MalformedCompletionError } from '../../../testkit/objects/events.ts';
import { TestScope } from '../../../testkit/objects/testScope.ts';

describe('driver events', () => {
  let tell: (event: NativeDriverEvent) => void;
  let failures: unknown[];
  let events: ControllerEvents;
  let scope: TestScope;
  let leave: () => void;
  const malformed: NativeDriverEvent = {
    kind: 'malformed-completion',
    message: 'no command has CID 9',
    reason: 'unknown-cid',
    cqe: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 9, 0, 1, 0),
    qid: 1,
  };

  beforeEach(() => {
    failures = [];
    const native = { address: 'fake', onEvent: (callback: typeof tell) => (tell = callback) };
    events = new ControllerEvents(native as unknown as NativeController);
    scope = new TestScope({ onFailure: (error) => failures.push(error) });
    leave = scope.enter();
  });
  afterEach(() => leave());

  it('of a malformed completion fail the test, naming the queue and the raw entry', () => {
    tell(malformed);
    const [error] = failures;
    assert.ok(error instanceof MalformedCompletionError);
    assert.equal(error.message, 'fake: no command has CID 9; CQE 0x00000001 0x00000000 0x00010003 0x00010009');
    assert.deepEqual([error.qid, error.cqe.length, error.reason], [1, 16, 'unknown-cid']);
  });

  it('fail nothing where a listener expected them, and only until it is gone', async () => {
    const seen: string[] = [];
    const listening = events.add(({ kind }) => seen.push(kind));
    tell(malformed);
    assert.equal(failures.length, 1, 'listening alone is no expectation');
    const expecting = events.add(() => true);
    tell(malformed);
    assert.equal(failures.length, 1);
    expecting[Symbol.dispose]();
    listening[Symbol.dispose]();
    tell(malformed);
    assert.deepEqual([failures.length, seen.length], [2, 2]);
    events.add(() => true);
    await scope.close();
    tell(malformed);
    assert.equal(failures.length, 3, 'a listener ends with its test');
  });

  it('whose listener throws fail the test with that', () => {
    const own = new Error('own');
    events.add(() => {
      throw own;
    });
    tell({ kind: 'power-lost', message: 'gone' });
    assert.deepEqual(failures, [own]);
  });

  it('of other kinds fail nothing', () => {
    tell({ kind: 'power-lost', message: 'gone' });
    assert.deepEqual(failures, []);
  });
});
