// biome-ignore-all lint/performance/noBarrelFile: it stands in for a module that is one.
// biome-ignore-all lint/performance/noReExportAll: likewise.
/**
 * A `vscode` in plain Node for unit tests: bundles of tests have it in place of the real module. Only what the
 * extension uses; behaviour is kept where it matters (events, cancellation, test items, runs), the rest is recorded.
 * `fake` is the test's side of it.
 */
export * from './vscode/core.ts';
export * from './vscode/debugging.ts';
export * from './vscode/editing.ts';
export { fake } from './vscode/fake.ts';
export * from './vscode/testing.ts';
export * from './vscode/ui.ts';
export * from './vscode/workspace.ts';
