/** Charts of tests: in VS Code as the extension tells them, in an HTML report as the page holds them. */
import { element } from '../gauge/dom.ts';
import { onThemeChange, readTheme } from '../gauge/theme.ts';
import type { ChartData, FromCharts, ToCharts } from '../protocol.ts';
import { ChartView } from './chartView.ts';

declare const acquireVsCodeApi: undefined | (() => { postMessage(message: FromCharts): void });

let views: ChartView[] = [];

function show(place: Element, charts: readonly ChartData[]): void {
  const theme = readTheme();
  for (const chart of charts) {
    const view = new ChartView(chart, theme);
    views.push(view);
    place.append(view.root);
  }
}

/** Everything anew: a test that runs again replaces its charts. */
function replace(root: HTMLElement, { tests }: ToCharts): void {
  for (const view of views) view.dispose();
  views = [];
  root.replaceChildren();
  for (const { title, charts } of tests) {
    const section = element('section', {}, element('h2', {}, title));
    root.append(section);
    show(section, charts);
  }
  if (tests.length === 0) root.append(element('p', { class: 'empty' }, 'Charts that tests report appear here.'));
}

onThemeChange(() => {
  const theme = readTheme();
  for (const view of views) view.restyle(theme);
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  const theme = readTheme();
  for (const view of views) view.restyle(theme);
});

const root = document.getElementById('root');
if (root && typeof acquireVsCodeApi === 'function') {
  window.addEventListener('message', (event: MessageEvent<ToCharts>) => replace(root, event.data));
  acquireVsCodeApi().postMessage({ type: 'ready' });
}
for (const holder of document.querySelectorAll('script[type="application/json"][data-charts]')) {
  const place = holder.parentElement;
  if (place) show(place, JSON.parse(holder.textContent ?? '[]') as ChartData[]);
}
