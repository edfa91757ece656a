import * as vscode from 'vscode';
import { parseCmdlog } from '../../testkit/nvme/cmdlogParse.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import { CmdlogLanguage } from '../views.ts';
import { CmdlogHover } from './cmdlogHover.ts';

const symbols: vscode.DocumentSymbolProvider = {
  provideDocumentSymbols: (document) =>
    parseCmdlog(document.getText()).map((entry) => {
      const range = new vscode.Range(entry.line, 0, entry.endLine, document.lineAt(entry.endLine).text.length);
      const head = document.lineAt(entry.line).range;
      const name = `cmd${String(entry.place).padStart(3, '0')} ${entry.name}`;
      const kind = entry.result === 'SUCCESS' ? vscode.SymbolKind.Function : vscode.SymbolKind.Event;
      return new vscode.DocumentSymbol(name, entry.result ?? vscode.l10n.t('not completed'), kind, range, head);
    }),
};

const folding: vscode.FoldingRangeProvider = {
  provideFoldingRanges: (document) =>
    parseCmdlog(document.getText()).map((entry) => new vscode.FoldingRange(entry.line, entry.endLine)),
};

/** Outline, folding and hovers of command logs, wherever one is open (a saved copy too). */
export class CmdlogLanguageFeatures implements Disposable {
  readonly #disposables = new Disposables();

  constructor() {
    const selector = { language: CmdlogLanguage };
    this.#disposables.add(vscode.languages.registerDocumentSymbolProvider(selector, symbols));
    this.#disposables.add(vscode.languages.registerFoldingRangeProvider(selector, folding));
    this.#disposables.add(vscode.languages.registerHoverProvider(selector, new CmdlogHover()));
  }

  dispose(): void {
    this.#disposables.dispose();
  }
}
