import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from '@babel/parser';

interface Node {
  readonly type: string;
  readonly leadingComments?: readonly { readonly value: string }[];
  readonly [key: string]: unknown;
}

interface FoundClass {
  readonly base: string | undefined;
  /** Methods, and setters as `name =`. */
  readonly methods: ReadonlySet<string>;
}

/** Every class below testkit/objects and testkit/api, with what of it is public by its declaration and its TSDoc. */
function classes(): ReadonlyMap<string, FoundClass> {
  const found = new Map<string, FoundClass>();
  for (const folder of ['testkit/objects', 'testkit/api']) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.ts')) for (const [name, about] of classesOf(path.join(folder, file))) found.set(name, about);
    }
  }
  return found;
}

function* classesOf(file: string): Generator<[string, FoundClass]> {
  const { program } = parse(readFileSync(file, 'utf8'), { sourceType: 'module', plugins: ['typescript'] });
  for (const statement of program.body as unknown as Node[]) {
    const declaration = statement.declaration as Node | undefined;
    if (statement.type !== 'ExportNamedDeclaration' || declaration?.type !== 'ClassDeclaration') continue;
    const members = (declaration.body as { body: Node[] }).body;
    const base = (declaration.superClass as { name?: string } | null)?.name;
    yield [
      (declaration.id as unknown as { name: string }).name,
      { base, methods: new Set(members.flatMap(publicName)) },
    ];
  }
}

function publicName(member: Node): string[] {
  const isMethod = member.type === 'ClassMethod' || member.type === 'TSDeclareMethod';
  if (!isMethod || member.kind === 'get' || member.kind === 'constructor') return [];
  if (member.accessibility === 'private' || member.accessibility === 'protected' || member.computed) return [];
  if (member.leadingComments?.some(({ value }) => value.includes('@internal'))) return [];
  const { name } = member.key as { name: string };
  return [member.kind === 'set' ? `${name} =` : name];
}

const known = classes();

/** Public methods of a class and of what it extends, as `Controller.format`; setters as `Qpair.depth =`. */
export function publicMethods(name: string): readonly string[] {
  const names = new Set<string>();
  for (let at: string | undefined = name; at !== undefined; at = known.get(at)?.base) {
    for (const method of known.get(at)?.methods ?? []) names.add(method);
  }
  return [...names].map((method) => `${name}.${method}`);
}

/** Names of classes that `@doorbell/testkit` exports, as values or as types. */
export function publicClasses(): readonly string[] {
  const text = readFileSync('testkit/index.ts', 'utf8');
  const exported = [...text.matchAll(/\{([^}]*)\}/g)].flatMap(([, names = '']) => names.split(','));
  return exported.map((name) => name.replace(/^\s*type\s+/, '').trim()).filter((name) => known.has(name));
}
