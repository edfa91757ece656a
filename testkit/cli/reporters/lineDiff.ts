/** `- expected`, `+ actual`, and what both have: by lines, longest common subsequence; large texts are not compared line by line. */
export function lineDiff(expected: string, actual: string, maxLines = 40): string[] {
  const [before, after] = [expected.split('\n'), actual.split('\n')];
  if (before.length * after.length > 250_000)
    return ['- (expected: too long to compare)', '+ (actual: too long to compare)'];
  const lines = merge(before, after, commonLengths(before, after));
  return lines.length <= maxLines ? lines : [...lines.slice(0, maxLines), `... ${lines.length - maxLines} more lines`];
}

/** Cell [i][j]: length of the longest common subsequence of what follows line i and line j. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const table = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  const at = (i: number, j: number) => table[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const row = table[i];
      if (row) row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  return table;
}

function merge(before: readonly string[], after: readonly string[], table: number[][]): string[] {
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const keep = i < before.length && j < after.length && before[i] === after[j];
    const removes = j >= after.length || (i < before.length && (table[i + 1]?.[j] ?? 0) >= (table[i]?.[j + 1] ?? 0));
    if (keep) lines.push(`  ${before[i]}`);
    else lines.push(removes ? `- ${before[i]}` : `+ ${after[j]}`);
    if (keep || removes) i += 1;
    if (keep || !removes) j += 1;
  }
  return lines;
}
