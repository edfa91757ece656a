import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RunSummary } from '../../protocol.ts';
import { places } from '../places.ts';
import { htmlStyle } from './htmlStyle.ts';
import {
  cmdlogText,
  duration,
  failuresOf,
  frameText,
  type ReportedFile,
  type ReportedRun,
  type ReportedTest,
  type Reporter,
  reproduceCommand,
} from './reporter.ts';

const words = { passed: 'passed', failed: 'failed', errored: 'error', skipped: 'skipped' } as const;

/** One self-contained page at the end: results, output and charts. It loads nothing from anywhere. */
export class HtmlReporter implements Reporter {
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
    const script = readFileSync(places.charts.script, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
    const style = `${htmlStyle}\n${readFileSync(places.charts.style, 'utf8').replace(/\/\*# sourceMappingURL=.*?\*\/\s*$/, '')}`;
    this.write(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '${hash(script)}'; style-src '${hash(style)}'">
<title>NVMe tests, ${escapeHtml(this.run.startedAt.toISOString())}</title>
<style>${style}</style>
</head>
<body>
${this.header(summary, fault)}
${this.files.map((file) => fileErrorHtml(file)).join('\n')}
${this.tests.map((test) => this.testHtml(test)).join('\n')}
<script>${script}</script>
</body>
</html>
`);
  }

  private header(summary: RunSummary, fault: string | undefined): string {
    const { passed, failed, errored, skipped, durationMs, cancelled } = summary;
    const counts = Object.entries({ passed, failed, error: errored, skipped }).filter(([, count]) => count > 0);
    const text =
      counts.map(([name, count]) => `<span class="${name}">${count} ${name}</span>`).join(', ') || 'no tests';
    const { controllers, version, startedAt, seed } = this.run;
    const about = [
      controllers.join(', ') || 'emulated SSD',
      startedAt.toISOString(),
      duration(durationMs),
      ...(seed === undefined ? [] : [`seed ${seed}`]),
      `Doorbell ${version}`,
    ];
    return `<header><h1>NVMe tests: ${text}${cancelled ? ', cancelled' : ''}</h1>
<p class="about">${about.map(escapeHtml).join(' · ')}</p>
${fault === undefined ? '' : `<p class="error">${escapeHtml(fault)}</p>`}</header>`;
  }

  private testHtml(test: ReportedTest): string {
    const { state } = test.outcome;
    const path = [test.file, ...test.suites].map(escapeHtml).join(' › ');
    const reason =
      test.outcome.state === 'skipped' && test.outcome.reason ? `: ${escapeHtml(test.outcome.reason)}` : '';
    const iteration = test.iteration > 1 ? `, iteration ${test.iteration}` : '';
    return `<section class="test">
<p class="path">${path}</p>
<h2><span class="${words[state]}">${words[state]}</span> ${escapeHtml(test.title)} <small>${duration(test.durationMs)}${iteration}${reason}</small></h2>
${test.spec === undefined ? '' : `<p class="about">${escapeHtml(test.spec)}</p>`}
${this.failuresHtml(test)}
${chartsHtml(test)}
${test.output === '' ? '' : `<details${state === 'passed' ? '' : ' open'}><summary>Output</summary><pre>${escapeHtml(test.output)}</pre></details>`}
</section>`;
  }

  private failuresHtml(test: ReportedTest): string {
    const failures = failuresOf(test.outcome);
    if (failures.length === 0) return '';
    const texts = failures.map((failure) =>
      [failure.message, ...failure.stack.map(frameText), cmdlogText(failure) ?? ''].filter(Boolean).join('\n'),
    );
    return `<pre class="failure">${[reproduceCommand(test, this.run), ...texts].map(escapeHtml).join('\n\n')}</pre>`;
  }
}

function chartsHtml({ charts }: ReportedTest): string {
  if (charts.length === 0) return '';
  // Data, not markup: `<` cannot end the element.
  const data = JSON.stringify(charts).replaceAll('<', '\\u003c');
  return `<div class="charts"><script type="application/json" data-charts>${data}</script></div>`;
}

function fileErrorHtml({ file, failure, suite }: ReportedFile): string {
  const what = suite === undefined ? `${file} could not be loaded` : suite;
  const text = [failure.message, ...failure.stack.map(frameText)].join('\n');
  return `<section class="test"><h2><span class="error">error</span> ${escapeHtml(what)}</h2><pre class="failure">${escapeHtml(text)}</pre></section>`;
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
