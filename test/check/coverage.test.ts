import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseTests } from '../../testkit/discovery/parseTests.ts';
import type { DiscoveredTest } from '../../testkit/discovery/types.ts';
import { statuses } from '../../testkit/nvme/status.ts';
import type { TestName } from '../../testkit/suites/conformance/coverageTable.ts';
import { statusCoverage } from '../../testkit/suites/conformance/statusCoverage.ts';
import { coverageFile, coverageTables, coverageText } from '../tools/coverageText.ts';

const folder = 'testkit/suites/conformance';

const titlesOf = (tests: readonly DiscoveredTest[]): string[] =>
  tests.flatMap((test) => (test.kind === 'suite' ? titlesOf(test.children) : [test.title]));

function fileAndTitle(name: TestName): { file: string; title: string } {
  const border = name.indexOf(': ');
  return { file: path.join(folder, name.slice(0, border)), title: name.slice(border + 2) };
}

/** What is wrong with the name of a test, if anything. */
function fault(name: TestName): string | undefined {
  const { file, title } = fileAndTitle(name);
  if (!existsSync(file)) return `${file} does not exist`;
  const { tests } = parseTests(file, readFileSync(file, 'utf8'));
  return titlesOf(tests).includes(title) ? undefined : `${file} has no test "${title}"`;
}

describe('coverage of the emulated SSD', () => {
  it('names tests that exist', () => {
    const named = [
      ...coverageTables.flatMap(({ sweep, rows }) => [sweep, ...rows.map(([, , , test]) => test)]),
      ...statusCoverage.map(([, { test }]) => test),
    ];
    const names = new Set(named.filter((name) => name !== undefined));
    assert.deepEqual(
      [...names].map(fault).filter((one) => one !== undefined),
      [],
    );
  });

  it('has every code once, in order', () => {
    for (const { title, rows } of coverageTables) {
      const codes = rows.map(([code]) => code);
      assert.deepEqual(
        codes,
        [...new Set(codes)].sort((a, b) => a - b),
        title,
      );
      assert.ok(codes.every((code) => code >= 0 && code <= 0xff));
    }
  });

  it('has every status that is not success', () => {
    const covered = statusCoverage.map(([name]) => name);
    const wanted = statuses.map(({ name }) => name).filter((name) => name !== 'Successful Completion');
    assert.deepEqual([...covered].sort(), [...wanted].sort());
  });

  it('names for each status a file that expects it', () => {
    const missing = statusCoverage
      .filter(([, { never }]) => never === undefined)
      .map(([name, { test }]) => ({ name, file: fileAndTitle(test).file }))
      .filter(({ name, file }) => !readFileSync(file, 'utf8').includes(`'${name}'`));
    assert.deepEqual(missing, []);
  });

  it('is what coverage.md says (npm run format writes it)', () => {
    assert.equal(readFileSync(coverageFile, 'utf8'), coverageText());
  });
});
