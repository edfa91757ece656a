// The settings table of README.md, made from the manifest: `node test/tools/readme.mjs` writes it (so does `npm run format`).
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './setup.mjs';

const file = path.join(root, 'README.md');
const readJson = (name) => JSON.parse(readFileSync(path.join(root, name), 'utf8'));

function settingsTable() {
  const strings = readJson('package.nls.json');
  const configuration = [readJson('package.json').contributes.configuration].flat();
  const text = (value) => value.replace(/^%(.+)%$/, (_, key) => strings[key]);
  const plain = (markdown) =>
    markdown
      .replace(/`#([^#`]+)#`/g, '`$1`')
      .replace(/\s*\n\s*/g, ' ')
      .replaceAll('|', '\\|');
  const rows = configuration
    .flatMap(({ properties }) => Object.entries(properties))
    .map(([name, setting]) => {
      const description = plain(text(setting.markdownDescription ?? setting.description));
      return `| \`${name}\` | \`${JSON.stringify(setting.default)}\` | ${description} |`;
    });
  return ['| setting | default | what it does |', '|---|---|---|', ...rows].join('\n');
}

/** README.md as it should be. */
export const readme = () =>
  readFileSync(file, 'utf8').replace(
    /(<!-- settings -->\n)[\s\S]*?(<!-- \/settings -->)/,
    (_, begin, end) => `${begin}${settingsTable()}\n${end}`,
  );

if (import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync(file, readme());
