/** What the trace worker found, as the editor's page takes it. */
import * as vscode from 'vscode';
import type { TraceTotals } from '../../testkit/trace/traceText.ts';
import type { TraceView } from '../../testkit/trace/view/traceView.ts';
import type { OpenedTrace } from '../../testkit/trace/workerProtocol.ts';
import type { TraceHead, TracePicture } from '../../webviews/protocol.ts';

export function headOf({ facts, totals, tail, damage }: OpenedTrace): TraceHead {
  const { l10n } = vscode;
  const left = Object.values(tail?.left ?? {}).reduce((sum, count) => sum + count, 0);
  const optional = (name: string, value: string | undefined): (readonly [string, string])[] =>
    value === undefined ? [] : [[name, value]];
  return {
    facts: [
      [l10n.t('Source'), facts.source],
      ...optional(l10n.t('Controller'), facts.controller),
      ...optional(l10n.t('Start'), facts.startTime),
      [l10n.t('Duration'), `${(totals.durationNs / 1e9).toFixed(3)} s`],
      [l10n.t('Commands'), totals.commands.toLocaleString('en-US')],
      [l10n.t('Read'), megabytes(totals.bytesRead)],
      [l10n.t('Written'), megabytes(totals.bytesWritten)],
      ...optional(l10n.t('Failed'), totals.errors > 0 ? totals.errors.toLocaleString('en-US') : undefined),
      ...optional(l10n.t('Left out by the import'), left > 0 ? left.toLocaleString('en-US') : undefined),
    ],
    commands: totals.commands,
    lbaBytes: facts.lbaBytes,
    whole: wholeOf(totals),
    timeless: facts.clock === 'none',
    ...(damage && { damage: damageText(damage.reason) }),
  };
}

export const damageText = (reason: string): string =>
  vscode.l10n.t({
    message: 'The file is damaged: {0}. Everything before the damage is shown.',
    args: [reason],
    comment: ['{0} says in what way'],
  });

const megabytes = (bytes: number): string =>
  `${(bytes / 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`;

function wholeOf({ durationNs, lbaEnd }: TraceTotals): TraceHead['whole'] {
  return { fromNs: 0, toNs: durationNs + 1, fromLba: 0, toLba: Math.max(8, lbaEnd) };
}

const bufferOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): ArrayBuffer =>
  buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;

export function pictureOf(view: TraceView): TracePicture {
  const { columns, rows, fromNs, toNs, fromLba, toLba } = view.request;
  const { commands, sizes, regions, share } = view;
  return {
    stretch: { fromNs, toNs, fromLba, toLba },
    ...{ columns, rows, commands, sizes, regions, share },
    cells: bufferOf(view.cells),
    depth: bufferOf(view.depth),
    reads: bufferOf(view.reads),
    writes: bufferOf(view.writes),
  };
}
