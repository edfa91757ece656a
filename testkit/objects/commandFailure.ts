import type { Command } from './command.ts';
import type { Cqe } from './cqe.ts';
import {
  CommandTimeoutError,
  type DataMismatch,
  DataMismatchError,
  endedError,
  type FailedQueue,
  type FailureFacts,
  NvmeStatusError,
} from './errors.ts';
import { Sqe } from './sqeEntry.ts';

/** @internal */
export interface FailureContext {
  readonly qpair: FailedQueue & { readonly segment: number };
  /** Read now, while the device is as the command left it. */
  readonly dossier: () => string;
  /** Of the command of that number. */
  readonly mismatch: (sequence: number) => DataMismatch | undefined;
}

/** Why a command did not succeed; undefined when it did, or was allowed to fail. @internal */
export function commandFailure(
  command: Command,
  cqe: Cqe,
  { qpair, dossier, mismatch }: FailureContext,
): Error | undefined {
  const { allowError, timeoutMs } = command.recipe;
  if (cqe.outcome === 'completed' && (cqe.ok || allowError)) return undefined;
  const facts: FailureFacts = {
    sqe: new Sqe(command.posted ?? new Uint32Array(16)),
    cqe,
    qpair,
    cmdlog: {
      controller: qpair.controller.address,
      qid: qpair.qid,
      sequence: BigInt(cqe.sequence),
      segment: qpair.segment,
    },
  };
  if (cqe.outcome === 'completed') return new NvmeStatusError(facts);
  if (cqe.outcome === 'data-mismatch') return new DataMismatchError(facts, mismatch(cqe.sequence));
  if (cqe.outcome === 'timed-out') return new CommandTimeoutError(facts, { timeoutMs, dossier: dossier() });
  return endedError(cqe.outcome, facts);
}
