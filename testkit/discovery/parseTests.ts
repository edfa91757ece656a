/** The tests of one file, from its source. Nothing of the source is executed. */
import {
  type AnyNode,
  bare,
  type Call,
  children,
  type Expression,
  eachArgument,
  type Program,
  parseSource,
  rangeOf,
} from './ast.ts';
import { type ExportsOf, TestBindings } from './bindings.ts';
import { constantsOf, isTextList, LiteralEvaluator, propertyName } from './literal.ts';
import { functionsOf, namedArguments } from './namedFunctions.ts';
import { TestIds } from './testId.ts';
import { formatTitle, placeholderTitle, templateRows } from './title.ts';
import type { DiscoveredCase, DiscoveredFile, DiscoveredTest, ParseFault, TestOptions } from './types.ts';

/**
 * @param file the file's part of ids: its path relative to the root
 * @param exportsOf what the relative modules it imports export
 */
export function parseTests(file: string, source: string, exportsOf: ExportsOf = () => undefined): DiscoveredFile {
  try {
    return { file, tests: testsOf(file, parseSource(source), source, exportsOf) };
  } catch (error) {
    return { file, tests: [], fault: faultOf(error) };
  }
}

export function testsOf(file: string, program: Program, source: string, exportsOf: ExportsOf): DiscoveredTest[] {
  const tests: DiscoveredTest[] = [];
  new Collector(program, source, { file, exportsOf }).collect(program, { parent: file, skip: false, into: tests });
  return tests;
}

export function faultOf(error: unknown): ParseFault {
  const { message } = error instanceof Error ? error : { message: String(error) };
  const loc =
    error instanceof SyntaxError && 'loc' in error ? (error.loc as { line: number; column: number }) : undefined;
  return {
    message: message.replace(/ \(\d+:\d+\)$/, ''),
    line: loc ? loc.line - 1 : 0,
    column: loc?.column ?? 0,
  };
}

/** Where found tests go. */
interface Scope {
  readonly parent: string;
  readonly skip: boolean;
  readonly into: DiscoveredTest[];
}

/** A call that declares a test or a suite. */
interface Declaration {
  readonly call: Call;
  readonly suite: boolean;
  readonly skip: boolean;
  readonly only: boolean;
  /** Argument of `each(...)`, or its template. */
  readonly each: Expression | undefined;
}

/** What all items made of one call share. */
type Head = Omit<DiscoveredCase, 'kind' | 'id' | 'title' | 'template'>;

class Collector {
  private readonly ids: TestIds;
  private readonly bindings: TestBindings;
  private readonly literals: LiteralEvaluator;
  private readonly functions: ReadonlyMap<string, AnyNode>;
  /** Named functions that are bodies of suites: what they declare belongs there and nowhere else. */
  private readonly suiteBodies: ReadonlySet<AnyNode>;
  /** Those being followed: one that names itself ends there. */
  private readonly following = new Set<AnyNode>();

  constructor(
    program: Program,
    private readonly source: string,
    context: { readonly file: string; readonly exportsOf: ExportsOf },
  ) {
    this.ids = new TestIds(context.file);
    this.bindings = new TestBindings(program, context.exportsOf);
    this.literals = new LiteralEvaluator(constantsOf(program));
    this.functions = functionsOf(program);
    this.suiteBodies = namedArguments(program, this.functions, (call) => this.declarationOf(call)?.suite === true);
  }

  /** Looks at every call below `node`, but not into the bodies of tests. */
  collect(node: AnyNode, scope: Scope): void {
    if (this.suiteBodies.has(node) && !this.following.has(node)) return;
    const declaration = node.type === 'CallExpression' ? this.declarationOf(node as Call) : undefined;
    if (declaration) this.declare(declaration, scope);
    else for (const child of children(node)) this.collect(child, scope);
  }

  private declarationOf(call: Call): Declaration | undefined {
    const callee = bare(call.callee as Expression);
    const each = eachArgument(callee);
    const members = this.bindings.membersOf(each ? each.callee : callee);
    if (members === undefined || (each !== undefined) !== (members.at(-1) === 'each')) return undefined;
    const modifiers = each ? members.slice(0, -1) : members;
    if (!modifiers.every((member) => declaring.has(member)) || call.arguments.length < 2) return undefined;
    return {
      call,
      suite: modifiers.includes('describe'),
      skip: modifiers.includes('skip'),
      only: modifiers.includes('only'),
      each: each?.rows,
    };
  }

  private declare(declaration: Declaration, scope: Scope): void {
    const titleNode = declaration.call.arguments[0] as Expression;
    const known = this.literals.evaluate(titleNode)?.value;
    const rows = declaration.each ? this.rowsOf(declaration.each) : undefined;
    const raw = typeof known === 'string' ? known : this.sourceOfTitle(titleNode);
    const head = this.headOf(declaration, scope.skip);
    const templateId =
      declaration.each || typeof known !== 'string' ? this.ids.template(scope.parent, placeholderTitle(raw)) : '';
    if (typeof known !== 'string' || (declaration.each && rows === undefined)) {
      scope.into.push({ ...head, kind: 'test', id: templateId, title: raw, template: true });
      return;
    }
    const titles = rows ? rows.map((row, index) => formatTitle(known, row, index)) : [known];
    for (const title of titles) this.add(declaration, head, title, scope);
  }

  private add(declaration: Declaration, head: Head, title: string, scope: Scope): void {
    const id = this.ids.child(scope.parent, title);
    if (!declaration.suite) {
      scope.into.push({ ...head, kind: 'test', id, title, template: false });
      return;
    }
    const tests: DiscoveredTest[] = [];
    this.collectBody(declaration.call, { parent: id, skip: head.skip, into: tests });
    scope.into.push({ ...head, kind: 'suite', id, title, children: tests });
  }

  private collectBody(call: Call, scope: Scope): void {
    const last = call.arguments.at(-1);
    const body = last?.type === 'Identifier' ? this.functions.get(last.name) : last;
    if (!body || this.following.has(body)) return;
    this.following.add(body);
    this.collect(body, scope);
    this.following.delete(body);
  }

  private headOf({ call, skip, only }: Declaration, skippedAbove: boolean): Head {
    const range = rangeOf(call);
    const title = rangeOf(call.arguments[0] as Expression);
    return {
      range,
      titleRange: { ...range, endLine: title.endLine, endColumn: title.endColumn },
      skip: skip || skippedAbove,
      only,
      ...this.optionsOf(call),
    };
  }

  private optionsOf(call: Call): TestOptions {
    const options = call.arguments.length > 2 ? bare(call.arguments[1] as Expression) : undefined;
    if (options?.type !== 'ObjectExpression') return {};
    const known = new Map<string, unknown>();
    for (const property of options.properties) {
      if (property.type !== 'ObjectProperty' || property.computed) continue;
      const name = propertyName(property.key as Expression);
      if (name !== undefined) known.set(name, this.literals.evaluate(property.value as Expression)?.value);
    }
    const [timeoutMs, tags, spec] = [known.get('timeoutMs'), known.get('tags'), known.get('spec')];
    return {
      ...(typeof timeoutMs === 'number' && { timeoutMs }),
      ...(isTextList(tags) && { tags }),
      ...(typeof spec === 'string' && { spec }),
    };
  }

  private rowsOf(each: Expression): readonly unknown[] | undefined {
    if (each.type !== 'TemplateLiteral') {
      const rows = this.literals.evaluate(each)?.value;
      return Array.isArray(rows) ? rows : undefined;
    }
    const cells = each.expressions.map((cell) => this.literals.evaluate(cell as Expression));
    if (cells.includes(undefined)) return undefined;
    return templateRows(
      each.quasis[0]?.value.cooked ?? '',
      cells.map((cell) => cell?.value),
    );
  }

  /** A computed title as written, without its quotes. */
  private sourceOfTitle(node: Expression): string {
    const text = this.source.slice(node.start ?? 0, node.end ?? 0);
    return node.type === 'TemplateLiteral' ? text.slice(1, -1) : `\${${text}}`;
  }
}

const declaring: ReadonlySet<string> = new Set(['describe', 'skip', 'only']);
