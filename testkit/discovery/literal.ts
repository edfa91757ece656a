/** Values of expressions that can be known without running anything: literals, their arithmetic, constants made of them. */
import { binary, isCount, type Known, maxElements, unary } from './arithmetic.ts';
import { bare, type Call, type Expression, type Program } from './ast.ts';

/** Names of the file's `const`s, and what they are initialised with. */
export type Constants = ReadonlyMap<string, Expression>;

/** Bounds for sources made to explode: nesting, and evaluations a file. */
const maxDepth = 32;
const maxEvaluations = 100_000;

/** Top-level `const`s. */
export function constantsOf(program: Program): Constants {
  const constants = new Map<string, Expression>();
  for (const statement of program.body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declaration?.type !== 'VariableDeclaration' || declaration.kind !== 'const') continue;
    for (const { id, init } of declaration.declarations) {
      if (id.type === 'Identifier' && init) constants.set(id.name, init);
    }
  }
  return constants;
}

/** One object a file: it bounds the work spent on the file. */
export class LiteralEvaluator {
  private depth = 0;
  private evaluations = 0;
  /** Values of parameters in scope, before the constants. */
  private bound: ReadonlyMap<string, unknown> = new Map();

  constructor(private readonly constants: Constants) {}

  /** Undefined when only a run can know the value. */
  evaluate(expression: Expression): Known {
    this.evaluations += 1;
    if (this.depth >= maxDepth || this.evaluations > maxEvaluations) return undefined;
    this.depth += 1;
    try {
      return this.known(bare(expression));
    } finally {
      this.depth -= 1;
    }
  }

  private known(node: Expression): Known {
    switch (node.type) {
      case 'StringLiteral':
      case 'NumericLiteral':
      case 'BooleanLiteral':
        return { value: node.value };
      case 'BigIntLiteral':
        return { value: BigInt(node.value) };
      case 'NullLiteral':
        return { value: null };
      case 'TemplateLiteral':
        return this.template(node);
      case 'Identifier':
        return this.identifier(node.name);
      case 'UnaryExpression':
        return unary(node.operator, this.evaluate(node.argument));
      case 'BinaryExpression':
        return node.left.type === 'PrivateName'
          ? undefined
          : binary(node.operator, this.evaluate(node.left), this.evaluate(node.right));
      case 'ArrayExpression':
        return this.array(node);
      case 'ObjectExpression':
        return this.object(node);
      case 'CallExpression':
        return this.range(node);
      default:
        return undefined;
    }
  }

  private identifier(name: string): Known {
    if (this.bound.has(name)) return { value: this.bound.get(name) };
    if (name === 'undefined') return { value: undefined };
    const init = this.constants.get(name);
    return init && this.evaluate(init);
  }

  private template(node: Extract<Expression, { type: 'TemplateLiteral' }>): Known {
    let text = node.quasis[0]?.value.cooked ?? '';
    for (const [index, expression] of node.expressions.entries()) {
      const part = this.evaluate(expression as Expression);
      if (part === undefined) return undefined;
      text += `${String(part.value)}${node.quasis[index + 1]?.value.cooked ?? ''}`;
    }
    return { value: text };
  }

  private array(node: Extract<Expression, { type: 'ArrayExpression' }>): Known {
    const values: unknown[] = [];
    for (const element of node.elements) {
      if (element === null) return undefined;
      const spread = element.type === 'SpreadElement';
      const known = this.evaluate(spread ? element.argument : element);
      if (known === undefined || (spread && !Array.isArray(known.value))) return undefined;
      if (spread) values.push(...(known.value as unknown[]));
      else values.push(known.value);
      if (values.length > maxElements) return undefined;
    }
    return { value: values };
  }

  private object(node: Extract<Expression, { type: 'ObjectExpression' }>): Known {
    const entries: [string, unknown][] = [];
    for (const property of node.properties) {
      if (property.type !== 'ObjectProperty' || property.computed) return undefined;
      const key = propertyName(property.key as Expression);
      const known = this.evaluate(property.value as Expression);
      if (key === undefined || known === undefined) return undefined;
      entries.push([key, known.value]);
    }
    return { value: Object.fromEntries(entries) };
  }

  /** `Array.from({ length: 8 }, (_, i) => i + 1)` and `Array(8).keys()` inside a spread. */
  private range(call: Call): Known {
    const callee = bare(call.callee as Expression);
    if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return undefined;
    const object = bare(callee.object as Expression);
    if (callee.property.name === 'keys') return this.keysOf(object);
    const isFrom = callee.property.name === 'from' && object.type === 'Identifier' && object.name === 'Array';
    const [source, mapper] = call.arguments as Expression[];
    if (!isFrom || source === undefined) return undefined;
    const known = this.evaluate(source)?.value;
    const length = typeof known === 'object' && known !== null && 'length' in known ? known.length : undefined;
    if (!isCount(length)) return undefined;
    return mapper ? this.mapped(length, mapper) : { value: Array.from({ length }) };
  }

  private keysOf(object: Expression): Known {
    if (object.type !== 'CallExpression' && object.type !== 'NewExpression') return undefined;
    const [argument] = object.arguments as Expression[];
    const isArray = object.callee.type === 'Identifier' && object.callee.name === 'Array';
    const length = isArray && argument ? this.evaluate(argument)?.value : undefined;
    return isCount(length) ? { value: Array.from({ length }, (_, index) => index) } : undefined;
  }

  private mapped(length: number, mapper: Expression): Known {
    if (mapper.type !== 'ArrowFunctionExpression' || mapper.body.type === 'BlockStatement') return undefined;
    const parameter = mapper.params[1];
    const outer = this.bound;
    try {
      const values: unknown[] = [];
      for (let index = 0; index < length; index += 1) {
        if (parameter?.type === 'Identifier') this.bound = new Map(outer).set(parameter.name, index);
        const known = this.evaluate(mapper.body);
        if (known === undefined) return undefined;
        values.push(known.value);
      }
      return { value: values };
    } finally {
      this.bound = outer;
    }
  }
}

/** `name` of `{ name: ... }` and `{ 'name': ... }`. */
export function propertyName(key: Expression): string | undefined {
  if (key.type === 'Identifier') return key.name;
  return key.type === 'StringLiteral' ? key.value : undefined;
}

export function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
