import assert from 'node:assert/strict';
import type { NativeQpair } from '../../../testkit/nativeQpair.ts';
import type { NativeController } from '../../../testkit/nativeSurface.ts';
import { Qpair } from '../../../testkit/objects/qpair.ts';
import type { QpairController } from '../../../testkit/objects/qpairController.ts';
import { Timeouts } from '../../../testkit/objects/timeouts.ts';

/** A queue pair whose completions the test posts. */
class ScriptedQueue implements NativeQpair {
  readonly qid = 1;
  readonly segment = 1;
  readonly depth = 64;
  readonly vector = -1;
  readonly done: { cid: number; sequence: number; dw3?: number }[] = [];
  callback: (() => void) | undefined;
  reaps: number[] = [];
  nextCid = 0;
  rings = 0;
  deletions = 0;
  refusal: Error | undefined;

  get outstanding(): number {
    return 0;
  }

  submit(): number {
    return this.nextCid;
  }

  submitTransfer(): number {
    return this.nextCid;
  }

  post(): number {
    return this.nextCid;
  }

  ringDoorbell(): void {
    this.rings += 1;
  }

  submitFused(): readonly [number, number] {
    return [this.nextCid, this.nextCid + 1];
  }

  reap(into: Uint8Array, spinUs: number): number {
    this.reaps.push(spinUs);
    const view = new DataView(into.buffer);
    const handed = this.done.splice(0, into.length / 48);
    handed.forEach(({ cid, sequence, dw3 = 0 }, index) => {
      view.setUint32(index * 48 + 12, dw3, true);
      view.setBigUint64(index * 48 + 32, BigInt(sequence), true);
      view.setUint16(index * 48 + 40, cid, true);
      view.setUint16(index * 48 + 42, 1, true);
    });
    return handed.length;
  }

  notify(callback: (() => void) | undefined): void {
    this.callback = callback;
  }

  nextDeadlineMs(): number {
    return -1;
  }

  mismatch(): undefined {
    return undefined;
  }

  dossier() {
    return { csts: 1, cc: 1, sqTail: 0, sqHead: 0, cqHead: 0, cqPhase: 1, outstandingCids: [], changedSlots: [] };
  }

  async delete(): Promise<void> {
    this.deletions += 1;
    if (this.refusal !== undefined) throw this.refusal;
  }
}

describe('a queue pair', () => {
  let native: ScriptedQueue;
  let qpair: Qpair;
  const controller: QpairController = {
    address: 'scripted',
    native: {} as NativeController,
    timeouts: new Timeouts(),
    completed: () => undefined,
    qpairEnded: () => undefined,
  };
  beforeEach(() => {
    native = new ScriptedQueue();
    qpair = new Qpair(controller, native);
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('keeps commands apart whose CID was used again before the first was fetched', async () => {
    const first = qpair.send({ opcode: 2 });
    const second = qpair.send({ opcode: 2 });
    const third = qpair.send({ opcode: 2 });
    native.done.push({ cid: 0, sequence: 1 }, { cid: 0, sequence: 2 }, { cid: 0, sequence: 3 });
    const all = await Promise.all([first, second, third]);
    assert.deepEqual(
      all.map((cqe) => cqe.sequence),
      [1, 2, 3],
    );
    assert.equal(qpair.outstanding, 0);
  });

  it('ignores a completion of a command it did not send', async () => {
    const command = qpair.send({ opcode: 2 });
    native.done.push({ cid: 40, sequence: 9 }, { cid: 0, sequence: 1 });
    assert.equal((await command).sequence, 1);
  });

  it('spins after a command was sent, then lets the driver call back, once', async () => {
    const command = qpair.send({ opcode: 2 });
    assert.deepEqual(native.reaps, [], 'not in the call that sends');
    await turn();
    assert.ok(native.reaps.some((spinUs) => spinUs > 0));
    assert.notEqual(native.callback, undefined);
    const armed = native.callback;
    native.callback = undefined;
    native.done.push({ cid: 0, sequence: 1 });
    armed?.();
    assert.equal((await command).ok, true);
    assert.equal(native.callback, undefined, 'nothing is outstanding: not armed again');
  });

  it('takes more completions than fit into one batch', async () => {
    const commands = Array.from({ length: 63 }, (_, cid) => {
      native.nextCid = cid;
      return qpair.send({ opcode: 2 });
    });
    native.nextCid = 0;
    await turn();
    native.done.push(...commands.map((_, cid) => ({ cid, sequence: cid + 1 })));
    native.done.push(...Array.from({ length: 20 }, () => ({ cid: 63, sequence: 99 })));
    native.callback?.();
    const all = await Promise.all(commands);
    assert.equal(all.at(-1)?.sequence, 63);
    assert.equal(native.done.length, 0);
  });

  it('can be deleted again when the admin queue was full, and is used on until then', async () => {
    native.refusal = Object.assign(new Error('the admin queue is full'), { code: 'QUEUE_FULL' });
    await assert.rejects(qpair.delete(), native.refusal);
    const command = qpair.send({ opcode: 2 });
    native.done.push({ cid: 0, sequence: 1 });
    assert.equal((await command).ok, true);
    native.refusal = undefined;
    await qpair.delete();
    await qpair.delete();
    assert.equal(native.deletions, 2);
    assert.throws(() => qpair.send({ opcode: 2 }), /deleted/);
  });

  it('ends with a deletion that failed for another reason', async () => {
    native.refusal = Object.assign(new Error('no answer'), { code: 'TIMEOUT' });
    await assert.rejects(qpair.delete(), native.refusal);
    await qpair.delete();
    assert.equal(native.deletions, 1);
  });
});
