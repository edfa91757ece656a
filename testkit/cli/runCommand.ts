import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { freshSeed, iterationSeed } from '../host/engine/seeds.ts';
import { checkPlatform, parseAddresses } from '../machine/address.ts';
import { HostGoneError, HostStartError } from '../parent/hostOptions.ts';
import { HostProcess } from '../parent/hostProcess.ts';
import type { RunRequest, RunSummary } from '../protocol.ts';
import type { RunOptions } from './arguments.ts';
import { checkDrives } from './driveCheck.ts';
import { ExitCode, type ExitCodeValue, UsageError } from './exitCodes.ts';
import { interrupts } from './interrupts.ts';
import { places } from './places.ts';
import { ReportedTests } from './reportedTests.ts';
import { HtmlReporter } from './reporters/html.ts';
import { JsonReporter } from './reporters/json.ts';
import { JunitReporter } from './reporters/junit.ts';
import type { ReportedRun, Reporter } from './reporters/reporter.ts';
import { SpecReporter } from './reporters/spec.ts';
import { Style } from './style.ts';
import { findTestFiles } from './testFiles.ts';

/** A test that never yields cannot be cancelled; its host can be ended. */
const cancelMs = 5000;
/** Also where every instruction is emulated. Nobody looks at a window meanwhile. */
const startTimeoutMs = 60_000;

interface Ended {
  readonly summary: RunSummary;
  readonly fault?: string;
}

const nothing: RunSummary = { passed: 0, failed: 0, errored: 0, skipped: 0, durationMs: 0, cancelled: false };

/** `doorbell run`. */
export async function runCommand(options: RunOptions, root = process.cwd()): Promise<ExitCodeValue> {
  const files = findTestFiles(root, options.patterns);
  const about = describeRun(options, root);
  const target = options.output === undefined ? undefined : openOutput(options.output);
  try {
    const reporters = makeReporters(options, about, target);
    const tests = new ReportedTests(about, reporters);
    const ended = await runAll(options, { root, files, seed: about.seed, tests });
    for (const reporter of reporters) reporter.end(ended.summary, ended.fault);
    return exitCode(ended, tests);
  } finally {
    if (target !== undefined) closeSync(target);
  }
}

interface Work {
  readonly root: string;
  readonly files: readonly string[];
  readonly seed: string;
  readonly tests: ReportedTests;
}

/** One host for the run, or with `--fresh` one for every repetition. */
async function runAll(options: RunOptions, work: Work): Promise<Ended> {
  if (!options.fresh) return runOnHost(options, work, options.repeat);
  let total: Ended = { summary: nothing };
  for (let iteration = 1; iteration <= options.repeat; iteration += 1) {
    const ended = await runOnHost(options, { ...work, seed: iterationSeed(work.seed, iteration) }, 1);
    total = { ...ended, summary: add(total.summary, ended.summary) };
    const failed = ended.summary.failed + ended.summary.errored > 0;
    if (ended.fault !== undefined || ended.summary.cancelled || (failed && (options.bail || options.untilFailure)))
      break;
  }
  return total;
}

async function runOnHost(options: RunOptions, work: Work, repeat: number): Promise<Ended> {
  let host: HostProcess;
  try {
    const handlers = { ...work.tests.handlers, rawOutput };
    const options_ = { hostPath: places.host, logFolder: places.logs, startTimeoutMs };
    host = await HostProcess.start(options_, handlers);
  } catch (error) {
    return { summary: nothing, fault: faultText(error) };
  }
  try {
    const refusal = await refusalOf(host, options, work);
    if (refusal !== undefined) return { summary: nothing, fault: refusal };
    return await cancellable(host, requestOf(options, work, repeat), work.tests);
  } finally {
    await host.stop();
  }
}

/** Why the controllers cannot be used; @throws UsageError for what the user can say better */
async function refusalOf(host: HostProcess, options: RunOptions, work: Work): Promise<string | undefined> {
  checkControllers(options.controllers, host.info.platforms);
  try {
    await checkDrives(host, options, work);
    return undefined;
  } catch (error) {
    return faultText(error);
  }
}

/** What native code or a child of a test wrote. A report on stdout must stay one. */
function rawOutput({ text }: { readonly text: string }): void {
  process.stderr.write(text);
}

/** Ctrl-C once cancels the run, twice (or a run that cannot be cancelled) ends the host. */
async function cancellable(host: HostProcess, request: RunRequest, tests: ReportedTests): Promise<Ended> {
  const before = tests.told;
  const beganMs = performance.now();
  const stop = interrupts((count) => {
    if (count > 1) void host.stop(0);
    else void host.calls.cancel({ runId: request.runId }).catch(() => undefined);
    setTimeout(() => void host.stop(0), cancelMs).unref();
  });
  try {
    return { summary: await host.calls.run(request), ...addonFault(host) };
  } catch (error) {
    const cancelled = stop.count > 0;
    return {
      summary: { ...since(before, tests.told), durationMs: performance.now() - beganMs, cancelled },
      fault: faultText(error),
    };
  } finally {
    stop.dispose();
  }
}

/** What a host told that did not live to sum it up. */
function since(before: ReportedTests['told'], { passed, failed, errored, skipped }: ReportedTests['told']) {
  return {
    passed: passed - before.passed,
    failed: failed - before.failed,
    // Its end is an error, also where it was on no test.
    errored: Math.max(1, errored - before.errored),
    skipped: skipped - before.skipped,
  };
}

function requestOf(options: RunOptions, { root, files, seed }: Work, repeat: number): RunRequest {
  const { grep, tags, notTags, controllers, power, allowedDrives, bail, untilFailure, timeoutMs, fresh } = options;
  return {
    runId: 1,
    root,
    files,
    seed,
    controllers,
    power,
    allowedDrives,
    tags,
    notTags,
    bail,
    untilFailure,
    timeoutMs,
    fresh,
    repeat,
    debug: false,
    ...(grep !== undefined && { grep }),
  };
}

/** @throws UsageError for an address that no platform of this build can open */
function checkControllers(addresses: readonly string[], platforms: readonly string[]): void {
  // Without the addon every test says so.
  if (platforms.length === 0) return;
  try {
    for (const address of parseAddresses(addresses)) checkPlatform(address, platforms);
  } catch (error) {
    throw new UsageError(`--controller: ${(error as Error).message}`);
  }
}

/** The tests have been told; the exit code must say it too. */
function addonFault(host: HostProcess): { fault?: string } {
  return host.info.addonVersion === '' ? { fault: 'No test could run: the native driver could not be loaded.' } : {};
}

function exitCode({ summary, fault }: Ended, { told }: ReportedTests): ExitCodeValue {
  if (summary.cancelled) return ExitCode.Cancelled;
  if (fault !== undefined) return ExitCode.Environment;
  if (told.passed + told.failed + told.errored + told.skipped === 0) {
    throw new UsageError('No test matches --grep, --tag and --no-tag, or the files declare none.');
  }
  return summary.failed + summary.errored > 0 ? ExitCode.Failures : ExitCode.Passed;
}

function faultText(error: unknown): string {
  if (error instanceof UsageError) throw error;
  const known = error instanceof HostGoneError || error instanceof HostStartError;
  return known ? error.message : `The driver host refused the run: ${error instanceof Error ? error.message : error}`;
}

function add(a: RunSummary, b: RunSummary): RunSummary {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    errored: a.errored + b.errored,
    skipped: a.skipped + b.skipped,
    durationMs: a.durationMs + b.durationMs,
    cancelled: b.cancelled,
  };
}

function describeRun(options: RunOptions, root: string): ReportedRun & { readonly seed: string } {
  const { version } = JSON.parse(readFileSync(places.package, 'utf8')) as { version: string };
  const { seed = freshSeed(), controllers, power } = options;
  return { root, controllers, power, seed, version, startedAt: new Date() };
}

const reporterClasses = { json: JsonReporter, junit: JunitReporter, html: HtmlReporter } as const;

function makeReporters(options: RunOptions, about: ReportedRun, target: number | undefined): Reporter[] {
  const print = (text: string) => void process.stdout.write(text);
  const spec = new SpecReporter(about, print, Style.for(process.stdout));
  const write = target === undefined ? print : (text: string) => void writeSync(target, text);
  if (options.reporter === 'spec') {
    return target === undefined ? [spec] : [spec, new SpecReporter(about, write, new Style(false))];
  }
  const report = new reporterClasses[options.reporter](about, write);
  return target === undefined ? [report] : [spec, report];
}

function openOutput(file: string): number {
  try {
    return openSync(file, 'w');
  } catch (error) {
    throw new UsageError(`--output: ${(error as Error).message}.`);
  }
}
