/** Command records of the evidence file (`native/driver/evidence_layout.h`): one queue's command log. */
import { type ReadBytes, u32, u64, viewOf } from './bytes.ts';

/** How a command ended; as `evidence::Outcome`. */
export type CommandOutcome =
  | 'in-flight'
  | 'completed'
  | 'timed-out'
  | 'reset'
  | 'power-lost'
  | 'queue-deleted'
  | 'removed'
  | 'closed'
  | 'data-mismatch';

export interface CommandRecord {
  /** 1-based number of the command on its queue. */
  readonly sequence: bigint;
  /** 64 bytes, as posted. */
  readonly sqe: Uint8Array;
  /** 16 bytes; undefined unless the device completed the command. */
  readonly cqe: Uint8Array | undefined;
  readonly outcome: CommandOutcome;
  readonly submitTicks: bigint;
  /** When it ended, however it did; undefined in flight. */
  readonly completeTicks: bigint | undefined;
  /** Data transferred. */
  readonly bytes: number;
}

/** Where a queue's records are: an `EvidenceQueue`. */
export interface CommandRing {
  readonly ringOffset: number;
  readonly ringSlots: number;
}

export interface CommandLog {
  /** Newest first. */
  readonly commands: readonly CommandRecord[];
  /** Slots being written at that moment (by a live driver, or by the one that died). */
  readonly torn: number;
  readonly problems: readonly string[];
}

export const recordBytes = 128;
/** 16 Mi records would be 2 GiB: no ring is that long, a damaged length may be. */
const maxSlots = 1 << 20;
const outcomes: readonly CommandOutcome[] = [
  'in-flight',
  'completed',
  'timed-out',
  'reset',
  'power-lost',
  'queue-deleted',
  'removed',
  'closed',
  'data-mismatch',
];

/** A record as the file has it. */
interface Slot {
  readonly sequence: bigint;
  readonly outcome: number;
}

/**
 * The newest `max` commands. By the layout's sequence lock: what was seen before the copy (number, outcome) must still be the
 * number after it; the outcome taken is the earlier one, whose completion entry was whole before it was published.
 */
export function readCommands(read: ReadBytes, ring: CommandRing, max: number): CommandLog {
  const problems: string[] = [];
  const slots = Math.min(ring.ringSlots, maxSlots);
  if (slots < ring.ringSlots) problems.push(`The ring claims ${ring.ringSlots} records; the first ${slots} are read.`);
  const load = () => read(ring.ringOffset, slots * recordBytes);
  const [before, copy, after] = [slotsOf(load()), load(), slotsOf(load())];
  const present = Math.min(before.length, Math.floor(copy.length / recordBytes), after.length);
  if (present < slots) problems.push(`The file ends inside the ring: ${slots - present} of ${slots} records are lost.`);
  const torn = before.slice(0, present).filter((slot) => slot.sequence % 2n === 1n).length;
  const commands = before
    .slice(0, present)
    .map((slot, index) => ({ slot, index }))
    .filter(({ slot, index }) => isSettled(slot) && after[index]?.sequence === slot.sequence)
    .sort((a, b) => (a.slot.sequence < b.slot.sequence ? 1 : -1))
    .slice(0, Math.max(0, max))
    .map(({ slot, index }) => decode(slot, copy.slice(index * recordBytes, (index + 1) * recordBytes)));
  return { commands, torn, problems };
}

const isSettled = (slot: Slot): boolean => slot.sequence !== 0n && slot.sequence % 2n === 0n;

function slotsOf(bytes: Uint8Array): Slot[] {
  const view = viewOf(bytes);
  const count = Math.floor(bytes.length / recordBytes);
  return Array.from({ length: count }, (_, index) => ({
    sequence: u64(view, index * recordBytes + 64),
    outcome: u32(view, index * recordBytes + 104),
  }));
}

function decode(slot: Slot, bytes: Uint8Array): CommandRecord {
  const view = viewOf(bytes);
  const outcome = outcomes[slot.outcome] ?? 'in-flight';
  return {
    sequence: slot.sequence / 2n,
    sqe: bytes.subarray(0, 64),
    cqe: outcome === 'completed' ? bytes.subarray(88, 104) : undefined,
    outcome,
    submitTicks: u64(view, 72),
    completeTicks: outcome === 'in-flight' ? undefined : u64(view, 80),
    bytes: u32(view, 108),
  };
}
