/** Command logs out of this process's own evidence file, the one place they are. */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import type { ReadBytes } from '../nvme/bytes.ts';
import { renderCmdlog } from '../nvme/cmdlogText.ts';
import { type CommandRecord, readCommands } from '../nvme/commandRecords.ts';
import { type Evidence, findQueue, readEvidence } from '../nvme/evidence.ts';
import type { EvidenceQueue } from '../nvme/evidenceSegments.ts';
import { HostEnv } from '../protocol.ts';
import { Cqe } from './cqe.ts';
import { Sqe } from './sqeEntry.ts';

/** Text of the newest `max` commands of a queue, newest first; empty where there is no evidence file. @internal */
export function queueLogText(segment: number, max: number): string {
  const text = withQueue(segment, ({ read, evidence, queue }) => {
    const { commands } = readCommands(read, queue, max);
    return renderCmdlog(commands, { qid: queue.qid, clock: evidence.clock }).text;
  });
  return text ?? '';
}

/** A command as it is logged. */
export interface LoggedCommand {
  /** As posted. */
  readonly sqe: Sqe;
  /** Undefined unless the device completed it. */
  readonly cqe: Cqe | undefined;
}

/** The newest `max` commands of a queue, newest first; none where there is no evidence file. @internal */
export function lastCommands(segment: number, max: number): LoggedCommand[] {
  const found = withQueue(segment, ({ read, evidence, queue }) =>
    readCommands(read, queue, max).commands.map((command) => logged(command, evidence)),
  );
  return found ?? [];
}

/** Undefined when the log no longer has it, or there is no evidence file. @internal */
export function loggedCommand(segment: number, sequence: bigint): LoggedCommand | undefined {
  return withQueue(segment, ({ read, evidence, queue }) => {
    const found = readCommands(read, queue, queue.ringSlots).commands.find((command) => command.sequence === sequence);
    return found && logged(found, evidence);
  });
}

function logged(command: CommandRecord, evidence: Evidence): LoggedCommand {
  const ticks = (command.completeTicks ?? command.submitTicks) - command.submitTicks;
  const latencyNs = evidence.clock.durationNs(ticks);
  return {
    sqe: new Sqe(new Uint32Array(command.sqe.slice().buffer)),
    cqe: command.cqe && Cqe.logged(command.cqe, { sequence: command.sequence, latencyNs }),
  };
}

interface OpenQueue {
  readonly read: ReadBytes;
  readonly evidence: Evidence;
  readonly queue: EvidenceQueue;
}

function withQueue<T>(segment: number, use: (open: OpenQueue) => T): T | undefined {
  const file = process.env[HostEnv.evidence];
  // The parent may have taken the file away: a log less is no reason to fail.
  if (file === undefined || !existsSync(file)) return undefined;
  const descriptor = openSync(file, 'r');
  try {
    const read = readerOfDescriptor(descriptor);
    const evidence = readEvidence(read);
    const queue = findQueue(evidence, segment);
    return queue && use({ read, evidence, queue });
  } finally {
    closeSync(descriptor);
  }
}

function readerOfDescriptor(descriptor: number): ReadBytes {
  return (offset, length) => {
    const bytes = new Uint8Array(length);
    let total = 0;
    while (total < length) {
      const count = readSync(descriptor, bytes, total, length - total, offset + total);
      if (count === 0) break;
      total += count;
    }
    return bytes.subarray(0, total);
  };
}
