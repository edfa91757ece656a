import { DiscoveryClient } from '../discovery/client.ts';
import type { DiscoveredFile, DiscoveredTest } from '../discovery/types.ts';
import { ExitCode, type ExitCodeValue } from './exitCodes.ts';
import { places } from './places.ts';
import { findTestFiles } from './testFiles.ts';

/** `doorbell list`: what the Testing view shows, without running anything. */
export async function listCommand(patterns: readonly string[], json: boolean): Promise<ExitCodeValue> {
  const root = process.cwd();
  const files = findTestFiles(root, patterns);
  const discovery = new DiscoveryClient({ worker: places.discovery });
  try {
    const found = await discovery.scan(root, files);
    process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : listing(found));
    return found.some((file) => file.fault) ? ExitCode.Failures : ExitCode.Passed;
  } finally {
    discovery.dispose();
  }
}

export function listing(files: readonly DiscoveredFile[]): string {
  const tests = files.flatMap((file) => leaves(file.tests));
  const faults = files.filter((file) => file.fault).length;
  const lines = files.flatMap((file) => [file.file, ...faultLines(file), ...treeLines(file.tests, 1)]);
  const total = `${tests.length} tests in ${files.length} files${faults > 0 ? `, ${faults} of them not readable` : ''}`;
  return `${[...lines, '', total].join('\n')}\n`;
}

function faultLines({ fault }: DiscoveredFile): string[] {
  return fault ? [`  ! line ${fault.line + 1}, column ${fault.column + 1}: ${fault.message}`] : [];
}

function treeLines(tests: readonly DiscoveredTest[], level: number): string[] {
  return tests.flatMap((test) => {
    const marks = [
      ...(test.skip ? ['skip'] : []),
      ...(test.only ? ['only'] : []),
      ...(test.kind === 'test' && test.template ? ['cases known when run'] : []),
      ...(test.tags ?? []).map((tag) => `#${tag}`),
      ...(test.spec ? [test.spec] : []),
    ];
    const line = `${'  '.repeat(level)}${test.title}${marks.length > 0 ? `  [${marks.join(', ')}]` : ''}`;
    return test.kind === 'suite' ? [line, ...treeLines(test.children, level + 1)] : [line];
  });
}

function leaves(tests: readonly DiscoveredTest[]): DiscoveredTest[] {
  return tests.flatMap((test) => (test.kind === 'suite' ? leaves(test.children) : [test]));
}
