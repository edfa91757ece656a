import {
  CommandTimeoutError,
  type Controller,
  type DriverEvent,
  expect,
  type FaultWhen,
  test,
} from '@doorbell/testkit';

// Completions that no command can own are reported with the raw entry, and never taken for another command's.

const reading: FaultWhen = { queue: 'io', command: 'read' };

/** Events of malformed completions, which are then expected. */
function listen(nvme0: Controller): DriverEvent[] {
  const seen: DriverEvent[] = [];
  nvme0.onEvent((event) => seen.push(event) > 0);
  return seen;
}

async function awaitOne(seen: readonly DriverEvent[]): Promise<DriverEvent> {
  const until = Date.now() + 5000;
  for (;;) {
    if (seen[0] !== undefined) return seen[0];
    if (Date.now() > until) throw new Error('no event came within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

test('an unknown CID is reported, and its command times out', {
  spec: 'NVMe Base 2.0, Common Completion Queue Entry: Command Identifier',
}, async ({ nvme0, nvme0n1, qpair, buf }) => {
  const seen = listen(nvme0);
  nvme0.faults.wrongCid(0x7abc, reading);
  await expect(nvme0n1.read(qpair, buf, { slba: 0, timeoutMs: 200 })).rejects.toThrow(CommandTimeoutError);
  const event = await awaitOne(seen);
  expect(event).toMatchObject({ kind: 'malformed-completion', reason: 'unknown-cid', qid: qpair.qid });
  expect(event.cqe?.slice(12, 14)).toEqual(Uint8Array.of(0xbc, 0x7a));
});

test('a wrong SQ identifier is reported', {
  spec: 'NVMe Base 2.0, Common Completion Queue Entry: SQ Identifier',
}, async ({ nvme0, nvme0n1, qpair, buf }) => {
  const seen = listen(nvme0);
  nvme0.faults.wrongSqid(60, reading);
  await nvme0n1.read(qpair, buf, { slba: 0, timeoutMs: 200 }).catch(() => undefined);
  expect(await awaitOne(seen)).toMatchObject({ kind: 'malformed-completion', reason: 'wrong-sqid' });
});

test('an SQ head out of range is reported', {
  spec: 'NVMe Base 2.0, Common Completion Queue Entry: SQ Head Pointer',
}, async ({ nvme0, nvme0n1, qpair, buf }) => {
  const seen = listen(nvme0);
  nvme0.faults.sqHeadOutOfRange(reading);
  await nvme0n1.read(qpair, buf, { slba: 0, timeoutMs: 200 }).catch(() => undefined);
  expect(await awaitOne(seen)).toMatchObject({ kind: 'malformed-completion', reason: 'sq-head' });
});

test('a second completion of a command is reported, the first one counts', {
  spec: 'NVMe Base 2.0, Common Completion Queue Entry: Command Identifier',
}, async ({ nvme0, nvme0n1, qpair, buf }) => {
  const seen = listen(nvme0);
  nvme0.faults.duplicateCompletion(reading);
  const cqe = await nvme0n1.read(qpair, buf, { slba: 0 });
  expect(cqe.ok).toBe(true);
  expect(await awaitOne(seen)).toMatchObject({ kind: 'malformed-completion', qid: qpair.qid });
  await nvme0n1.read(qpair, buf, { slba: 0 });
});

test('a completion in an unexpected queue is reported', {
  spec: 'NVMe Base 2.0, Completion Queue',
}, async ({ nvme0, nvme0n1, qpair, buf }) => {
  const seen = listen(nvme0);
  nvme0.faults.unexpectedQueue(0, reading);
  await expect(nvme0n1.read(qpair, buf, { slba: 0, timeoutMs: 200 })).rejects.toThrow(CommandTimeoutError);
  // The driver looks into the admin queue while a command of its own is there.
  await nvme0.identify();
  expect(await awaitOne(seen)).toMatchObject({ kind: 'malformed-completion', qid: 0 });
});

test('an entry without its phase toggle is a time-out that names the slot', {
  spec: 'NVMe Base 2.0, Common Completion Queue Entry: Phase Tag',
}, async ({ nvme0, nvme0n1, qpair, buf }) => {
  nvme0.faults.stalePhase(reading);
  await expect(nvme0n1.read(qpair, buf, { slba: 0, timeoutMs: 200 })).rejects.toThrow(/slot|phase/i);
});
