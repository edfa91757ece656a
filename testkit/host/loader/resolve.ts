import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { exports as resolveExports } from 'resolve.exports';

/** `./limits.js` in a TypeScript file means `./limits.ts` when that is what there is. */
export function typescriptTwin(request: string, importer: string | undefined): string | undefined {
  if (!importer || !/^\.{1,2}\//.test(request)) return undefined;
  const match = /\.([cm]?)js$/.exec(request);
  if (!match) return undefined;
  const twin = path.resolve(path.dirname(importer), `${request.slice(0, match.index)}.${match[1]}ts`);
  return existsSync(twin) ? twin : undefined;
}

/** The file of a package that only answers `import`, which `require` cannot find by itself. */
export function esmOnlyFile(request: string, lookupFolders: readonly string[]): string | undefined {
  const [, name = '', rest = ''] = /^(@[^/]+\/[^/]+|[^/]+)(\/.*)?$/.exec(request) ?? [];
  for (const folder of lookupFolders) {
    const root = path.join(folder, name);
    const manifest = path.join(root, 'package.json');
    if (!existsSync(manifest)) continue;
    const [target] = resolveExports(JSON.parse(readFileSync(manifest, 'utf8')), `.${rest}`) ?? [];
    return target && path.join(root, target);
  }
  return undefined;
}
