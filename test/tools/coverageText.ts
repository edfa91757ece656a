// native/emulator/docs/coverage.md, made from the coverage tables of the conformance suites.
import {
  adminCommands,
  type CoverageTable,
  features,
  logPages,
  nvmCommands,
} from '../../testkit/suites/conformance/coverageTable.ts';
import { statusCoverage } from '../../testkit/suites/conformance/statusCoverage.ts';

export const coverageFile = 'native/emulator/docs/coverage.md';
export const coverageTables: readonly CoverageTable[] = [adminCommands, nvmCommands, features, logPages];

const hex = (code: number) => `${code.toString(16).toUpperCase().padStart(2, '0')}h`;

/** 00h to FFh as ranges of codes that no row names. */
function unnamed({ rows }: CoverageTable): string {
  const named = new Set(rows.map(([code]) => code));
  const ranges: string[] = [];
  for (let first = 0; first < 256; first += 1) {
    if (named.has(first)) continue;
    let last = first;
    while (last < 255 && !named.has(last + 1)) last += 1;
    ranges.push(first === last ? hex(first) : `${hex(first)}-${hex(last)}`);
    first = last;
  }
  return ranges.join(', ');
}

function section(table: CoverageTable): string {
  const rows = table.rows.map(
    ([code, name, answer, test]) => `| ${hex(code)} | ${name} | ${answer} | ${test ?? table.sweep} |`,
  );
  return [
    `## ${table.title}`,
    '',
    '| code | name | answer | test |',
    '|---|---|---|---|',
    ...rows,
    `| ${unnamed(table)} | reserved, vendor specific | ${table.others} | ${table.sweep} |`,
  ].join('\n');
}

function statuses(): string {
  const rows = statusCoverage.map(
    ([name, { test, never }]) => `| ${name} | ${test}${never === undefined ? '' : ` (injected: ${never})`} |`,
  );
  return [
    '## Status codes',
    '',
    '| status | test; `injected` where only a fault makes the drive give it, and why |',
    '|---|---|',
    ...rows,
  ].join('\n');
}

/** The document as it should be. */
export function coverageText(): string {
  const intro = `# Coverage of the emulated SSD

Every opcode, Feature Identifier and Log Page Identifier from 00h to FFh and every status code: what the emulated SSD does with it, and
the test that shows it, below \`testkit/suites/conformance\`. Made by \`npm run format\` from \`coverageTable.ts\` and
\`statusCoverage.ts\` there; \`sweep.nvme.ts\` sends every code and compares.`;
  return `${[intro, ...coverageTables.map(section), statuses()].join('\n\n')}\n`;
}
