import * as vscode from 'vscode';
import type { ControllerSnapshot, QueueSnapshot } from '../../testkit/protocol.ts';
import { type Row, stateName } from './topologyRows.ts';

const number = new Intl.NumberFormat('en-US');

/** Made only when the mouse rests on the row. */
export function rowTooltip({ of, label }: Row): vscode.MarkdownString {
  if (!of)
    return new vscode.MarkdownString(vscode.l10n.t('Queue pairs that were deleted, newest first of each number'));
  return 'queue' in of ? queueTooltip(of.queue, label) : controllerTooltip(of);
}

function controllerTooltip(controller: ControllerSnapshot): vscode.MarkdownString {
  return table(controller.address, [
    [vscode.l10n.t('Model'), controller.model],
    [vscode.l10n.t('Serial'), controller.serial],
    [vscode.l10n.t('Firmware'), controller.firmware],
    [vscode.l10n.t('State'), stateName(controller.state)],
    [vscode.l10n.t('Queue pairs'), String(controller.queues.filter(({ live }) => live).length)],
  ]);
}

function queueTooltip(queue: QueueSnapshot, label: string): vscode.MarkdownString {
  return table(label, [
    [vscode.l10n.t('Depth'), vscode.l10n.t('{0} entries', queue.depth)],
    [vscode.l10n.t('Made by'), queue.owner],
    [vscode.l10n.t('Submitted'), number.format(queue.submitted)],
    [vscode.l10n.t('Completed'), number.format(queue.completed)],
    [vscode.l10n.t('With error status'), number.format(queue.errors)],
    [vscode.l10n.t('Read'), vscode.l10n.t('{0} bytes', number.format(queue.bytesRead))],
    [vscode.l10n.t('Written'), vscode.l10n.t('{0} bytes', number.format(queue.bytesWritten))],
  ]);
}

function table(title: string, rows: readonly (readonly [name: string, value: string])[]): vscode.MarkdownString {
  const text = new vscode.MarkdownString('**').appendText(title).appendMarkdown('**\n\n| | |\n|---|---|\n');
  for (const [name, value] of rows)
    text
      .appendMarkdown(`| ${name} | `)
      .appendText(value || '–')
      .appendMarkdown(' |\n');
  return text;
}
