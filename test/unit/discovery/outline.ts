import type { DiscoveredTest } from '../../../testkit/discovery/types.ts';

/** The tree as text, for golden comparisons: one line an item, indented. */
export function outline(tests: readonly DiscoveredTest[], indent = ''): string[] {
  return tests.flatMap((test) => {
    const marks = [
      test.kind === 'suite' ? 'suite' : test.template ? 'template' : 'test',
      ...(test.skip ? ['skip'] : []),
      ...(test.only ? ['only'] : []),
    ];
    const line = `${indent}${marks.join(' ')}: ${test.title}`;
    return test.kind === 'suite' ? [line, ...outline(test.children, `${indent}  `)] : [line];
  });
}

export function ids(tests: readonly DiscoveredTest[]): string[] {
  return tests.flatMap((test) => (test.kind === 'suite' ? [test.id, ...ids(test.children)] : [test.id]));
}
