/** What the suite needs of the window and of the extension. Runs inside the extension host. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { DoorbellApi } from '../../extension/api.ts';

export function folder(): vscode.WorkspaceFolder {
  const [first] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(first, 'no workspace folder is open');
  return first;
}

export const fileUri = (name: string): vscode.Uri => vscode.Uri.joinPath(folder().uri, name);

export async function doorbell(): Promise<DoorbellApi> {
  const extension = vscode.extensions.getExtension<DoorbellApi>('doorbell.doorbell');
  assert.ok(extension, 'the extension is not there');
  return extension.activate();
}

/** Polls until `read` gives something; the error says what was awaited. */
export async function eventually<T>(
  what: string,
  read: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  timeoutMs = 20_000,
): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(50)) {
    const value = await read();
    if (value) return value;
  }
  throw new Error(`not within ${timeoutMs} ms: ${what}`);
}

/** Finds all tests and returns the item of one. */
export async function testItem(api: DoorbellApi, file: string, title: string): Promise<vscode.TestItem> {
  await api.testing.loader.discoverAll();
  const root = api.testing.tree.file(fileUri(file));
  const item = [...descendants(root)].find(({ label }) => label === title);
  assert.ok(item, `${file} has no test "${title}"`);
  return item;
}

export function* descendants(item: vscode.TestItem | undefined): Generator<vscode.TestItem> {
  for (const [, child] of item?.children ?? []) {
    yield child;
    yield* descendants(child);
  }
}

export interface RecordedRun {
  /** `label: state` in the order they were reported. */
  readonly states: string[];
  readonly messages: vscode.TestMessage[];
  output: string;
  ended: boolean;
}

/** Records what the extension tells VS Code of its runs, and lets it through. */
export function recordRuns(controller: vscode.TestController): { runs: RecordedRun[]; restore(): void } {
  const original = controller.createTestRun;
  const runs: RecordedRun[] = [];
  controller.createTestRun = (...args) => {
    const record: RecordedRun = { states: [], messages: [], output: '', ended: false };
    runs.push(record);
    return recorded(original.apply(controller, args), record);
  };
  return {
    runs,
    restore() {
      controller.createTestRun = original;
    },
  };
}

function recorded(run: vscode.TestRun, record: RecordedRun): vscode.TestRun {
  const note =
    (state: string) =>
    (item: vscode.TestItem, messages: vscode.TestMessage | readonly vscode.TestMessage[] = []) => {
      record.states.push(`${item.label}: ${state}`);
      if (typeof messages === 'object') record.messages.push(...[messages].flat());
    };
  const notes: Partial<Record<string | symbol, (...args: never[]) => void>> = {
    enqueued: note('enqueued'),
    started: note('started'),
    skipped: note('skipped'),
    passed: (item: vscode.TestItem) => note('passed')(item),
    failed: note('failed'),
    errored: note('errored'),
    appendOutput: (text: string) => {
      record.output += text;
    },
    end: () => {
      record.ended = true;
    },
  };
  return new Proxy(run, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: never[]) => {
        notes[name]?.(...args);
        return value.apply(target, args) as unknown;
      };
    },
  });
}

/** Runs tests as their code lens does; settles when the run ended. */
export async function runFromLens(item: vscode.TestItem, command = 'doorbell.runTest'): Promise<void> {
  assert.ok(item.uri);
  await vscode.commands.executeCommand(command, item.uri.toString(), [item.id]);
}

/** Whether a process is there, zombies not counted. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
