/**
 * The command log as text, in the predecessor's form: 8 lines an entry, newest first. `cmd001` is the newest: the number is the
 * entry's place in this text, as users know it, not a name of the command. A command's own number (its `sequence`, what links
 * carry) is in `CmdlogText.sequences`, in the order of the entries; {@link lineOfSequence} finds its line.
 */
import { u32, viewOf } from './bytes.ts';
import type { EvidenceClock } from './clock.ts';
import type { CommandOutcome, CommandRecord } from './commandRecords.ts';
import { commandName } from './opcode.ts';
import { cmdlogStatus, decodeStatus } from './status.ts';

export const linesPerEntry = 8;

export interface CmdlogText {
  readonly text: string;
  /** Number of the command on its queue, for each entry from the top. */
  readonly sequences: readonly bigint[];
}

export interface CmdlogTextOptions {
  /** 0 = admin: decides what an opcode means. */
  readonly qid: number;
  readonly clock: Pick<EvidenceClock, 'unixNs'>;
}

/** What stands in place of a status where the device completed nothing. */
const outcomeNames: Readonly<Record<Exclude<CommandOutcome, 'in-flight' | 'completed'>, string>> = {
  'timed-out': 'TIMED OUT',
  reset: 'CONTROLLER RESET',
  'power-lost': 'POWER LOST',
  'queue-deleted': 'QUEUE DELETED',
  removed: 'CONTROLLER REMOVED',
  closed: 'CONTROLLER CLOSED',
  'data-mismatch': 'DATA MISMATCH',
};

/** @param commands newest first, as `readCommands` gives them */
export function renderCmdlog(commands: readonly CommandRecord[], options: CmdlogTextOptions): CmdlogText {
  return {
    text: commands.map((command, index) => renderEntry(command, index + 1, options)).join(''),
    sequences: commands.map((command) => command.sequence),
  };
}

/** 0-based line of a command's entry; undefined when it is no longer (or not yet) in the text. */
export function lineOfSequence(sequences: readonly bigint[], sequence: bigint): number | undefined {
  const index = sequences.indexOf(sequence);
  return index < 0 ? undefined : index * linesPerEntry;
}

/** `2020-04-15 13:32:39.104405`, local time. */
export function formatLocalTime(unixNs: bigint): string {
  const microseconds = unixNs / 1000n;
  const date = new Date(Number(microseconds / 1000n));
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => digits(part, 2)).join('-');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => digits(part, 2)).join(':');
  return `${day} ${time}.${digits(Number(microseconds % 1_000_000n), 6)}`;
}

function renderEntry(command: CommandRecord, place: number, { qid, clock }: CmdlogTextOptions): string {
  const name = commandName(qid, command.sqe[0] ?? 0);
  const lines = [
    `${formatLocalTime(clock.unixNs(command.submitTicks))} [cmd${digits(place, 3)}: ${name}]`,
    ...rows(command.sqe),
    ...completionLines(command, clock),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

function completionLines(command: CommandRecord, clock: Pick<EvidenceClock, 'unixNs'>): string[] {
  if (command.outcome === 'in-flight') return ['not completed', '...'];
  const time = command.completeTicks ? formatLocalTime(clock.unixNs(command.completeTicks)) : 'time unknown';
  if (command.outcome !== 'completed') return [`${time}: [cpl: ${outcomeNames[command.outcome]}]`, '...'];
  const cqe = command.cqe ?? new Uint8Array(16);
  return [`${time}: [cpl: ${cmdlogStatus(decodeStatus(u32(viewOf(cqe), 12) >>> 17))}]`, ...rows(cqe)];
}

/** Dwords, four a line. */
function rows(bytes: Uint8Array): string[] {
  const view = viewOf(bytes);
  const dword = (index: number): string =>
    `0x${u32(view, index * 4)
      .toString(16)
      .padStart(8, '0')}`;
  return Array.from({ length: bytes.length / 16 }, (_, row) =>
    [0, 1, 2, 3].map((column) => dword(row * 4 + column)).join(', '),
  );
}

const digits = (value: number, length: number): string => String(value).padStart(length, '0');
