import type { NativeDossier } from '../nativeSurface.ts';
import { hexDword } from './checks.ts';
import type { Sqe } from './sqe.ts';

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
  const { csts, cc, sqTail, sqHead, cqHead, cqPhase, outstandingCids } = registers;
  const lines = [
    `CSTS ${hexDword(csts)} (${cstsWords(csts)}), CC ${hexDword(cc)}`,
    `SQ tail ${sqTail}, SQ head ${sqHead}, CQ head ${cqHead}, expected phase ${cqPhase}`,
    `outstanding: ${outstandingCids.length === 0 ? 'none' : ''}`.trimEnd(),
    ...outstandingCids.slice(0, shown).map((cid) => `  ${postedOf(cid).summary(qid)}`),
  ];
  if (outstandingCids.length > shown) lines.push(`  ... and ${outstandingCids.length - shown} more`);
  const last = log();
  return [...lines, ...(last === '' ? [] : ['last commands, newest first:', last.trimEnd()])].join('\n');
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
