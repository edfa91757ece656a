import { completionLayout, Outcome } from '../nativeQpair.ts';
import { type DecodedStatus, decodeStatus } from '../nvme/status.ts';

/**
 * How a command ended: `completed` by the device, or given up by the driver because of a deadline, a reset or disable of the
 * controller, the loss of its power, the deletion of its queue, the removal of the device or the closing of the controller; or completed
 * with data that is not what was written (`data-mismatch`, only while verification is on).
 */
export type CommandOutcome =
  | 'completed'
  | 'timed-out'
  | 'reset'
  | 'power-lost'
  | 'queue-deleted'
  | 'removed'
  | 'closed'
  | 'data-mismatch';

const outcomes: Readonly<Record<number, CommandOutcome>> = {
  [Outcome.Completed]: 'completed',
  [Outcome.TimedOut]: 'timed-out',
  [Outcome.Reset]: 'reset',
  [Outcome.PowerLost]: 'power-lost',
  [Outcome.QueueDeleted]: 'queue-deleted',
  [Outcome.Removed]: 'removed',
  [Outcome.Closed]: 'closed',
  [Outcome.DataMismatch]: 'data-mismatch',
};

/**
 * A completion queue entry (NVMe Base 2.0, "Common Completion Queue Entry") and what the driver knows of the command. Where the
 * outcome is not `completed` the device posted none and the dwords are 0.
 */
export class Cqe {
  /** Command specific. */
  readonly dw0: number;
  /** Command specific, or reserved. */
  readonly dw1: number;
  /** SQ Head Pointer (15:0), SQ Identifier (31:16). */
  readonly dw2: number;
  /** Command Identifier (15:0), Phase Tag (16), Status Field (31:17). */
  readonly dw3: number;
  /** Command Identifier. */
  readonly cid: number;
  /** How the command ended. */
  readonly outcome: CommandOutcome;
  /** From the write of the doorbell until the completion was seen, ns. */
  readonly latencyNs: number;
  /** 1-based number of the command on its queue: its place in the command log. */
  readonly sequence: number;

  /** @internal */
  constructor(view: DataView, at: number) {
    this.dw0 = view.getUint32(at, true);
    this.dw1 = view.getUint32(at + 4, true);
    this.dw2 = view.getUint32(at + 8, true);
    this.dw3 = view.getUint32(at + 12, true);
    this.cid = view.getUint16(at + completionLayout.cid, true);
    this.outcome = outcomes[view.getUint16(at + completionLayout.outcome, true)] ?? 'closed';
    this.latencyNs = u64(view, at + completionLayout.completeNs) - u64(view, at + completionLayout.submitNs);
    this.sequence = u64(view, at + completionLayout.sequence);
  }

  /** A completion of which only the status is known. @internal */
  static ofStatus(status: number, sequence: bigint): Cqe {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setUint32(12, status * 2 ** 17, true);
    return Cqe.logged(bytes, { sequence, latencyNs: 0n });
  }

  /** A completion out of a command log. @internal */
  static logged(cqe: Uint8Array, { sequence, latencyNs }: { sequence: bigint; latencyNs: bigint }): Cqe {
    const view = new DataView(new ArrayBuffer(completionLayout.size));
    new Uint8Array(view.buffer).set(cqe.subarray(0, 16));
    view.setBigUint64(completionLayout.completeNs, latencyNs, true);
    view.setBigUint64(completionLayout.sequence, sequence, true);
    view.setUint16(completionLayout.cid, view.getUint16(12, true), true);
    view.setUint16(completionLayout.outcome, Outcome.Completed, true);
    return new Cqe(view, 0);
  }

  /** Completed by the device, and successfully. */
  get ok(): boolean {
    // Status Code and Status Code Type; a retry delay or More alone make no error.
    return this.outcome === 'completed' && ((this.dw3 >>> 17) & 0x7ff) === 0;
  }

  /** Phase Tag. */
  get phase(): number {
    return (this.dw3 >>> 16) & 1;
  }

  /** The status field, decoded: type, code, the specification's name, dnr, more, crd. */
  get status(): DecodedStatus {
    return decodeStatus(this.dw3 >>> 17);
  }

  /** SQ Head Pointer. */
  get sqHead(): number {
    return this.dw2 & 0xffff;
  }

  /** SQ Identifier. */
  get sqId(): number {
    return this.dw2 >>> 16;
  }

  /** The same, microseconds. */
  get latencyUs(): number {
    return this.latencyNs / 1000;
  }
}

/** Exact below 2^53: ns of a clock that starts with the machine, and counts of commands. */
function u64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
}
