import type { StackFrame } from '../../protocol.ts';
import { isTranspiled, originalPosition } from '../loader/transpile.ts';

const frameLine = /^\s*at (?:(.*?) \()?((?:file:\/\/)?\/.*?):(\d+):(\d+)\)?$/;

/** The author's frames of an error's stack, at their places in the source. Those of Node and of the testkit are left out. */
export function authorFrames(stack: string | undefined, bundle: string): StackFrame[] {
  const frames = (stack ?? '').split('\n').flatMap((line) => parseFrame(line));
  return frames.filter(({ file }) => file !== bundle && !file.includes('/node_modules/'));
}

function parseFrame(line: string): StackFrame[] {
  const match = frameLine.exec(line);
  if (!match) return [];
  const [, label = '', place = '', lineNumber, columnNumber] = match;
  const file = place.startsWith('file://') ? decodeURIComponent(new URL(place).pathname) : place;
  const position = { line: Number(lineNumber), column: Number(columnNumber) };
  const mapped = isTranspiled(file) ? originalPosition(file, position.line, position.column) : position;
  return [{ label: authorLabel(label), file, ...mapped }];
}

/** Names that only the transpiler or the engine made up say nothing. */
function authorLabel(label: string): string {
  const name = label.replace(/^async /, '');
  return /^(Object\.)?(<anonymous>|call)$/.test(name) ? '' : name;
}
