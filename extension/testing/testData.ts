import type * as vscode from 'vscode';
import type { TestId } from '../../testkit/protocol.ts';

/** What a tree item stands for. */
export type TestData =
  | { readonly kind: 'folder'; readonly folder: vscode.WorkspaceFolder }
  | { readonly kind: 'file'; readonly folder: vscode.WorkspaceFolder; readonly id: TestId; readonly uri: vscode.Uri }
  | { readonly kind: 'suite'; readonly folder: vscode.WorkspaceFolder; readonly id: TestId; readonly titlePath: string }
  | { readonly kind: 'test'; readonly folder: vscode.WorkspaceFolder; readonly id: TestId; readonly titlePath: string }
  /** A computed `test.each`: its cases become children at the first run. */
  | {
      readonly kind: 'template';
      readonly folder: vscode.WorkspaceFolder;
      readonly id: TestId;
      readonly titlePath: string;
    }
  | { readonly kind: 'case'; readonly folder: vscode.WorkspaceFolder; readonly id: TestId; readonly titlePath: string };

const dataOf = new WeakMap<vscode.TestItem, TestData>();

export function setTestData(item: vscode.TestItem, data: TestData): void {
  dataOf.set(item, data);
}

export function testData(item: vscode.TestItem): TestData {
  const data = dataOf.get(item);
  if (!data) throw new Error(`not an item of this controller: ${item.id}`);
  return data;
}

export function isRunnable(item: vscode.TestItem): boolean {
  const { kind } = testData(item);
  return kind === 'test' || kind === 'case' || kind === 'template';
}

/** The item and everything under it, parents first. */
export function* walk(item: vscode.TestItem): Generator<vscode.TestItem> {
  yield item;
  for (const [, child] of item.children) yield* walk(child);
}

/** Tests under an item that get a state of their own: what has no children. A file not yet read counts as one. */
export function* leaves(item: vscode.TestItem): Generator<vscode.TestItem> {
  for (const each of walk(item)) if (each.children.size === 0 && testData(each).kind !== 'folder') yield each;
}

export function fileItemOf(item: vscode.TestItem): vscode.TestItem {
  let at: vscode.TestItem = item;
  while (testData(at).kind !== 'file' && at.parent) at = at.parent;
  return at;
}

/** Whether the item or something around it carries the tag. */
export function hasTag(item: vscode.TestItem, tag: string): boolean {
  for (let at: vscode.TestItem | undefined = item; at; at = at.parent) {
    if (at.tags.some(({ id }) => id === tag)) return true;
  }
  return false;
}
