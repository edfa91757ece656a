import * as vscode from 'vscode';
import type { Finding } from '../../testkit/machine/doctor/finding.ts';
import { Command, type CommandId } from '../commands.ts';
import { doctorStyle } from './doctorStyle.ts';

export interface DoctorPage {
  /** Undefined while the doctor looks. */
  readonly findings: readonly Finding[] | undefined;
  /** Why there are none. */
  readonly fault?: string;
  /** Commands that take back what was done from here, by finding. */
  readonly undo: Readonly<Record<string, string>>;
  readonly nonce: string;
}

/** Commands the page may run; it has no script. */
export const doctorCommands = [
  Command.doctor,
  Command.runFix,
  Command.copyFix,
  Command.pickController,
  Command.showLog,
];

const machineIds = new Set(['iommu', 'vfio', 'memlock', 'hugepages', 'spdk']);
const marks: Record<Finding['state'], string> = {
  ok: 'M6.5 11.6 3.2 8.3l1-1 2.3 2.3 5.3-5.4 1 1z',
  note: 'M7.2 3.5h1.6v1.6H7.2zm0 2.9h1.6v6.1H7.2z',
  fault: 'm4.6 3.6 3.4 3.4 3.4-3.4 1 1L9 8l3.4 3.4-1 1L8 9l-3.4 3.4-1-1L7 8 3.6 4.6z',
};

/** The Doctor as a page: every finding with its command in full, so that nothing runs that was not read. */
export function doctorHtml(page: DoctorPage): string {
  const policy = `default-src 'none'; style-src 'nonce-${page.nonce}'`;
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style nonce="${page.nonce}">${doctorStyle}</style>
<title>${text(vscode.l10n.t('NVMe Doctor'))}</title>
</head>
<body>
<main>
<header><h1>${text(vscode.l10n.t('NVMe Doctor'))}</h1>${button(vscode.l10n.t('Check Again'), Command.doctor)}</header>
${body(page)}
</main>
</body>
</html>`;
}

function body({ findings, fault, undo }: DoctorPage): string {
  if (fault !== undefined)
    return `<p class="lead fault">${text(fault)}</p>${button(vscode.l10n.t('Show Log'), Command.showLog)}`;
  if (!findings) return `<p class="lead" role="status">${text(vscode.l10n.t('Looking at this machine...'))}</p>`;
  const section = (title: string, belongs: (finding: Finding) => boolean) => {
    const rows = findings.filter(belongs).map((finding) => row(finding, undo[finding.id] ?? finding.undo));
    return rows.length === 0 ? '' : `<section><h2>${text(title)}</h2><ul>${rows.join('\n')}</ul></section>`;
  };
  const isController = ({ id }: Finding) => /^controllers?\b/.test(id);
  return [
    `<p class="lead" role="status">${text(summary(findings))}</p>`,
    section(vscode.l10n.t('NVMe controllers'), isController),
    section(vscode.l10n.t('This machine'), ({ id }) => machineIds.has(id)),
    section(vscode.l10n.t('Doorbell'), (finding) => !isController(finding) && !machineIds.has(finding.id)),
  ].join('\n');
}

export function summary(findings: readonly Finding[]): string {
  const faults = findings.filter(({ state }) => state === 'fault').length;
  if (faults > 0) return vscode.l10n.t('Tests cannot run here yet: see what is marked red.');
  const ready = findings.filter(({ id, state }) => id.startsWith('controller ') && state === 'ok').length;
  const emulated = vscode.l10n.t('Tests run here on the emulated SSD.');
  if (ready === 0) return `${emulated} ${vscode.l10n.t('No drive is ready for tests.')}`;
  return `${emulated} ${vscode.l10n.t('Drives ready for tests: {0}.', ready)}`;
}

function row({ id, state, text: fact, advice, fix }: Finding, undo: string | undefined): string {
  const names = { ok: vscode.l10n.t('good'), note: vscode.l10n.t('note'), fault: vscode.l10n.t('fault') };
  const parts = [
    `<svg class="${state}" viewBox="0 0 16 16" role="img" aria-label="${text(names[state])}"><path d="${marks[state]}"/></svg>`,
    '<div>',
    `<p>${text(sentence(fact))}</p>`,
    ...(advice ? [`<p class="advice">${text(advice)}</p>`] : []),
    ...(fix ? [commandBlock(id, 'fix', fix.command)] : []),
    ...(fix?.afterwards ? [`<p class="advice">${text(fix.afterwards)}</p>`] : []),
    ...(undo ? [`<p class="advice">${text(vscode.l10n.t('To undo it:'))}</p>${commandBlock(id, 'undo', undo)}`] : []),
    ...(!undo && fix?.undo
      ? [`<p class="advice">${text(vscode.l10n.t('It can be undone afterwards:'))} <code>${text(fix.undo)}</code></p>`]
      : []),
    '</div>',
  ];
  return `<li>${parts.join('')}</li>`;
}

function commandBlock(id: string, which: 'fix' | 'undo', command: string): string {
  const label = which === 'fix' ? vscode.l10n.t('Run in Terminal') : vscode.l10n.t('Undo in Terminal');
  const buttons = button(label, Command.runFix, id, which) + button(vscode.l10n.t('Copy'), Command.copyFix, id, which);
  return `<div class="command"><code>${text(command)}</code><span>${buttons}</span></div>`;
}

function button(label: string, command: CommandId, ...args: readonly string[]): string {
  const query = args.length > 0 ? `?${encodeURIComponent(JSON.stringify(args))}` : '';
  return `<a class="button" role="button" href="command:${command}${text(query)}">${text(label)}</a>`;
}

/** On a terminal a finding begins in lower case, after its mark. */
function sentence(fact: string): string {
  return fact.charAt(0).toUpperCase() + fact.slice(1);
}

function text(words: string): string {
  return words.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
