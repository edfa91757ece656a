import * as vscode from 'vscode';
import type { CmdlogLink } from '../../testkit/protocol.ts';
import { CmdlogScheme } from '../views.ts';

/** Names one queue of one host for ever: the segment stays its own even after the qid was given to another queue. */
export interface CmdlogAddress {
  /** Of the driver host. */
  readonly pid: number;
  readonly controller: string;
  readonly qid: number;
  readonly segment: number;
}

/** A command link's or a button's argument; JSON, so the sequence is a string. */
export interface CmdlogTarget extends CmdlogAddress {
  /** Command to reveal, decimal. */
  readonly sequence?: string;
}

/** `CMDLOG emulated Q01` */
export function cmdlogTitle({ controller, qid }: Pick<CmdlogAddress, 'controller' | 'qid'>): string {
  return `CMDLOG ${controller} Q${queueNumber(qid)}`;
}

/** `01` */
export function queueNumber(qid: number): string {
  return String(qid).padStart(2, '0');
}

/** Stable: the same queue is always the same editor. Its last path segment is the editor's title. */
export function cmdlogUri(address: CmdlogAddress): vscode.Uri {
  const { pid, controller, qid, segment } = address;
  // A slash (as in a socket's path) would cut the title; this one only looks like it.
  const title = cmdlogTitle(address).replaceAll('/', '∕');
  return vscode.Uri.from({
    scheme: CmdlogScheme,
    path: `/${pid}/${segment}/${title}`,
    query: JSON.stringify({ pid, controller, qid, segment }),
  });
}

export function parseCmdlogUri(uri: vscode.Uri): CmdlogAddress | undefined {
  try {
    const { pid, controller, qid, segment } = JSON.parse(uri.query) as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof qid !== 'number' || typeof segment !== 'number') return undefined;
    return typeof controller === 'string' ? { pid, controller, qid, segment } : undefined;
  } catch {
    return undefined;
  }
}

const contextPrefix = 'doorbell.cmdlog ';

export function targetOf(pid: number, { controller, qid, segment, sequence }: CmdlogLink): CmdlogTarget {
  return { pid, controller, qid, segment, sequence: String(sequence) };
}

/** A failure's `contextValue` carries the target: the window hands back a copy of the message, not the message. */
export function toContextValue(target: CmdlogTarget): string {
  return contextPrefix + JSON.stringify(target);
}

export function fromContextValue(value: string | undefined): CmdlogTarget | undefined {
  if (!value?.startsWith(contextPrefix)) return undefined;
  return JSON.parse(value.slice(contextPrefix.length)) as CmdlogTarget;
}
