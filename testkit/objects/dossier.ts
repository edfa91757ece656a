import type { NativeChangedSlot, NativeDossier } from '../nativeQpair.ts';
import { hexDword } from './checks.ts';
import type { Sqe } from './sqeEntry.ts';

/** @internal */
export interface DossierFacts {
  readonly registers: NativeDossier;
  readonly qid: number;
  readonly postedOf: (cid: number) => Sqe;
  /** Text of the newest commands. */
  readonly log: () => string;
}

const shown = 8;

/** What a person needs to see why nothing comes. @internal */
export function dossierText({ registers, qid, postedOf, log }: DossierFacts): string {
  const { csts, cc, sqTail, sqHead, cqHead, cqPhase, outstandingCids, changedSlots } = registers;
  const lines = [
    `CSTS ${hexDword(csts)} (${cstsWords(csts)}), CC ${hexDword(cc)}`,
    `SQ tail ${sqTail}, SQ head ${sqHead}, CQ head ${cqHead}, expected phase ${cqPhase}`,
    `outstanding: ${outstandingCids.length === 0 ? 'none' : ''}`.trimEnd(),
    ...outstandingCids.slice(0, shown).map((cid) => `  ${postedOf(cid).summary(qid)}`),
  ];
  if (outstandingCids.length > shown) lines.push(`  ... and ${outstandingCids.length - shown} more`);
  lines.push(...changedSlots.slice(0, shown).map(changedSlotText));
  const last = log();
  return [...lines, ...(last === '' ? [] : ['last commands, newest first:', last.trimEnd()])].join('\n');
}

/** A completion the device posted without toggling the phase tag: nobody may take it for one. */
function changedSlotText({ slot, cqe, before }: NativeChangedSlot): string {
  const was = before.every((byte) => byte === 0) ? 'empty' : cqeText(before);
  return `CQ slot ${slot} changed, but its phase tag did not toggle: ${cqeText(cqe)} (before: ${was})`;
}

function cqeText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const status = (view.getUint16(14, true) >> 1).toString(16).padStart(4, '0');
  return `CID ${view.getUint16(12, true)}, SQ ${view.getUint16(10, true)}, SQ head ${view.getUint16(8, true)}, status ${status}h`;
}

const shutdownStatus = ['', 'shutdown occurring', 'shutdown complete', ''] as const;

/** CSTS in words (NVMe Base 2.0, Controller Status). */
function cstsWords(csts: number): string {
  if (csts === 0xffff_ffff) return 'all ones: the device does not answer';
  const words = [
    csts & 1 ? 'ready' : 'not ready',
    csts & 2 ? 'controller fatal' : '',
    shutdownStatus[(csts >> 2) & 3] ?? '',
  ];
  return words.filter((word) => word !== '').join(', ');
}
