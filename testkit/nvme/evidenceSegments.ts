/** Controller and queue segments of the evidence file (`native/driver/evidence_layout.h`). Read through `evidence.ts`. */
import { type ReadBytes, text, u32, u64, viewOf } from './bytes.ts';
import type { EvidenceClock } from './clock.ts';
import { recordBytes } from './commandRecords.ts';

export type ControllerState = 'disabled' | 'ready' | 'shut-down' | 'powered-off' | 'removed' | 'closed' | 'fatal';

/** A controller of the run; assignable to `ControllerSnapshot` of `testkit/protocol.ts`. */
export interface EvidenceController {
  /** Id of its segment. */
  readonly segment: number;
  readonly address: string;
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
  readonly state: ControllerState;
  /** Controller properties VS and CAP. */
  readonly vs: number;
  readonly cap: bigint;
  /** ns since 1970. */
  readonly openedUnixNs: bigint;
  /** By qid, live before deleted, newest first. */
  readonly queues: readonly EvidenceQueue[];
}

/** A queue pair of the run, deleted ones included. */
export interface EvidenceQueue {
  readonly segment: number;
  /** Id of the controller's segment. */
  readonly controllerSegment: number;
  readonly qid: number;
  /** Queue entries. */
  readonly depth: number;
  /** `script`, `ioworker`, `admin`. */
  readonly owner: string;
  readonly live: boolean;
  readonly lbaBytes: number;
  readonly createdTicks: bigint;
  readonly submitted: bigint;
  readonly completed: bigint;
  /** Completions with a status other than 0. */
  readonly errors: bigint;
  readonly bytesRead: bigint;
  readonly bytesWritten: bigint;
  readonly readCommands: bigint;
  readonly writeCommands: bigint;
  /** Commands ever logged. */
  readonly logged: bigint;
  /** Where its ring is. */
  readonly ringOffset: number;
  readonly ringSlots: number;
}

/** An entry of the directory. */
export interface Segment {
  readonly id: number;
  readonly offset: number;
  readonly size: number;
  readonly kind: number;
}

/** Bytes of a segment before a queue's ring, and the part of them in use. */
export const segmentBytes = 4096;
const usedSegmentBytes = 640;
const controllerStates: readonly ControllerState[] = [
  'disabled',
  'ready',
  'shut-down',
  'powered-off',
  'removed',
  'closed',
  'fatal',
];

/** None where the file ends before it. */
export function readController(
  read: ReadBytes,
  segment: Segment,
  context: { clock: EvidenceClock; queues: readonly EvidenceQueue[]; problems: string[] },
): EvidenceController[] {
  const bytes = readSegment(read, segment, context.problems);
  if (bytes === undefined) return [];
  const view = viewOf(bytes);
  const state = controllerStates[u32(view, 584)];
  if (state === undefined) context.problems.push(`Segment ${segment.id}: unknown controller state ${u32(view, 584)}.`);
  return [
    {
      segment: segment.id,
      address: text(bytes, 0, 512),
      model: text(bytes, 512, 40),
      serial: text(bytes, 552, 24),
      firmware: text(bytes, 576, 8),
      state: state ?? 'fatal',
      vs: u32(view, 588),
      cap: u64(view, 592),
      openedUnixNs: context.clock.unixNs(u64(view, 600)),
      queues: context.queues.filter((queue) => queue.controllerSegment === segment.id).sort(byQid),
    },
  ];
}

function byQid(a: EvidenceQueue, b: EvidenceQueue): number {
  if (a.qid !== b.qid) return a.qid - b.qid;
  if (a.live !== b.live) return a.live ? -1 : 1;
  return a.createdTicks < b.createdTicks ? 1 : -1;
}

/** None where the file ends before it. */
export function readQueue(read: ReadBytes, segment: Segment, problems: string[]): EvidenceQueue[] {
  const bytes = readSegment(read, segment, problems);
  if (bytes === undefined) return [];
  const view = viewOf(bytes);
  const ringSlots = u32(view, 12);
  const room = Math.floor((segment.size - segmentBytes) / recordBytes);
  if (ringSlots > room) problems.push(`Segment ${segment.id} claims ${ringSlots} records and has room for ${room}.`);
  return [
    {
      segment: segment.id,
      controllerSegment: u32(view, 0),
      qid: u32(view, 4),
      depth: u32(view, 8),
      ringSlots: Math.min(ringSlots, room),
      live: u32(view, 16) === 1,
      lbaBytes: u32(view, 20),
      createdTicks: u64(view, 24),
      owner: text(bytes, 32, 32),
      submitted: u64(view, 64),
      logged: nonNegative(u64(view, 72) - 1n),
      completed: u64(view, 128),
      errors: u64(view, 136),
      bytesRead: u64(view, 144),
      bytesWritten: u64(view, 152),
      readCommands: u64(view, 160),
      writeCommands: u64(view, 168),
      ringOffset: segment.offset + segmentBytes,
    },
  ];
}

const nonNegative = (value: bigint): bigint => (value < 0n ? 0n : value);

function readSegment(read: ReadBytes, segment: Segment, problems: string[]): Uint8Array | undefined {
  const bytes = read(segment.offset, usedSegmentBytes);
  if (bytes.length === usedSegmentBytes) return bytes;
  problems.push(`The file ends inside segment ${segment.id}: it is lost.`);
  return undefined;
}
