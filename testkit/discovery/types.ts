/** What discovery says about a test file, without running it. Plain data: it crosses worker borders. */

/** 0-based, end exclusive; columns in UTF-16 units, as editors count. */
export interface SourceRange {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** The literal part of a test's options. What is computed at run time is absent. */
export interface TestOptions {
  readonly timeoutMs?: number;
  readonly tags?: readonly string[];
  /** Requirement: `NVMe Base 2.0, ...`. */
  readonly spec?: string;
}

interface DiscoveredNode extends TestOptions {
  /** Path of the file relative to the root, describe titles, title and `#n`: see `testId.ts`. */
  readonly id: string;
  readonly title: string;
  /** The whole call. */
  readonly range: SourceRange;
  /** Where to put the cursor: the call's first line up to its title. */
  readonly titleRange: SourceRange;
  readonly skip: boolean;
  readonly only: boolean;
}

export interface DiscoveredSuite extends DiscoveredNode {
  readonly kind: 'suite';
  readonly children: readonly DiscoveredTest[];
}

export interface DiscoveredCase extends DiscoveredNode {
  readonly kind: 'test';
  /** A computed `test.each` (its id is `TestIds.template`) or title: one item whose cases appear at the first run. */
  readonly template: boolean;
}

export type DiscoveredTest = DiscoveredSuite | DiscoveredCase;

export interface ParseFault {
  readonly message: string;
  /** 0-based. */
  readonly line: number;
  readonly column: number;
}

export interface DiscoveredFile {
  /** Relative to the root, with `/`. */
  readonly file: string;
  readonly tests: readonly DiscoveredTest[];
  /** The file cannot be parsed (then `tests` is empty) or read. */
  readonly fault?: ParseFault;
}
