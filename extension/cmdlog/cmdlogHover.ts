import * as vscode from 'vscode';
import { type CmdlogDword, dwordAt, entryAt, parseCmdlog } from '../../testkit/nvme/cmdlogParse.ts';
import { type DecodedEntry, decodeCqe, decodeSqe, fieldsOfDword } from '../../testkit/nvme/entryDecode.ts';
import type { DecodedField } from '../../testkit/nvme/fields.ts';
import { parseCmdlogUri, queueNumber } from './cmdlogUri.ts';

/** Decodes what the mouse is on: the fields of a dword, or the whole entry on its first and sixth line. */
export class CmdlogHover implements vscode.HoverProvider {
  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const text = document.getText();
    const qid = queueOf(document.uri);
    const dword = dwordAt(text, position.line, position.character);
    if (dword) return dwordHover(dword, position.line, qid);
    const entry = entryAt(parseCmdlog(text), position.line);
    if (!entry) return undefined;
    const isCompletion = position.line > entry.line + 4;
    if (isCompletion && entry.cqe.length === 0) return undefined;
    const decoded = isCompletion ? decodeCqe(entry.cqe) : decodeSqe(qid, entry.sqe);
    return new vscode.Hover(table(decoded, decoded.fields), document.lineAt(position.line).range);
  }
}

/** Also for a copy that someone saved: then its name says which queue it is of. */
function queueOf(uri: vscode.Uri): number {
  const named = /Q(\d+)[^/]*$/.exec(uri.path)?.[1];
  return parseCmdlogUri(uri)?.qid ?? (named === undefined ? 1 : Number(named));
}

function dwordHover({ entry, of, index, start, end }: CmdlogDword, line: number, qid: number): vscode.Hover {
  const decoded = of === 'sqe' ? decodeSqe(qid, entry.sqe) : decodeCqe(entry.cqe);
  const heading = of === 'sqe' ? `SQE Dword ${queueNumber(index)}` : `CQE Dword ${index}`;
  const fields = fieldsOfDword(decoded, index);
  return new vscode.Hover(table(decoded, fields, heading), new vscode.Range(line, start, line, end));
}

function table(decoded: DecodedEntry, fields: readonly DecodedField[], heading?: string): vscode.MarkdownString {
  const text = new vscode.MarkdownString(`**${decoded.name}**${heading ? ` · ${heading}` : ''}\n\n`);
  if (fields.length === 0) text.appendText(vscode.l10n.t('Reserved for this command.'));
  else text.appendMarkdown(`${tableHead()}\n${fields.map(tableRow).join('\n')}\n`);
  const section = vscode.l10n.t({
    message: 'NVMe specification: {0}',
    args: [decoded.section],
    comment: ['{0} is the title of a section'],
  });
  return text.appendMarkdown(`\n\n*${section}*`);
}

function tableHead(): string {
  const names = [vscode.l10n.t('Bits'), vscode.l10n.t('Field'), vscode.l10n.t('Value'), vscode.l10n.t('Meaning')];
  return `| ${names.join(' | ')} |\n|---|---|---|---|`;
}

function tableRow({ dword, bits, name, hex, meaning }: DecodedField): string {
  return `| DW${dword} ${bits} | ${name} | \`${hex}\` | ${meaning.replaceAll('|', '\\|')} |`;
}
