import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { fromContextValue } from '../../../extension/cmdlog/cmdlogUri.ts';
import { failureMessages } from '../../../extension/testing/failureMessage.ts';
import type { TestFailure } from '../../../testkit/protocol.ts';

const file = '/ws/a.nvme.ts';
const cmdlog = { controller: 'emulated', qid: 1, sequence: 7n, segment: 3 };
const status = 'LBA Out of Range (0h/80h)';

function item(): vscode.TestItem {
  const controller = vscode.tests.createTestController('doorbell', 'x');
  const made = controller.createTestItem('id', 'label', vscode.Uri.file(file));
  made.range = new vscode.Range(9, 0, 20, 0);
  return made;
}

function messages(failure: TestFailure, pid: number | undefined = 77) {
  return failureMessages([failure], { item: item(), pid });
}

const text = (message: vscode.TestMessage | undefined) =>
  typeof message?.message === 'string' ? message.message : (message?.message.value ?? '');

describe('the message of a failure', () => {
  it('shows an NVMe status by name and a link to the failing command that only our own command may follow', () => {
    const [message, ...rest] = messages({ message: 'Read failed', status, cmdlog, stack: [] });
    assert.equal(rest.length, 0);
    assert.match(text(message), /LBA Out of Range \(0h\/80h\)\nRead failed/);
    const link = /\[Open CMDLOG emulated Q01 at command 7\]\(command:doorbell\.openCmdlog\?([^)]+)\)/.exec(
      text(message),
    );
    const target = { pid: 77, controller: 'emulated', qid: 1, segment: 3, sequence: '7' };
    assert.deepEqual(JSON.parse(decodeURIComponent(link?.[1] ?? '')), [target]);
    const { isTrusted } = message!.message as vscode.MarkdownString;
    assert.deepEqual(isTrusted, { enabledCommands: ['doorbell.openCmdlog'] });
    assert.deepEqual(fromContextValue(message?.contextValue), target);
  });

  it('has a diff and, because a diff fills its page, the link on a page of its own', () => {
    const [diff, link] = messages({ message: 'not equal', expected: 'hello', actual: 'help', cmdlog, stack: [] });
    assert.equal(diff?.expectedOutput, 'hello');
    assert.equal(diff?.actualOutput, 'help');
    assert.match(diff?.contextValue ?? '', /^doorbell\.cmdlog /);
    assert.match(text(link), /Open CMDLOG emulated Q01/);
    assert.equal(link?.expectedOutput, undefined);
  });

  it('has no link when no command is to blame', () => {
    const [message, ...rest] = messages({ message: 'expected 1 to be 2', expected: '2', actual: '1', stack: [] });
    assert.equal(rest.length, 0);
    assert.equal(message?.contextValue, undefined);
    assert.equal(text(message), 'expected 1 to be 2');
  });

  it('does not let words of a test become Markdown or commands', () => {
    const [message] = messages({ message: '[x](command:workbench.action.quit)', cmdlog, stack: [] });
    assert.match(text(message), /```text\n\[x\]\(command:workbench\.action\.quit\)\n```/);
  });

  it('does not let a code fence in words of a test end ours', () => {
    const [message] = messages({ message: 'a\n```\n[x](command:doorbell.openCmdlog)', cmdlog, stack: [] });
    assert.match(text(message), /^````text\na\n```\n\[x\].*\n````$/m);
  });

  it('is at most 10 lines long, without terminal colours', () => {
    const long = Array.from({ length: 30 }, (_, line) => `\u001b[31mline ${line}\u001b[0m`).join('\n');
    const lines = text(messages({ message: long, stack: [] })[0]).split('\n');
    assert.equal(lines.length, 10);
    assert.equal(lines[0], 'line 0');
    assert.equal(lines.at(-1), '…');
  });

  it('stands at the innermost frame inside the test, and lists the frames', () => {
    const stack = [
      { label: 'check', file: '/ws/helper.ts', line: 3, column: 5 },
      { label: 'outside', file, line: 2, column: 1 },
      { label: 'inside', file, line: 12, column: 7 },
    ];
    const [message] = messages({ message: 'x', stack });
    assert.equal(message?.location?.uri.fsPath, file);
    assert.deepEqual([message?.location?.range.start.line, message?.location?.range.start.character], [11, 6]);
    assert.deepEqual(
      message?.stackTrace?.map(({ label }) => label),
      ['check', 'outside', 'inside'],
    );
  });

  it('stands at the test when there is no stack', () => {
    assert.equal(messages({ message: 'x', stack: [] })[0]?.location?.range.start.line, 9);
  });
});
