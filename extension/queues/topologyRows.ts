import * as vscode from 'vscode';
import type { ControllerSnapshot, QueueSnapshot, TopologySnapshot } from '../../testkit/protocol.ts';
import { queueNumber } from '../cmdlog/cmdlogUri.ts';
import { ControllerRow } from '../views.ts';

/** A row of the QPairs tree as data. */
export interface Row {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  /** Theme colour of the icon. */
  readonly color?: string;
  readonly contextValue: string;
  /** For a screen reader. */
  readonly spoken: string;
  readonly of:
    | ControllerSnapshot
    | { readonly controller: ControllerSnapshot; readonly queue: QueueSnapshot }
    | undefined;
  readonly expanded: boolean;
  readonly children: readonly Row[];
}

export interface TopologyContext {
  /** Of the driver host. */
  readonly pid: number;
  /** No run is on, or the host is gone: this is what was last. */
  readonly ended: boolean;
  /** Named when several folders have hosts. */
  readonly folder?: string;
}

const number = new Intl.NumberFormat('en-US');

export function topologyRows(snapshot: TopologySnapshot, context: TopologyContext): Row[] {
  return newestOfEachAddress(snapshot.controllers).map((controller) => controllerRow(controller, context));
}

/** A controller is opened for each run; what counts is its latest opening. */
function newestOfEachAddress(controllers: readonly ControllerSnapshot[]): ControllerSnapshot[] {
  const newest = new Map<string, ControllerSnapshot>();
  for (const controller of [...controllers].sort((a, b) => a.segment - b.segment))
    newest.set(controller.address, controller);
  return [...newest.values()];
}

function controllerRow(controller: ControllerSnapshot, context: TopologyContext): Row {
  const id = `${context.pid}/${controller.segment}`;
  const { shown, earlier } = splitQueues(controller.queues);
  const rows = shown.map((queue) => queueRow(controller, queue, context));
  const past = earlier.map((queue) => queueRow(controller, queue, context));
  const state = context.ended ? vscode.l10n.t('ended') : stateName(controller.state);
  const description = [state, context.folder, controller.model].filter(Boolean).join(' · ');
  return {
    id,
    label: controller.address,
    description,
    icon: controller.state === 'powered-off' ? 'debug-disconnect' : 'circuit-board',
    ...controllerColor(controller, context),
    contextValue: `${ControllerRow}.${controller.state === 'powered-off' ? 'off' : 'on'}`,
    spoken: vscode.l10n.t('Controller {0}, {1}', controller.address, description),
    of: controller,
    expanded: true,
    children: past.length > 0 ? [...rows, earlierRow(id, past)] : rows,
  };
}

/** The newest queue of each qid is shown by itself; those before it are kept together. */
function splitQueues(queues: readonly QueueSnapshot[]): { shown: QueueSnapshot[]; earlier: QueueSnapshot[] } {
  const newestFirst = [...queues].sort(
    (a, b) => a.qid - b.qid || Number(b.live) - Number(a.live) || b.segment - a.segment,
  );
  const isFirst = (queue: QueueSnapshot, index: number) => newestFirst[index - 1]?.qid !== queue.qid;
  return { shown: newestFirst.filter(isFirst), earlier: newestFirst.filter((queue, index) => !isFirst(queue, index)) };
}

function earlierRow(controllerId: string, children: readonly Row[]): Row {
  const label = vscode.l10n.t('Earlier Queues');
  return {
    id: `${controllerId}/earlier`,
    label,
    description: String(children.length),
    icon: 'history',
    contextValue: 'earlier',
    spoken: `${label}, ${children.length}`,
    of: undefined,
    expanded: false,
    children,
  };
}

function queueRow(controller: ControllerSnapshot, queue: QueueSnapshot, context: TopologyContext): Row {
  const ended = context.ended || !queue.live;
  const label = `Q${queueNumber(queue.qid)}`;
  const description = queueDescription(queue, ended);
  return {
    id: `${context.pid}/${controller.segment}/${queue.segment}`,
    label: queue.qid === 0 ? `${label} (admin)` : label,
    description,
    icon: ended ? 'archive' : 'list-ordered',
    ...(queue.errors > 0n && { color: 'list.warningForeground' }),
    contextValue: ended ? 'queue.ended' : 'queue.live',
    spoken: vscode.l10n.t('Queue pair {0} of {1}, {2}', queue.qid, controller.address, description),
    of: { controller, queue },
    expanded: false,
    children: [],
  };
}

/** `3 outstanding · 1,234 done · depth 16`: a narrow side bar cuts off what changes least. */
function queueDescription(queue: QueueSnapshot, ended: boolean): string {
  const outstanding = queue.submitted > queue.completed ? queue.submitted - queue.completed : 0n;
  const parts = [
    vscode.l10n.t('{0} outstanding', number.format(outstanding)),
    vscode.l10n.t('{0} done', number.format(queue.completed)),
    vscode.l10n.t('depth {0}', queue.depth),
  ];
  if (ended) parts.unshift(vscode.l10n.t('ended'));
  if (queue.errors > 0n) parts.push(vscode.l10n.t('{0} with error status', number.format(queue.errors)));
  if (queue.owner === 'ioworker') parts.push('ioworker');
  return parts.join(' · ');
}

function controllerColor({ state }: ControllerSnapshot, { ended }: TopologyContext): { color?: string } {
  if (ended) return { color: 'disabledForeground' };
  if (state === 'ready') return { color: 'testing.iconPassed' };
  return state === 'fatal' || state === 'removed'
    ? { color: 'testing.iconErrored' }
    : { color: 'list.warningForeground' };
}

export function stateName(state: ControllerSnapshot['state']): string {
  const names: Record<ControllerSnapshot['state'], string> = {
    disabled: vscode.l10n.t('disabled'),
    ready: vscode.l10n.t('ready'),
    'shut-down': vscode.l10n.t('shut down'),
    'powered-off': vscode.l10n.t('powered off'),
    removed: vscode.l10n.t('removed'),
    closed: vscode.l10n.t('closed'),
    fatal: vscode.l10n.t('controller fatal status'),
  };
  return names[state];
}
