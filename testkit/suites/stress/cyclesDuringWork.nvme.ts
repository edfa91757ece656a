import { setTimeout as sleep } from 'node:timers/promises';
import {
  test as base,
  type Controller,
  ControllerUnavailableError,
  DmaBuffer,
  expect,
  PowerLostError,
} from '@doorbell/testkit';
import { image } from '../conformance/firmwareImage.ts';
import { type Fresh, freshSsd } from '../conformance/freshSsd.ts';
import { expectCounts, powerCounts } from './counts.ts';

const test = base.extend<Fresh>(freshSsd('work', 'size=64M&namespaces=2'));
const options = { tags: ['power', 'destructive', 'slow'], timeoutMs: 120_000 };
/** Milliseconds from the command to the cut: before it begins, and anywhere in it. */
const moments = [0, 1, 3, 10, 30];
const data = () => new DmaBuffer(4096, { pattern: 0x5eed_0001 });
const otherNamespace = 2;

/** The command was outstanding, the next one of the work could not be sent, or all was done before. */
const isLoss = (error: unknown): boolean =>
  error === undefined ||
  error instanceof PowerLostError ||
  (error instanceof ControllerUnavailableError && error.code === 'POWER_LOST');

/** Starts the work, cuts power that long afterwards, and brings the drive back. The cut may come after the end of the work. */
async function cut(ssd: Controller, afterMs: number, work: () => Promise<unknown>): Promise<void> {
  const before = await powerCounts(ssd);
  const ended = work().then(
    () => undefined,
    (error: unknown) => error,
  );
  await sleep(afterMs);
  await ssd.subsystem.powerOff();
  const error = await ended;
  if (!isLoss(error)) throw error;
  await ssd.subsystem.powerOn();
  await ssd.reset();
  await ssd.refreshNamespaces();
  await expectCounts(ssd, before, { cycles: 1 });
}

async function putData(ssd: Controller): Promise<void> {
  await ssd.namespace(1).write(await ssd.createQpair(), data(), { slba: 64, blockCount: 8, fua: true });
}

async function blocks(ssd: Controller): Promise<Uint8Array> {
  const found = new DmaBuffer(4096, { pattern: 'ones' });
  await ssd.namespace(1).read(await ssd.createQpair(), found, { slba: 64, blockCount: 8 });
  return found.slice();
}

test.each(moments)('power goes %d ms after Format NVM of another namespace', options, async ({ ssd }, afterMs) => {
  await putData(ssd);
  await cut(ssd, afterMs, () => ssd.namespace(otherNamespace).format());
  expect(await blocks(ssd)).toEqual(data().slice());
  await ssd.namespace(otherNamespace).format();
  const zeros = new DmaBuffer(512, { pattern: 'ones' });
  await ssd.namespace(otherNamespace).read(await ssd.createQpair(), zeros, { slba: 0 });
  expect(zeros.slice().every((byte) => byte === 0)).toBe(true);
});

test.each(moments)('power goes %d ms after Sanitize, which then goes on', options, async ({ ssd }, afterMs) => {
  await putData(ssd);
  await cut(ssd, afterMs, () => ssd.sanitize({ action: 'block-erase', wait: false }));
  const { state } = await ssd.waitForSanitize();
  // Before the command was there at all, nothing began.
  const found = await blocks(ssd);
  if (state === 'never') expect(found).toEqual(data().slice());
  else expect([state, found.every((byte) => byte === 0)]).toEqual(['completed', true]);
});

test.each(moments)('power goes %d ms after Firmware Commit', options, async ({ ssd }, afterMs) => {
  await putData(ssd);
  const old = (await ssd.identify()).firmware;
  await ssd.downloadFirmware(image('NEWER', { activation: 'controller-reset' }));
  await cut(ssd, afterMs, () => ssd.firmwareCommit({ action: 1, slot: 2 }));
  const running = (await ssd.identify()).firmware;
  expect([old, 'NEWER']).toContain(running);
  const { activeSlot, revisions } = await ssd.firmwareSlot();
  expect(revisions[activeSlot - 1]).toBe(running);
  expect(await blocks(ssd)).toEqual(data().slice());
});

test.each(moments)('power goes %d ms after Namespace Management began', options, async ({ ssd }, afterMs) => {
  await putData(ssd);
  const churn = async () => {
    for (let round = 0; round < 50; round += 1) {
      await ssd.deleteNamespace(otherNamespace);
      await ssd.attachNamespace(await ssd.createNamespace({ nsze: 1024 }));
    }
  };
  await cut(ssd, afterMs, churn);
  expect(await blocks(ssd)).toEqual(data().slice());
  const list = await ssd.identifyStructure({ cns: 0x10, nsid: 0 });
  if (list.u(7, 4) === otherNamespace) await ssd.deleteNamespace(otherNamespace);
  const nsid = await ssd.createNamespace({ nsze: 1024 });
  await ssd.attachNamespace(nsid);
  const buf = data();
  await ssd.namespace(nsid).write(await ssd.createQpair(), buf, { slba: 0, blockCount: 8 });
});
