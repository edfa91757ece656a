import type { RunSummary, TestFailure } from '../../protocol.ts';
import {
  cmdlogText,
  failuresOf,
  frameText,
  type ReportedFile,
  type ReportedRun,
  type ReportedTest,
  type Reporter,
  reproduceCommand,
} from './reporter.ts';

/** JUnit XML as CI systems read it: a testsuite a file, written at the end. */
export class JunitReporter implements Reporter {
  private readonly tests: ReportedTest[] = [];
  private readonly files: ReportedFile[] = [];

  constructor(
    private readonly run: ReportedRun,
    private readonly write: (text: string) => void,
  ) {}

  fileErrored(file: ReportedFile): void {
    this.files.push(file);
  }

  testEnded(test: ReportedTest): void {
    this.tests.push(test);
  }

  end(summary: RunSummary, fault?: string): void {
    const names = new Set([...this.tests, ...this.files].map(({ file }) => file));
    const attributes = {
      name: 'doorbell',
      time: seconds(summary.durationMs),
      timestamp: this.run.startedAt.toISOString(),
    };
    const suites = [...names].map((file) => this.suite(file));
    if (fault) suites.push(element('testsuite', { name: 'driver host', errors: 1, tests: 1 }, [hostFault(fault)]));
    this.write(`<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', attributes, suites)}\n`);
  }

  private suite(file: string): string {
    const tests = this.tests.filter((test) => test.file === file);
    const faults = this.files.filter((other) => other.file === file);
    const count = (state: string) => tests.filter(({ outcome }) => outcome.state === state).length;
    const attributes = {
      name: file,
      tests: tests.length + faults.length,
      failures: count('failed'),
      errors: count('errored') + faults.length,
      skipped: count('skipped'),
      time: seconds(tests.reduce((sum, { durationMs }) => sum + durationMs, 0)),
    };
    return element('testsuite', attributes, [
      ...faults.map(({ failure, suite }) =>
        testcase({ name: suite ?? file, classname: file }, [problem('error', failure)]),
      ),
      ...tests.map((test) => this.testcase(test)),
    ]);
  }

  private testcase(test: ReportedTest): string {
    const { outcome } = test;
    const tag = outcome.state === 'errored' ? 'error' : 'failure';
    const properties = { seed: test.seed, iteration: test.iteration, ...(test.spec && { spec: test.spec }) };
    const inside = [
      element(
        'properties',
        {},
        Object.entries(properties).map(([name, value]) => element('property', { name, value })),
      ),
      ...(outcome.state === 'skipped' ? [element('skipped', { message: outcome.reason })] : []),
      ...failuresOf(outcome).map((failure) => problem(tag, failure, reproduceCommand(test, this.run))),
      ...(test.output ? [element('system-out', {}, [xml(test.output)])] : []),
    ];
    const name = [...test.suites, test.title].join(' > ');
    return testcase({ name, classname: test.file, time: seconds(test.durationMs) }, inside);
  }
}

function testcase(attributes: Attributes, inside: readonly string[]): string {
  return element('testcase', attributes, inside);
}

function hostFault(fault: string): string {
  return testcase({ name: 'driver host', classname: 'doorbell' }, [problem('error', { message: fault, stack: [] })]);
}

function problem(tag: 'failure' | 'error', failure: TestFailure, reproduce?: string): string {
  const cmdlog = cmdlogText(failure);
  const diff = failure.expected === undefined ? [] : [`Expected: ${failure.expected}`, `Actual: ${failure.actual}`];
  const lines = [reproduce, failure.message, ...diff, ...failure.stack.map(frameText), cmdlog];
  const text = lines.filter((line) => line !== undefined).join('\n');
  return element(tag, { message: failure.message.split('\n')[0] ?? '', type: failure.status ?? tag }, [xml(text)]);
}

type Attributes = Readonly<Record<string, string | number>>;

function element(name: string, attributes: Attributes, inside: readonly string[] = []): string {
  const head = Object.entries(attributes).map(([key, value]) => ` ${key}="${xml(String(value))}"`);
  const start = `<${name}${head.join('')}`;
  return inside.length === 0 ? `${start}/>` : `${start}>${inside.join('')}</${name}>`;
}

/** Markup escaped; characters XML cannot have are dropped. */
function xml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  const clean = [...text]
    .filter((char) => (char >= ' ' && !/[\ufffe\uffff]/.test(char)) || '\t\n\r'.includes(char))
    .join('');
  return clean.replace(/[&<>"]/g, (char) => entities[char] ?? '');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
