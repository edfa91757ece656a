import * as vscode from 'vscode';
import type { ControllerSnapshot } from '../../testkit/protocol.ts';
import type { CmdlogTarget } from '../cmdlog/cmdlogUri.ts';
import { Command } from '../commands.ts';
import { type Disposable, Disposables } from '../disposables.ts';
import { controllersSetting, onSettingChange } from '../settings.ts';
import { View } from '../views.ts';
import { rowTooltip } from './rowTooltip.ts';
import { type Row, topologyRows } from './topologyRows.ts';
import type { Observed, TopologyWatcher } from './topologyWatcher.ts';

/** A row with an identity of its own, so that a change redraws that row only. */
export interface QueueNode {
  row: Row;
  readonly pid: number;
  readonly workspaceFolder: vscode.WorkspaceFolder;
  children: QueueNode[];
}

/** The QPairs view: controllers and their queue pairs, live while a run is on and someone looks. */
export class QueueTree implements vscode.TreeDataProvider<QueueNode>, Disposable {
  readonly #disposables = new Disposables();
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<QueueNode | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  #roots: QueueNode[] = [];

  constructor(private readonly watcher: TopologyWatcher) {
    const view = vscode.window.createTreeView(View.queues, { treeDataProvider: this, showCollapseAll: true });
    this.#disposables.add(view);
    this.#disposables.add(view.onDidChangeVisibility(({ visible }) => watcher.setVisible(visible)));
    this.#disposables.add(watcher.onDidChange(() => this.#update()));
    watcher.setVisible(view.visible);
    const describe = () => {
      const [folder] = vscode.workspace.workspaceFolders ?? [];
      view.description = controllersSetting(folder?.uri).join(', ');
    };
    this.#disposables.add(onSettingChange('controller', describe));
    describe();
  }

  get roots(): readonly QueueNode[] {
    return this.#roots;
  }

  getChildren(node?: QueueNode): QueueNode[] {
    return node ? node.children : this.#roots;
  }

  getTreeItem({ row, pid }: QueueNode): vscode.TreeItem {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const state = row.expanded ? Expanded : Collapsed;
    const item = new vscode.TreeItem(row.label, row.children.length > 0 ? state : None);
    item.id = row.id;
    item.description = row.description;
    item.contextValue = row.contextValue;
    item.iconPath = new vscode.ThemeIcon(row.icon, row.color ? new vscode.ThemeColor(row.color) : undefined);
    item.accessibilityInformation = { label: row.spoken };
    const target = targetOfRow(row, pid);
    if (target)
      item.command = { command: Command.openCmdlog, title: vscode.l10n.t('Open Command Log'), arguments: [target] };
    return item;
  }

  resolveTreeItem(item: vscode.TreeItem, { row }: QueueNode): vscode.TreeItem {
    item.tooltip = rowTooltip(row);
    return item;
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #update(): void {
    const { observed } = this.watcher;
    const rows = observed.flatMap((one) => {
      const { pid, ended, host } = one;
      const folder = observed.length > 1 ? { folder: host.folder.name } : {};
      return topologyRows(one.snapshot, { pid, ended, ...folder }).map((row) => ({ row, from: one }));
    });
    const next = this.#roots.length === rows.length && rows.every(({ row }, at) => this.#roots[at]?.row.id === row.id);
    if (next) {
      for (const [at, { row }] of rows.entries()) this.#renew(this.#roots[at], row);
      return;
    }
    this.#roots = rows.map(({ row, from }) => toNode(row, from));
    this.#changed.fire(undefined);
  }

  /** Brings a node to its new row and redraws the smallest part that differs. */
  #renew(node: QueueNode | undefined, row: Row): void {
    if (!node) return;
    const before = node.row;
    node.row = row;
    const sameChildren = childIds(before) === childIds(row);
    if (sameChildren) {
      for (const [at, child] of row.children.entries()) this.#renew(node.children[at], child);
    } else {
      const known = new Map(node.children.map((child) => [child.row.id, child]));
      node.children = row.children.map((child) => renewed(known.get(child.id), child) ?? toNode(child, node));
    }
    if (!sameChildren || !looksSame(before, row)) this.#changed.fire(node);
  }
}

function toNode(row: Row, from: Observed | QueueNode): QueueNode {
  const workspaceFolder = 'host' in from ? from.host.folder : from.workspaceFolder;
  return { row, pid: from.pid, workspaceFolder, children: row.children.map((child) => toNode(child, from)) };
}

function renewed(node: QueueNode | undefined, row: Row): QueueNode | undefined {
  if (!node || childIds(node.row) !== childIds(row)) return undefined;
  node.row = row;
  return node;
}

function childIds(row: Row): string {
  return row.children.map(({ id }) => id).join();
}

function looksSame(a: Row, b: Row): boolean {
  const look = ({ label, description, icon, color, contextValue }: Row) =>
    [label, description, icon, color, contextValue].join('\n');
  return look(a) === look(b);
}

export function targetOfRow({ of }: Row, pid: number): CmdlogTarget | undefined {
  if (!of || !('queue' in of)) return undefined;
  return { pid, controller: of.controller.address, qid: of.queue.qid, segment: of.queue.segment };
}

export function controllerOfNode(node: QueueNode): ControllerSnapshot | undefined {
  const { of } = node.row;
  return of && ('queue' in of ? of.controller : of);
}
