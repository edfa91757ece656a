/** Babel plugin: what of a module's syntax CommonJS does not have. `import.meta` and `import()` keep their meaning. */

/** What a transpiled module requires to do what `import()` does: a function of its own `require`. */
export const importHelper = '@doorbell/import';

const topLevelAwait =
  'A test file cannot await at its top level: files are loaded as CommonJS. Await in test.beforeAll or in the test.';

const metaValues: Readonly<Record<string, string>> = {
  url: 'require("node:url").pathToFileURL(__filename).href',
  filename: '__filename',
  dirname: '__dirname',
};

interface Types {
  callExpression(callee: unknown, args: readonly unknown[]): unknown;
}

interface Template {
  readonly expression: { ast(code: string): unknown };
}

interface MemberPath {
  readonly node: {
    readonly computed: boolean;
    readonly object: { readonly type: string; readonly meta?: { readonly name: string } };
    readonly property: { readonly name?: string };
  };
  replaceWith(node: unknown): void;
}

interface ImportPath {
  readonly node: { readonly source: unknown };
  replaceWith(node: unknown): void;
}

interface AwaitPath {
  readonly node: { readonly loc?: { readonly start: object } };
  getFunctionParent(): unknown;
  buildCodeFrameError(message: string): Error;
}

export function moduleSyntaxPlugin({ types, template }: { types: Types; template: Template }): object {
  return {
    visitor: {
      MemberExpression(path: MemberPath) {
        const { object, property, computed } = path.node;
        if (computed || object.type !== 'MetaProperty' || object.meta?.name !== 'import') return;
        const value = metaValues[property.name ?? ''];
        if (value) path.replaceWith(template.expression.ast(value));
      },
      ImportExpression(path: ImportPath) {
        const helper = template.expression.ast(`require(${JSON.stringify(importHelper)})(require)`);
        path.replaceWith(types.callExpression(helper, [path.node.source]));
      },
      AwaitExpression(path: AwaitPath) {
        if (path.getFunctionParent()) return;
        throw Object.assign(path.buildCodeFrameError(topLevelAwait), { loc: path.node.loc?.start });
      },
    },
  };
}
