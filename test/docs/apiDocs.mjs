// `npm run docs`: the API site out of the testkit's TSDoc, in dist/docs. Fails when something public is not documented.
// TypeDoc needs an older TypeScript than the project's: both are pinned by the lock file beside this file and installed here, once.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const here = import.meta.dirname;
const site = path.resolve(here, '../../dist/docs');

function ensurePackages() {
  const installed = path.join(here, 'node_modules/.package-lock.json');
  const versions = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const wanted = Object.entries(versions(path.join(here, 'package-lock.json'))).filter(([place]) => place !== '');
  const have = existsSync(installed) ? versions(installed) : {};
  if (wanted.every(([place, { version }]) => have[place]?.version === version)) return;
  console.error('Installing what the API site is made with ...');
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: here,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Reads the testkit's public interface. @returns TypeDoc, its application and the project it made */
async function convert() {
  ensurePackages();
  const typedoc = await import(pathToFileURL(path.join(here, 'node_modules/typedoc/dist/index.js')).href);
  const app = await typedoc.Application.bootstrapWithPlugins({ options: path.join(here, 'typedoc.json') }, [
    new typedoc.TypeDocReader(),
    new typedoc.TSConfigReader(),
  ]);
  const project = await app.convert();
  if (!project) throw new Error('TypeDoc could not read the testkit.');
  app.validate(project);
  return { typedoc, app, project };
}

/** Public names without TSDoc, as `Controller.format (Method)`. */
function undocumented({ ReflectionKind }, project) {
  const {
    Class,
    Interface,
    TypeAlias,
    Function: Fn,
    Variable,
    Constructor,
    Method,
    Property,
    Accessor,
  } = ReflectionKind;
  const symbols = Class | Interface | TypeAlias | Fn | Variable;
  return project
    .getReflectionsByKind(symbols | Constructor | Method | Property | Accessor)
    .filter((reflection) => !isDocumented(reflection) && !speaksForItself(reflection, ReflectionKind))
    .map((reflection) => `${reflection.getFullName()} (${ReflectionKind.singularString(reflection.kind)})`)
    .sort();
}

function isDocumented(reflection) {
  const parts = [reflection, reflection.getSignature, reflection.setSignature, ...(reflection.signatures ?? [])];
  const types =
    reflection.type?.type === 'reflection'
      ? [reflection.type.declaration, ...(reflection.type.declaration.signatures ?? [])]
      : [];
  return [...parts, ...types].some((part) => part?.hasComment());
}

/** Members of an object that is written in place; the name of an error; what is inherited from Node.js. */
function speaksForItself(reflection, { TypeLiteral, Constructor }) {
  const { parent, name, flags } = reflection;
  if (name === '__type' || parent?.kindOf(TypeLiteral) || name === '[toStringTag]' || flags.isExternal) return true;
  if (reflection.kindOf(Constructor) && (reflection.signatures ?? []).every(({ parameters }) => !parameters?.length))
    return true;
  return name === 'name' && /Error$/.test(parent?.name ?? '');
}

/** @returns {Promise<string[]>} what is public and not documented, and TypeDoc's own warnings counted */
export async function checkApiDocs() {
  const { typedoc, app, project } = await convert();
  const missing = undocumented(typedoc, project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) missing.push('TypeDoc warned, see above');
  return missing;
}

async function main() {
  const { typedoc, app, project } = await convert();
  const missing = undocumented(typedoc, project);
  await app.generateDocs(project, site);
  for (const name of missing) console.error(`not documented: ${name}`);
  console.log(path.relative(process.cwd(), path.join(site, 'index.html')));
  if (missing.length > 0 || app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
}

// No top-level await: tests require() this.
if (import.meta.url === pathToFileURL(process.argv[1]).href) void main();
