/** Functions a file names at its top level: `function io() {}`, `const io = () => {}`. A suite's body may be one of them. */
import { type AnyNode, bare, type Call, children, type Program } from './ast.ts';

export function functionsOf(program: Program): ReadonlyMap<string, AnyNode> {
  const functions = new Map<string, AnyNode>();
  for (const statement of program.body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declaration?.type === 'FunctionDeclaration' && declaration.id) functions.set(declaration.id.name, declaration);
    if (declaration?.type !== 'VariableDeclaration') continue;
    for (const { id, init } of declaration.declarations) {
      const made = init && bare(init);
      if (id.type === 'Identifier' && made && isFunction(made)) functions.set(id.name, made);
    }
  }
  return functions;
}

/** Those given as the last argument of a call that counts. */
export function namedArguments(
  program: Program,
  functions: ReadonlyMap<string, AnyNode>,
  counts: (call: Call) => boolean,
): ReadonlySet<AnyNode> {
  const found = new Set<AnyNode>();
  const visit = (node: AnyNode): void => {
    const call = node.type === 'CallExpression' ? (node as Call) : undefined;
    const last = call?.arguments.at(-1);
    const named = last?.type === 'Identifier' ? functions.get(last.name) : undefined;
    if (call && named && counts(call)) found.add(named);
    for (const child of children(node)) visit(child);
  };
  if (functions.size > 0) visit(program);
  return found;
}

function isFunction({ type }: AnyNode): boolean {
  return type === 'ArrowFunctionExpression' || type === 'FunctionExpression';
}
