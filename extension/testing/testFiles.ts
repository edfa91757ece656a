import * as vscode from 'vscode';
import { setting } from '../settings.ts';

/** Folders where no test of the person's is. */
const folders = ['node_modules', '.doorbell', '.git'] as const;
const excludedPath = new RegExp(`/(${folders.map((name) => name.replace('.', '\\.')).join('|')})/`);

export const excludeGlob = `**/{${folders.join(',')}}/**`;

export function isExcluded(uri: vscode.Uri): boolean {
  return excludedPath.test(uri.path);
}

export function isTestFile(document: vscode.TextDocument): boolean {
  const { uri } = document;
  const folder = uri.scheme === 'file' && !isExcluded(uri) ? vscode.workspace.getWorkspaceFolder(uri) : undefined;
  if (!folder) return false;
  const pattern = new vscode.RelativePattern(folder, setting('testFiles', uri));
  return vscode.languages.match({ pattern }, document) > 0;
}
