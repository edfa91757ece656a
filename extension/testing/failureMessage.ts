import * as vscode from 'vscode';
import type { StackFrame, TestFailure } from '../../testkit/protocol.ts';
import { type CmdlogTarget, cmdlogTitle, targetOf, toContextValue } from '../cmdlog/cmdlogUri.ts';
import { Command, commandLink } from '../commands.ts';

const maxLines = 10;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences of terminals are what is removed.
const ansi = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;

export interface FailureContext {
  readonly item: vscode.TestItem;
  /** Of the driver host: names its command logs. */
  readonly pid: number | undefined;
}

/** What a person sees of a failure: the reason (with the NVMe status by name), a diff, the source, the way into the command log. */
export function failureMessages(failures: readonly TestFailure[], context: FailureContext): vscode.TestMessage[] {
  return failures.flatMap((failure) => messagesOf(failure, context));
}

function messagesOf(failure: TestFailure, { item, pid }: FailureContext): vscode.TestMessage[] {
  const target = failure.cmdlog && pid !== undefined ? targetOf(pid, failure.cmdlog) : undefined;
  const hasDiff = failure.expected !== undefined && failure.actual !== undefined;
  const text = plainText(failure);
  const messages = [hasDiff || !target ? diffMessage(text, failure) : linkMessage(text, target)];
  // A diff fills its whole page, so the link into the command log gets a page of its own.
  if (hasDiff && target) messages.push(linkMessage(text, target));
  for (const message of messages) place(message, { failure, item, target });
  return messages;
}

function diffMessage(text: string, { expected, actual }: TestFailure): vscode.TestMessage {
  const message = new vscode.TestMessage(text);
  if (expected !== undefined) message.expectedOutput = expected;
  if (actual !== undefined) message.actualOutput = actual;
  return message;
}

function linkMessage(text: string, target: CmdlogTarget): vscode.TestMessage {
  const markdown = new vscode.MarkdownString();
  markdown.isTrusted = { enabledCommands: [Command.openCmdlog] };
  const label = vscode.l10n.t({
    message: 'Open {0} at command {1}',
    args: [cmdlogTitle(target), target.sequence ?? ''],
    comment: ['{0} is the title of a command log editor, {1} the number of a command on its queue'],
  });
  const link = commandLink(label, Command.openCmdlog, target);
  // Text of a test must not become Markdown: it is shown as code, and only our own command is trusted.
  // The empty line leaves room for the button VS Code puts into the corner.
  markdown.appendCodeblock(text, 'text').appendMarkdown(`\n${link}\n\n&nbsp;`);
  return new vscode.TestMessage(markdown);
}

interface Place {
  readonly failure: TestFailure;
  readonly item: vscode.TestItem;
  readonly target: CmdlogTarget | undefined;
}

function place(message: vscode.TestMessage, { failure, item, target }: Place): void {
  const location = locationOf(failure.stack, item);
  if (location) message.location = location;
  if (target) message.contextValue = toContextValue(target);
  if (failure.stack.length > 0) message.stackTrace = failure.stack.map(toStackFrame);
}

function plainText({ message, status }: TestFailure): string {
  const text = message.replace(ansi, '');
  const named = status && !text.includes(status) ? `${status}\n${text}` : text;
  const lines = named.split('\n');
  return lines.length <= maxLines ? named : [...lines.slice(0, maxLines - 1), '…'].join('\n');
}

/** The innermost frame inside the test, else in its file, else the first one, else the test itself. */
function locationOf(stack: readonly StackFrame[], item: vscode.TestItem): vscode.Location | undefined {
  const inFile = stack.filter(({ file }) => file === item.uri?.fsPath);
  const inTest = inFile.find((frame) => item.range?.contains(positionOf(frame)));
  const frame = inTest ?? inFile[0] ?? stack[0];
  if (frame) return new vscode.Location(vscode.Uri.file(frame.file), positionOf(frame));
  return item.uri && item.range ? new vscode.Location(item.uri, item.range.start) : undefined;
}

function toStackFrame(frame: StackFrame): vscode.TestMessageStackFrame {
  return new vscode.TestMessageStackFrame(frame.label, vscode.Uri.file(frame.file), positionOf(frame));
}

function positionOf({ line, column }: StackFrame): vscode.Position {
  return new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
}

/** Why a test could not run. */
export function reasonMessage(reason: string, item: vscode.TestItem): vscode.TestMessage {
  const markdown = new vscode.MarkdownString();
  markdown.isTrusted = { enabledCommands: [Command.showLog] };
  markdown.appendText(reason).appendMarkdown(`\n\n${commandLink(vscode.l10n.t('Show Log'), Command.showLog)}`);
  const message = new vscode.TestMessage(markdown);
  if (item.uri && item.range) message.location = new vscode.Location(item.uri, item.range.start);
  return message;
}
