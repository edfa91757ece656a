/**
 * The only reader of the evidence file (`native/driver/evidence_layout.h`, to be changed together): topology, counters and
 * command logs of one driver host, from the live file or from the copy made after its death. Nothing here throws on a short,
 * torn or foreign file: what could not be read is said in `problems`.
 */
import { type ReadBytes, u32, u64, viewOf } from './bytes.ts';
import { type ClockPoint, clockOf, type EvidenceClock } from './clock.ts';
import {
  type EvidenceController,
  type EvidenceQueue,
  readController,
  readQueue,
  type Segment,
  segmentBytes,
} from './evidenceSegments.ts';

export interface Evidence {
  readonly pid: number;
  readonly clock: EvidenceClock;
  readonly controllers: readonly EvidenceController[];
  /** Queues whose controller could not be read. */
  readonly orphans: readonly EvidenceQueue[];
  /** What could not be read, as sentences. Empty for a sound file. */
  readonly problems: readonly string[];
}

const magic = 0x3130444956454244n;
const version = 1;
const headerBytes = 64 * 1024;
const maxSegments = 1900;
const directoryOffset = 256;
const entryBytes = 24;
const kinds = { controller: 1, queue: 2 } as const;

/** Everything but the command records. A few KiB are read a queue: fit for polling. */
export function readEvidence(read: ReadBytes): Evidence {
  const problems: string[] = [];
  const header = read(0, directoryOffset);
  const fault = headerFault(header);
  if (fault !== undefined) return { pid: 0, clock: unknownClock, controllers: [], orphans: [], problems: [fault] };
  const clock = readClock(read, header);
  const segments = readDirectory(read, u32(viewOf(header), 24), problems);
  const queues = segments.filter((s) => s.kind === kinds.queue).flatMap((s) => readQueue(read, s, problems));
  const controllers = segments
    .filter((segment) => segment.kind === kinds.controller)
    .flatMap((segment) => readController(read, segment, { clock, queues, problems }));
  const known = new Set(controllers.map((controller) => controller.segment));
  const orphans = queues.filter((queue) => !known.has(queue.controllerSegment));
  return { pid: u32(viewOf(header), 12), clock, controllers, orphans, problems };
}

/** The queue of that segment, also when its controller could not be read. */
export function findQueue(evidence: Evidence, segment: number): EvidenceQueue | undefined {
  const queues = evidence.controllers.flatMap((controller) => controller.queues);
  return [...queues, ...evidence.orphans].find((queue) => queue.segment === segment);
}

const nullPoint: ClockPoint = { ticks: 0n, monotonicNs: 0n, realtimeNs: 0n };
const unknownClock = clockOf(nullPoint, undefined, 0n);

function headerFault(header: Uint8Array): string | undefined {
  if (header.length < directoryOffset) return `The evidence file is too short: ${header.length} bytes, no header.`;
  const view = viewOf(header);
  if (u64(view, 0) !== magic) return 'This is not an evidence file: its first 8 bytes are not DBEVID01.';
  const found = u32(view, 8);
  if (found === version) return undefined;
  return `The evidence file has layout ${found}; this version of Doorbell reads layout ${version}.`;
}

/** The latest point is being rewritten about once a second: taken when two readings of it agree. */
function readClock(read: ReadBytes, header: Uint8Array): EvidenceClock {
  const rate = u64(viewOf(header), 16);
  const first = clockPoint(viewOf(header), 64);
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const before = read(96, 32);
    const after = read(96, 32);
    if (before.length < 32 || after.length < 32) break;
    const sequence = u64(viewOf(before), 24);
    const same = sequence === u64(viewOf(after), 24) && before.every((byte, index) => byte === after[index]);
    if (same && sequence % 2n === 0n) return clockOf(first, clockPoint(viewOf(before), 0), rate);
  }
  return clockOf(first, undefined, rate);
}

function clockPoint(view: DataView, offset: number): ClockPoint {
  return { ticks: u64(view, offset), monotonicNs: u64(view, offset + 8), realtimeNs: u64(view, offset + 16) };
}

function readDirectory(read: ReadBytes, count: number, problems: string[]): Segment[] {
  const wanted = Math.min(count, maxSegments);
  if (wanted !== count) problems.push(`The directory claims ${count} segments; ${maxSegments} can be.`);
  const bytes = read(directoryOffset, wanted * entryBytes);
  const present = Math.floor(bytes.length / entryBytes);
  if (present < wanted) problems.push(`The file ends inside the directory: ${wanted - present} segments are lost.`);
  const view = viewOf(bytes);
  const segments: Segment[] = [];
  for (let index = 0; index < present; index += 1) {
    const at = index * entryBytes;
    const kind = u32(view, at + 16);
    if (kind !== kinds.controller && kind !== kinds.queue) continue;
    const segment = { id: index, offset: Number(u64(view, at)), size: Number(u64(view, at + 8)), kind };
    if (isPlausible(segment)) segments.push(segment);
    else problems.push(`Segment ${index} has an impossible place or size and is left out.`);
  }
  return segments;
}

function isPlausible({ offset, size }: Segment): boolean {
  return Number.isSafeInteger(offset + size) && offset >= headerBytes && size >= segmentBytes;
}
