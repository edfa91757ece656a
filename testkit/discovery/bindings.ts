/** Which names of a file are the testkit's `test`: imported from it, made by `extend`, or imported from a file that has it. */
import { type AnyNode, bare, type Expression, memberChain, type Program } from './ast.ts';

/** Names under which a module exports a `test`; undefined for a module that exports none, or none of ours. */
export type ExportsOf = (specifier: string) => ReadonlySet<string> | undefined;

const testkit = '@doorbell/testkit';
const testkitExports: ReadonlySet<string> = new Set(['test']);

/** The `test`s of one file. */
export class TestBindings {
  private readonly names = new Set<string>();
  /** `import * as kit`: the exports by which they hold a `test`. */
  private readonly namespaces = new Map<string, ReadonlySet<string>>();

  constructor(
    program: Program,
    private readonly exportsOf: ExportsOf,
  ) {
    for (const statement of program.body) this.add(statement);
  }

  /** Members behind the `test` a callee starts with: `['describe', 'skip']`; undefined when it does not start with one. */
  membersOf(callee: AnyNode): readonly string[] | undefined {
    const chain = memberChain(callee);
    if (chain === undefined) return undefined;
    if (this.names.has(chain.base)) return chain.members;
    const [first, ...rest] = chain.members;
    return first !== undefined && this.namespaces.get(chain.base)?.has(first) ? rest : undefined;
  }

  /** Names by which this file exports a `test`. */
  exported(program: Program): ReadonlySet<string> {
    const exported = new Set<string>();
    for (const statement of program.body) for (const name of this.exportedBy(statement)) exported.add(name);
    return exported;
  }

  private add(statement: Program['body'][number]): void {
    if (statement.type === 'ImportDeclaration') this.addImport(statement);
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declaration?.type !== 'VariableDeclaration') return;
    for (const { id, init } of declaration.declarations) {
      if (init && id.type === 'Identifier' && this.isTest(init)) this.names.add(id.name);
      if (init && id.type === 'ObjectPattern') this.addRequired(id.properties, init);
    }
  }

  private addImport(statement: Extract<Program['body'][number], { type: 'ImportDeclaration' }>): void {
    const exports = this.exportsOfModule(statement.source.value);
    if (exports === undefined) return;
    for (const specifier of statement.specifiers) {
      const local = specifier.local.name;
      if (specifier.type === 'ImportNamespaceSpecifier') this.namespaces.set(local, exports);
      else if (specifier.type === 'ImportDefaultSpecifier' && exports.has('default')) this.names.add(local);
      else if (specifier.type === 'ImportSpecifier' && exports.has(nameOf(specifier.imported))) this.names.add(local);
    }
  }

  /** `const { test } = require('@doorbell/testkit')` */
  private addRequired(properties: readonly AnyNode[], init: Expression): void {
    const call = bare(init);
    const [source] =
      call.type === 'CallExpression' && memberChain(call.callee)?.base === 'require' ? call.arguments : [];
    const exports = source?.type === 'StringLiteral' ? this.exportsOfModule(source.value) : undefined;
    for (const property of properties as Expression[]) {
      if ((property as AnyNode).type !== 'ObjectProperty') continue;
      const { key, value } = property as unknown as { key: Expression; value: Expression };
      if (value.type === 'Identifier' && key.type === 'Identifier' && exports?.has(key.name))
        this.names.add(value.name);
    }
  }

  /** `other`, `other.extend(...)` */
  private isTest(init: Expression): boolean {
    const expression = bare(init);
    if (expression.type !== 'CallExpression') return this.membersOf(expression)?.length === 0;
    const callee = bare(expression.callee as Expression);
    if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return false;
    return callee.property.name === 'extend' && this.isTest(callee.object as Expression);
  }

  private exportedBy(statement: Program['body'][number]): string[] {
    if (statement.type === 'ExportAllDeclaration') {
      return [...(this.exportsOfModule(statement.source.value) ?? [])].filter((name) => name !== 'default');
    }
    if (statement.type === 'ExportDefaultDeclaration') {
      return this.isTest(statement.declaration as Expression) ? ['default'] : [];
    }
    if (statement.type !== 'ExportNamedDeclaration') return [];
    const from = statement.source ? (this.exportsOfModule(statement.source.value) ?? new Set()) : this.names;
    const named = statement.specifiers.flatMap((specifier) =>
      specifier.type === 'ExportSpecifier' && from.has(nameOf(specifier.local)) ? [nameOf(specifier.exported)] : [],
    );
    if (statement.declaration?.type !== 'VariableDeclaration') return named;
    return [
      ...named,
      ...statement.declaration.declarations.flatMap(({ id }) =>
        id.type === 'Identifier' && this.names.has(id.name) ? [id.name] : [],
      ),
    ];
  }

  private exportsOfModule(specifier: string): ReadonlySet<string> | undefined {
    return specifier === testkit ? testkitExports : this.exportsOf(specifier);
  }
}

/** Relative modules whose exports matter, in source order. */
export function relativeModules(program: Program): string[] {
  const specifiers = program.body.flatMap((statement) => {
    if (!('source' in statement) || !statement.source || statement.source.type !== 'StringLiteral') return [];
    return 'importKind' in statement && statement.importKind === 'type' ? [] : [statement.source.value];
  });
  return specifiers.filter((specifier) => /^\.\.?\//.test(specifier));
}

function nameOf(node: { type: string; name?: string; value?: string }): string {
  return node.name ?? node.value ?? '';
}
