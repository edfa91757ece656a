import type * as vscode from 'vscode';
import type { TestId } from '../../testkit/protocol.ts';
import { escapeRegExp } from './reproduce.ts';
import { fileItemOf, hasTag, leaves, testData, walk } from './testData.ts';

/** What one host is asked to run of a click. */
export interface RunPart {
  readonly folder: vscode.WorkspaceFolder;
  readonly files: readonly string[];
  /** undefined = everything in the files. */
  readonly only: readonly TestId[] | undefined;
  /** Items that must have a result at the end. */
  readonly leaves: readonly vscode.TestItem[];
  /** Regular expressions of the chosen full titles, for a `--grep`; empty when whole files run. */
  readonly greps: readonly string[];
}

export interface Selection {
  /** undefined = all. */
  readonly include: readonly vscode.TestItem[] | undefined;
  readonly exclude?: readonly vscode.TestItem[] | undefined;
  /** Tests with this tag are left out. */
  readonly withoutTag?: string;
}

/** File items a selection touches: they must have been read before the run is planned. */
export function filesOf(selection: Selection, all: readonly vscode.TestItem[]): vscode.TestItem[] {
  const chosen = selection.include ?? all;
  const files = chosen.flatMap((item) =>
    testData(item).kind === 'folder' ? [...item.children].map(([, child]) => child) : [fileItemOf(item)],
  );
  return [...new Set(files)];
}

/** One part for each workspace folder, in the order of the tree. */
export function planRun(selection: Selection, all: readonly vscode.TestItem[]): RunPart[] {
  const chosen = selection.include ?? all;
  const excluded = new Set((selection.exclude ?? []).flatMap((item) => [...walk(item)]));
  const wanted = new Set(chosen.flatMap((item) => [...leaves(item)]));
  const kept = [...wanted].filter(
    (item) => !excluded.has(item) && !(selection.withoutTag && hasTag(item, selection.withoutTag)),
  );
  const folders = new Set(kept.map((item) => testData(item).folder));
  return [...folders].map((folder) => planFolder(folder, kept, wanted.size === kept.length ? chosen : kept));
}

function planFolder(
  folder: vscode.WorkspaceFolder,
  kept: readonly vscode.TestItem[],
  chosen: readonly vscode.TestItem[],
): RunPart {
  const own = kept.filter((item) => testData(item).folder === folder);
  const selected = chosen.filter((item) => testData(item).folder === folder).flatMap(filesOfFolder);
  const whole = selected.every((item) => testData(item).kind === 'file');
  return {
    folder,
    files: [...new Set(own.map(fileItemOf))].flatMap((item) => item.uri?.fsPath ?? []).sort(),
    only: whole ? undefined : selected.map((item) => item.id),
    leaves: own,
    greps: whole ? [] : selected.flatMap(grepOf),
  };
}

function filesOfFolder(item: vscode.TestItem): vscode.TestItem[] {
  return testData(item).kind === 'folder' ? [...item.children].map(([, child]) => child) : [item];
}

/** Full titles are describe titles and title, joined by a space. */
function grepOf(item: vscode.TestItem): string[] {
  const data = testData(item);
  if (data.kind === 'test' || data.kind === 'case') return [`^${escapeRegExp(data.titlePath)}$`];
  if (data.kind === 'suite') return [`^${escapeRegExp(data.titlePath)} `];
  if (data.kind === 'template') return [`^${escapeRegExp(data.titlePath.replace(/[%$].*$/, ''))}`];
  return [];
}
