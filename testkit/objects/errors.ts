/** Why a command did not succeed, typed by reason. None of them is a misuse: that is a TypeError or a RangeError. */
import { formatStatus } from '../nvme/status.ts';
import type { CmdlogLink } from '../protocol.ts';
import { thousands } from './checks.ts';
import type { CommandOutcome, Cqe } from './cqe.ts';
import type { Sqe } from './sqeEntry.ts';

/** The queue pair of a failed command, enough to speak of it. */
export interface FailedQueue {
  readonly qid: number;
  readonly controller: { readonly address: string };
}

/** What is known of the command that failed. */
export interface FailureFacts {
  readonly sqe: Sqe;
  readonly cqe: Cqe;
  readonly qpair: FailedQueue;
  readonly cmdlog: CmdlogLink;
}

/** A command that did not complete successfully. */
export abstract class CommandError extends Error {
  // Private, with accessors: a printed error is its message and stack, not the whole controller.
  readonly #facts: FailureFacts;

  protected constructor(message: string, facts: FailureFacts) {
    super(message);
    this.#facts = facts;
  }

  /** As posted. */
  get sqe(): Sqe {
    return this.#facts.sqe;
  }

  /** The completion; where the device posted none, its dwords are 0. */
  get cqe(): Cqe {
    return this.#facts.cqe;
  }

  /** The queue pair it was sent on. */
  get qpair(): FailedQueue {
    return this.#facts.qpair;
  }

  /** Where the command stands in the command logs. */
  get cmdlog(): CmdlogLink {
    return this.#facts.cmdlog;
  }
}

/** The device completed the command with a status other than success. */
export class NvmeStatusError extends CommandError {
  /** The status by the specification's name, as in `LBA Out of Range`. */
  override readonly name: string;
  /** Status Code Type, 0..7. */
  readonly type: number;
  /** Status Code, 0..255. */
  readonly code: number;
  /** Do Not Retry. */
  readonly dnr: boolean;
  /** More: the Error Information log page says more. */
  readonly more: boolean;

  /** @internal */
  constructor(facts: FailureFacts) {
    const { status } = facts.cqe;
    const flags = `${status.dnr ? ', do not retry' : ''}${status.more ? ', more in the error log' : ''}`;
    super(`${formatStatus(status)}${flags}: ${placeOf(facts)}`, facts);
    this.name = status.name;
    this.type = status.type;
    this.code = status.code;
    this.dnr = status.dnr;
    this.more = status.more;
  }
}

/** No completion before the command's deadline. Its CID and buffer stay reserved until a late one, or the end of the queue. */
export class CommandTimeoutError extends CommandError {
  override readonly name = 'CommandTimeoutError';
  /** Milliseconds it had. */
  readonly timeoutMs: number;
  /** CSTS, doorbells, outstanding commands and the last ones of the queue, as text. */
  readonly dossier: string;

  /** @internal */
  constructor(facts: FailureFacts, { timeoutMs, dossier }: { timeoutMs: number; dossier: string }) {
    super(`no completion in ${thousands(timeoutMs)} ms: ${placeOf(facts)}\n${dossier}`, facts);
    this.timeoutMs = timeoutMs;
    this.dossier = dossier;
  }
}

/** What a read gave instead of what was written. */
export interface DataMismatch {
  /** Data of another block, of an older write of this block, or of nobody. */
  readonly kind: 'misplaced' | 'stale' | 'corrupt';
  /** The block that was read. */
  readonly lba: bigint;
  /** Number of the write whose data it should be. */
  readonly expectedToken: bigint;
  /** What the block says of itself: its first 8 bytes. */
  readonly foundLba: bigint;
  /** Its last 8 bytes. */
  readonly foundToken: bigint;
  /** All of it in one sentence. */
  readonly message: string;
}

/** A read that succeeded, but not with the data that was written; only while the namespace is verified. */
export class DataMismatchError extends CommandError {
  override readonly name = 'DataMismatchError';
  /** `misplaced`: another block's data; `stale`: an older write's. */
  readonly kind: 'misplaced' | 'stale' | 'corrupt';
  /** The first block that is wrong. */
  readonly lba: bigint;
  /** All that is known; undefined where the driver has forgotten it. */
  readonly mismatch: DataMismatch | undefined;

  /** @internal */
  constructor(facts: FailureFacts, mismatch: DataMismatch | undefined) {
    super(`${mismatch?.message ?? 'media: data mismatch'}: ${placeOf(facts)}`, facts);
    this.kind = mismatch?.kind ?? 'corrupt';
    this.lba = mismatch?.lba ?? 0n;
    this.mismatch = mismatch;
  }
}

/** Outstanding when the controller was reset or disabled. */
export class ControllerResetError extends CommandError {
  override readonly name = 'ControllerResetError';
  /** @internal */
  constructor(facts: FailureFacts) {
    super(`the controller was reset before the completion: ${placeOf(facts)}`, facts);
  }
}

/** Outstanding when the device lost power. */
export class PowerLostError extends CommandError {
  override readonly name = 'PowerLostError';
  /** @internal */
  constructor(facts: FailureFacts) {
    super(`the device lost power before the completion: ${placeOf(facts)}`, facts);
  }
}

/** Outstanding when its queue pair was deleted. */
export class QueueDeletedError extends CommandError {
  override readonly name = 'QueueDeletedError';
  /** @internal */
  constructor(facts: FailureFacts) {
    super(`the queue pair was deleted before the completion: ${placeOf(facts)}`, facts);
  }
}

/** Outstanding when the device disappeared. */
export class ControllerRemovedError extends CommandError {
  override readonly name = 'ControllerRemovedError';
  /** @internal */
  constructor(facts: FailureFacts) {
    super(`the device was removed before the completion: ${placeOf(facts)}`, facts);
  }
}

/** Outstanding when the controller was closed: by the end of the run, a cancel, or the test. */
export class ControllerClosedError extends CommandError {
  override readonly name = 'ControllerClosedError';
  /** @internal */
  constructor(facts: FailureFacts) {
    super(`the controller was closed before the completion: ${placeOf(facts)}`, facts);
  }
}

/** The error of a command given up for a reason other than its deadline. @internal */
export function endedError(
  outcome: Exclude<CommandOutcome, 'completed' | 'timed-out' | 'data-mismatch'>,
  facts: FailureFacts,
): CommandError {
  switch (outcome) {
    case 'reset':
      return new ControllerResetError(facts);
    case 'power-lost':
      return new PowerLostError(facts);
    case 'queue-deleted':
      return new QueueDeletedError(facts);
    case 'removed':
      return new ControllerRemovedError(facts);
    case 'closed':
      return new ControllerClosedError(facts);
  }
}

/** `waitdone(n)`: fewer completions than asked for came in time. */
export class WaitdoneTimeoutError extends Error {
  override readonly name = 'WaitdoneTimeoutError';
  /** CSTS, doorbells, outstanding commands and the last ones of the queue, as text. */
  readonly dossier: string;
  /** @internal */
  constructor(message: string, dossier: string) {
    super(`${message}\n${dossier}`);
    this.dossier = dossier;
  }
}

/** What a `waitdone` that was not served says. @internal */
export function waitdoneTimeout(
  qpair: FailedQueue & { readonly outstanding: number },
  about: { readonly count: number; readonly timeoutMs: number; readonly seen: number; readonly dossier: string },
): WaitdoneTimeoutError {
  const { count, timeoutMs, seen, dossier } = about;
  const noun = seen === 1 ? 'completion' : 'completions';
  const message = `waitdone(${count}) on ${queueName(qpair)}: ${seen} ${noun} in ${timeoutMs} ms, ${qpair.outstanding} commands outstanding`;
  return new WaitdoneTimeoutError(message, dossier);
}

/** `Read, CID 5, NSID 1, SLBA 8, 1 block on emulated Q01` */
function placeOf({ sqe, qpair }: FailureFacts): string {
  return `${sqe.summary(qpair.qid)} on ${queueName(qpair)}`;
}

/** `emulated Q01` */
export function queueName({ controller, qid }: FailedQueue): string {
  return `${controller.address} Q${qid.toString(10).padStart(2, '0')}`;
}
