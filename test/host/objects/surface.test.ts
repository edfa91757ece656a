import assert from 'node:assert/strict';
import { nativeAddon } from '../../../testkit/native.ts';
import type { NativeController, NativeDmaBuffer } from '../../../testkit/nativeSurface.ts';
import { openEvidence } from './support.ts';

/** What a test author never reaches through the objects: the binding's own checks. */
describe('the native surface', () => {
  let controller: NativeController;
  before(async () => {
    openEvidence();
    controller = await nativeAddon().openController('emulated:?size=64M&seed=20');
    await controller.initialize({});
  });
  after(() => controller.close());

  it('names the argument that has another type or is out of range', () => {
    const addon = nativeAddon();
    const buffer = addon.allocateDma(4096);
    const wrong = (value: unknown) => value as never;
    assert.throws(() => addon.allocateDma(wrong('4096')), { name: 'TypeError', message: 'size must be a number' });
    assert.throws(() => addon.allocateDma(0), {
      name: 'RangeError',
      message: /size must be an integer of 1 to 4294967295, not 0/,
    });
    assert.throws(() => addon.allocateDma(1.5), { name: 'RangeError', message: /not 1\.5/ });
    assert.throws(() => addon.allocateDma(Number.NaN), RangeError);
    assert.throws(() => buffer.read(4090, 7), { name: 'RangeError', code: 'OUT_OF_RANGE' });
    assert.throws(() => buffer.write(0, wrong([1, 2])), { name: 'TypeError', message: 'bytes must be a Uint8Array' });
    assert.throws(() => buffer.fillRandom(0, 16, wrong(1), 0), { message: 'seed must be a bigint' });
    assert.throws(() => buffer.fillRandom(0, 16, -1n, 0), {
      name: 'RangeError',
      message: /seed must be a bigint of 0 to 2\^64-1/,
    });
    assert.throws(() => buffer.compare(0, wrong({}), 0, 1), {
      name: 'TypeError',
      message: 'other must be a DmaBuffer',
    });
    assert.throws(() => buffer.busAddress(wrong(buffer), 0), {
      name: 'TypeError',
      message: 'controller must be a Controller',
    });
    assert.throws(() => controller.readRegister(0, wrong(6)), { name: 'RangeError', message: /power of two/ });
    assert.throws(() => controller.reset(wrong('warm')), {
      message: /kind must be one of 'flr', 'hot', 'subsystem', not 'warm'/,
    });
    assert.throws(() => controller.admin.submit(new Uint8Array(63), undefined, 0, 0, 0), {
      message: 'sqe must be 64 bytes',
    });
  });

  it('refuses methods on objects of another class, and its constructors', () => {
    const buffer = nativeAddon().allocateDma(512);
    const { read } = Object.getPrototypeOf(buffer) as NativeDmaBuffer;
    assert.throws(() => read.call(controller as never, 0, 1), TypeError);
    assert.throws(() => new (buffer.constructor as new () => unknown)(), {
      message: 'DmaBuffer has no public constructor',
    });
  });

  it('reads, writes, fills, compares and sums exactly', () => {
    const addon = nativeAddon();
    const [one, two] = [addon.allocateDma(8192), addon.allocateDma(8192)];
    one.write(100, Buffer.from('123456789'));
    assert.equal(one.crc32c(100, 9), 0xe3069283, 'the check value of CRC-32C');
    assert.equal(Buffer.from(one.read(100, 9)).toString(), '123456789');
    two.fill(0, 8192, Uint8Array.of(1, 2, 3));
    assert.deepEqual(
      [...two.read(8189, 3)],
      [1, 2, 3].map((_, at) => ((8189 + at) % 3) + 1),
    );
    one.fillIncrementing(0, 16, 0xffff_ffff);
    assert.deepEqual([...new Uint32Array(one.read(0, 16).buffer)], [0xffff_ffff, 0, 1, 2]);
    one.fillRandom(0, 8192, 5n, 50);
    two.fillRandom(0, 8192, 5n, 50);
    assert.equal(one.compare(0, two, 0, 8192), -1);
    const zeros = one.read(0, 4096).reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
    assert.ok(zeros >= 2048 && zeros < 2150, `${zeros} zeros of 4096`);
    two.write(5000, Uint8Array.of(one.read(5000, 1)[0]! ^ 1));
    assert.equal(one.compare(0, two, 0, 8192), 5000);
    one.close();
    one.close();
    assert.throws(() => one.read(0, 1), { code: 'CLOSED', name: 'TypeError' });
  });

  it('changes the entry to what was posted', async () => {
    const buffer = nativeAddon().allocateDma(16384);
    const sqe = new Uint8Array(64);
    sqe[0] = 0x06;
    sqe[40] = 1;
    const cid = controller.admin.submit(sqe, buffer, 0, 4096, 1000);
    const view = new DataView(sqe.buffer);
    assert.equal(view.getUint16(2, true), cid);
    assert.equal(view.getBigUint64(24, true), buffer.busAddress(controller, 0));
    await new Promise<void>((resolve) => controller.admin.notify(resolve));
    const completions = new Uint8Array(48 * 2);
    assert.equal(controller.admin.reap(completions, 0), 1);
    assert.equal(new DataView(completions.buffer).getUint16(40, true), cid);
    assert.equal(controller.admin.outstanding, 0);
  });

  it('has one object for the admin queue pair, and a new one after initialize', async () => {
    const { admin } = controller;
    assert.equal(controller.admin, admin);
    await controller.initialize({});
    assert.notEqual(controller.admin, admin);
  });

  it('calls a notification once, on this thread, and not after it was disarmed', async () => {
    let calls = 0;
    const send = () =>
      controller.admin.submit(
        Uint8Array.of(0x0a, ...new Uint8Array(39), 7, ...new Uint8Array(23)),
        undefined,
        0,
        0,
        1000,
      );
    const into = new Uint8Array(48 * 8);
    controller.admin.notify(() => {
      calls += 1;
    });
    send();
    send();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(calls, 1);
    assert.equal(controller.admin.reap(into, 0), 2);
    controller.admin.notify(() => {
      calls += 1;
    });
    controller.admin.notify(undefined);
    send();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(calls, 1);
    assert.equal(controller.admin.reap(into, 0), 1);
  });

  it('hands out a command past its deadline once, with the right outcome', async () => {
    controller.admin.submit(Uint8Array.of(0x0c, ...new Uint8Array(63)), undefined, 0, 0, 20);
    const left = controller.admin.nextDeadlineMs();
    assert.ok(left >= 0 && left <= 20, `${left} ms`);
    await new Promise<void>((resolve) => controller.admin.notify(resolve));
    const into = new Uint8Array(48);
    assert.equal(controller.admin.reap(into, 0), 1);
    assert.equal(new DataView(into.buffer).getUint16(42, true), 2);
    assert.equal(controller.admin.reap(into, 0), 0);
    assert.equal(controller.admin.dossier().outstandingCids.length, 1);
    await controller.initialize({});
  });

  it('has a clock that goes on', async () => {
    const before = nativeAddon().now();
    await new Promise((resolve) => setTimeout(resolve, 10));
    const elapsed = Number(nativeAddon().now() - before);
    assert.ok(elapsed > 9e6 && elapsed < 1e9, `${elapsed} ns`);
  });
});
