/** The parsed source, as `@babel/parser` gives it: names for its node types and a walk in source order. */
import { parse, type parseExpression } from '@babel/parser';
import type { SourceRange } from './types.ts';

export type Program = ReturnType<typeof parse>['program'];
export type Expression = Extract<ReturnType<typeof parseExpression>, { type: 'ParenthesizedExpression' }>['expression'];
export type Call = Extract<Expression, { type: 'CallExpression' }>;
export type TaggedTemplate = Extract<Expression, { type: 'TaggedTemplateExpression' }>;

/** Any node, when only its children matter. */
export interface AnyNode {
  readonly type: string;
}

/** Throws a `SyntaxError` with `loc` (1-based line, 0-based column). */
export function parseSource(source: string): Program {
  return parse(source, {
    sourceType: 'module',
    plugins: ['typescript', 'decorators', 'decoratorAutoAccessors'],
    allowAwaitOutsideFunction: true,
    allowReturnOutsideFunction: true,
    attachComment: false,
  }).program;
}

export function rangeOf(node: { readonly loc?: Program['loc'] }): SourceRange {
  const { start, end } = node.loc ?? { start: { line: 1, column: 0 }, end: { line: 1, column: 0 } };
  return { startLine: start.line - 1, startColumn: start.column, endLine: end.line - 1, endColumn: end.column };
}

/** Child nodes in source order. */
export function children(node: AnyNode): AnyNode[] {
  const found: AnyNode[] = [];
  for (const [key, value] of Object.entries(node)) {
    if (key === 'loc' || key === 'extra') continue;
    if (Array.isArray(value)) found.push(...value.filter(isNode));
    else if (isNode(value)) found.push(value);
  }
  return found;
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** What an expression is without `as const`, `satisfies`, `!` and parentheses. */
export function bare(expression: Expression): Expression {
  let inner = expression;
  while (
    inner.type === 'TSAsExpression' ||
    inner.type === 'TSSatisfiesExpression' ||
    inner.type === 'TSNonNullExpression' ||
    inner.type === 'TSTypeAssertion' ||
    inner.type === 'ParenthesizedExpression'
  ) {
    inner = inner.expression;
  }
  return inner;
}

/** `a.b.c` as its base and members; undefined when the base is no identifier or a member is computed. */
export function memberChain(expression: AnyNode): { readonly base: string; readonly members: string[] } | undefined {
  const members: string[] = [];
  let node = expression as Expression;
  while (node.type === 'MemberExpression') {
    if (node.computed || node.property.type !== 'Identifier') return undefined;
    members.unshift(node.property.name);
    node = node.object as Expression;
  }
  return node.type === 'Identifier' ? { base: node.name, members } : undefined;
}

/** Of `x.each(rows)` and the tagged form. */
export function eachArgument(callee: Expression): { readonly callee: AnyNode; readonly rows: Expression } | undefined {
  if (callee.type === 'TaggedTemplateExpression') return { callee: callee.tag, rows: callee.quasi };
  if (callee.type !== 'CallExpression' || callee.arguments.length === 0) return undefined;
  return { callee: callee.callee, rows: callee.arguments[0] as Expression };
}
