import assert from 'node:assert/strict';
import { type ReadBytes, readerOf } from '../../../testkit/nvme/bytes.ts';
import { readCommands } from '../../../testkit/nvme/commandRecords.ts';
import { findQueue, readEvidence } from '../../../testkit/nvme/evidence.ts';
import type { ControllerSnapshot } from '../../../testkit/protocol.ts';
import { EvidenceBytes, randomOf } from './evidenceBytes.ts';

function sample(): EvidenceBytes {
  const file = new EvidenceBytes();
  file.clock('first', [1000n, 5n, 1_600_000_000_000_000_000n]);
  file.clock('latest', [3_000_001_000n, 1_000_000_005n, 1_600_000_001_000_000_000n]);
  const controller = file.controller('emulated');
  file.queue({ controller, qid: 1, slots: 4, createdTicks: 5n, state: 2 });
  file.queue({ controller, qid: 0, slots: 4 });
  file.queue({ controller, qid: 1, slots: 4, createdTicks: 9n });
  return file;
}

describe('readEvidence', () => {
  it('reads controllers with their queues: by qid, live before deleted', () => {
    const evidence = readEvidence(readerOf(sample().bytes));
    assert.deepEqual(evidence.problems, []);
    assert.equal(evidence.pid, 4711);
    // Fit to be sent as it is.
    const snapshots: readonly ControllerSnapshot[] = evidence.controllers;
    const [controller] = snapshots;
    assert.equal(controller!.address, 'emulated');
    assert.equal(controller!.model, 'Doorbell Emulated SSD');
    assert.equal(controller!.serial, 'DB0001');
    assert.equal(controller!.firmware, '1.0');
    assert.equal(controller!.state, 'ready');
    assert.equal(evidence.controllers[0]!.cap, 0x30_0000_03ffn);
    assert.deepEqual(
      controller!.queues.map(({ qid, live, segment }) => [qid, live, segment]),
      [
        [0, true, 2],
        [1, true, 3],
        [1, false, 1],
      ],
    );
  });

  it('reads the counters and the ring of a queue', () => {
    const queue = findQueue(readEvidence(readerOf(sample().bytes)), 3)!;
    const { submitted, completed, errors, bytesRead, bytesWritten, readCommands: reads, writeCommands: writes } = queue;
    assert.deepEqual(
      [submitted, completed, errors, bytesRead, bytesWritten, reads, writes],
      [9n, 8n, 1n, 4096n, 512n, 6n, 2n],
    );
    assert.deepEqual(
      [queue.depth, queue.owner, queue.lbaBytes, queue.logged, queue.ringSlots],
      [16, 'script', 512, 9n, 4],
    );
  });

  it('keeps a queue whose controller is gone', () => {
    const file = sample();
    file.view().setUint32(256 + 16, 0, true);
    const evidence = readEvidence(readerOf(file.bytes));
    assert.equal(evidence.controllers.length, 0);
    assert.equal(evidence.orphans.length, 3);
    assert.ok(findQueue(evidence, 2));
  });

  it('says why a file is no evidence, and does not throw', () => {
    const reasons = [
      [new Uint8Array(0), /too short: 0 bytes/],
      [new Uint8Array(70_000), /not an evidence file/],
    ] as const;
    for (const [bytes, reason] of reasons) assert.match(readEvidence(readerOf(bytes)).problems.join(), reason);
    const newer = sample();
    newer.view().setUint32(8, 2, true);
    assert.match(readEvidence(readerOf(newer.bytes)).problems.join(), /layout 2; .* reads layout 1/);
  });

  it('reads what is there of a truncated file, at every length, and says what is lost', () => {
    const whole = sample().bytes;
    for (let length = 0; length < whole.length; length += 97) {
      const read = readerOf(whole.subarray(0, length));
      const evidence = readEvidence(read);
      for (const queue of [...evidence.controllers.flatMap(({ queues }) => queues), ...evidence.orphans]) {
        readCommands(read, queue, 10);
      }
      assert.ok(evidence.problems.length > 0 || length > whole.length - 512 - 4096, `nothing said at ${length}`);
    }
  });

  it('survives garbage everywhere', () => {
    const random = randomOf(20260721);
    for (let round = 0; round < 300; round += 1) {
      const { bytes } = sample();
      for (let hit = 0; hit < 40; hit += 1) {
        bytes[(hit % 2 ? 0 : 16) + random(hit % 3 ? 400 : bytes.length - 16)] = random(256);
      }
      if (round % 3 > 0) bytes.set(sample().bytes.subarray(0, 12));
      const read = readerOf(bytes);
      const evidence = readEvidence(read);
      for (const { queues } of evidence.controllers) for (const queue of queues) readCommands(read, queue, 1_000_000);
      evidence.clock.unixNs(123_456n);
    }
  });

  it('refuses segments at impossible places', () => {
    const file = sample();
    file.view().setBigUint64(256 + 24, 0xffff_ffff_ffff_ffffn, true);
    file.view().setUint32(24, 5000, true);
    const evidence = readEvidence(readerOf(file.bytes));
    assert.match(evidence.problems.join(' '), /claims 5000 segments.*Segment 1 has an impossible place/);
    assert.equal(evidence.controllers[0]!.queues.length, 2);
  });
});

describe('evidence clock', () => {
  const base = 1_600_000_000_000_000_000n;
  const clockOf = (file: EvidenceBytes) => readEvidence(readerOf(file.bytes)).clock;

  it('converts ticks exactly, at both points, between and beyond', () => {
    const { clock } = readEvidence(readerOf(sample().bytes));
    assert.equal(clock.unixNs(1000n), base);
    assert.equal(clock.unixNs(3_000_001_000n), base + 1_000_000_000n);
    assert.equal(clock.unixNs(1003n), base + 1n);
    assert.equal(clock.unixNs(6_000_001_000n), base + 2_000_000_000n);
    assert.equal(clock.unixNs(997n), base - 1n);
    assert.equal(clock.monotonicNs(1000n), 5n);
    assert.equal(clock.durationNs(3_000_000_000n), 1_000_000_000n);
  });

  it('stays exact over a year, where doubles would be off by microseconds', () => {
    const year = 31_536_000n;
    const file = new EvidenceBytes().clock('first', [7n, 0n, base]);
    file.clock('latest', [7n + year * 2_999_999_937n, year * 1_000_000_000n, base + year * 1_000_000_000n]);
    const clock = clockOf(file);
    assert.equal(clock.unixNs(7n + (year / 3n) * 2_999_999_937n), base + (year / 3n) * 1_000_000_000n);
  });

  it('never runs backwards', () => {
    const { clock } = readEvidence(readerOf(sample().bytes));
    let last = clock.unixNs(0n);
    for (let ticks = 1n; ticks < 5000n; ticks += 1n) {
      const now = clock.unixNs(ticks);
      assert.ok(now >= last);
      last = now;
    }
  });

  it('uses the nominal rate until there is a second point, and while it is being written', () => {
    const early = new EvidenceBytes(2_000_000_000n).clock('first', [10n, 0n, base]);
    assert.equal(clockOf(early).unixNs(12n), base + 1n);
    early.clock('latest', [999n, 1n, 1n], 3n);
    assert.equal(clockOf(early).unixNs(12n), base + 1n);
  });

  it('keeps intervals true when the wall clock was set during the run', () => {
    const file = new EvidenceBytes(1_000_000_000n).clock('first', [0n, 0n, base]);
    file.clock('latest', [1_000_000_000n, 1_000_000_000n, base + 3_601_000_000_000n]);
    const clock = clockOf(file);
    assert.equal(clock.unixNs(1_000_000_000n), base + 3_601_000_000_000n);
    assert.equal(clock.unixNs(1_000_000_000n) - clock.unixNs(0n), 1_000_000_000n);
  });
});

describe('readCommands', () => {
  const ringOf = (records: Parameters<EvidenceBytes['queue']>[0]['records'], slots = 8) => {
    const file = new EvidenceBytes();
    const controller = file.controller('emulated');
    const segment = file.queue({ controller, qid: 1, slots, records: records ?? {} });
    return { file, queue: findQueue(readEvidence(readerOf(file.bytes)), segment)! };
  };

  it('gives the newest first, wherever they are in the ring', () => {
    const { file, queue } = ringOf({
      0: { sequence: 20n },
      1: { sequence: 22n },
      2: { sequence: 6n },
      5: { sequence: 18n },
    });
    const log = readCommands(readerOf(file.bytes), queue, 3);
    assert.deepEqual(
      log.commands.map(({ sequence }) => sequence),
      [11n, 10n, 9n],
    );
    assert.deepEqual(log.problems, []);
  });

  it('leaves out records being written', () => {
    const { file, queue } = ringOf({ 0: { sequence: 2n }, 1: { sequence: 3n } });
    const log = readCommands(readerOf(file.bytes), queue, 10);
    assert.deepEqual([log.commands.length, log.torn], [1, 1]);
  });

  it('leaves out a record that changed while it was read', () => {
    const { file, queue } = ringOf({ 0: { sequence: 2n, sqe: [1] }, 1: { sequence: 4n, sqe: [2] } });
    let reads = 0;
    const read: ReadBytes = (offset, length) => {
      reads += 1;
      // Between the first and the last reading slot 0 is taken by a newer command.
      if (reads === 3) file.view().setBigUint64(queue.ringOffset + 64, 18n, true);
      return readerOf(file.bytes)(offset, length).slice();
    };
    assert.deepEqual(
      readCommands(read, queue, 10).commands.map(({ sequence }) => sequence),
      [2n],
    );
  });

  it('never shows a completion entry that was not yet published', () => {
    const { file, queue } = ringOf({ 0: { sequence: 2n } });
    let reads = 0;
    const read: ReadBytes = (offset, length) => {
      reads += 1;
      // The copy sees the outcome of a completion whose entry the copy has not: the order of stores against the order of the copy.
      if (reads === 2) file.view().setUint32(queue.ringOffset + 104, 1, true);
      return readerOf(file.bytes)(offset, length).slice();
    };
    const [command] = readCommands(read, queue, 10).commands;
    assert.deepEqual([command!.outcome, command!.cqe], ['in-flight', undefined]);
  });

  it('names every outcome, and has a completion entry only from the device', () => {
    const names = ['in-flight', 'completed', 'timed-out', 'reset', 'power-lost', 'queue-deleted', 'removed', 'closed'];
    const records = Object.fromEntries(
      names.map((_, outcome) => [outcome, { sequence: BigInt(100 - outcome * 2), outcome, completeTicks: 7n }]),
    );
    const { file, queue } = ringOf(records);
    const { commands } = readCommands(readerOf(file.bytes), queue, 10);
    assert.deepEqual(
      commands.map(({ outcome }) => outcome),
      names,
    );
    assert.deepEqual(
      commands.map(({ cqe }) => cqe !== undefined),
      names.map((name) => name === 'completed'),
    );
    assert.deepEqual(
      commands.map(({ completeTicks }) => completeTicks),
      [undefined, ...Array(7).fill(7n)],
    );
  });

  it('says how many records a cut file lost', () => {
    const { file, queue } = ringOf({ 0: { sequence: 2n } });
    const log = readCommands(readerOf(file.bytes.subarray(0, queue.ringOffset + 300)), queue, 10);
    assert.match(log.problems.join(), /6 of 8 records are lost/);
    assert.equal(log.commands.length, 1);
  });
});
