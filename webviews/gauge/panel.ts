import { Dial } from './dial.ts';
import { element } from './dom.ts';
import { describe, formatValue, metricTexts } from './format.ts';
import { History } from './history.ts';
import { AutoScale } from './scale.ts';
import type { Metric, SeriesStore, Window } from './series.ts';
import type { Theme } from './theme.ts';

/** What a panel draws from. */
export interface PanelReading {
  readonly store: SeriesStore;
  /** Those to be shown. */
  readonly controllers: readonly string[];
  readonly colorOf: (controller: string) => string;
  readonly window: Window;
}

/** One metric: a dial with its number, and the history beside or below it. */
export class Panel {
  readonly root: HTMLElement;
  private readonly number = element('span', { class: 'number' }, '0');
  private readonly peak = element('span', { class: 'peak' });
  private readonly dialCanvas = element('canvas', { role: 'img' });
  private readonly historyCanvas = element('canvas', { role: 'img' });
  private readonly dial: Dial;
  private readonly history: History;
  private readonly scale: AutoScale;

  constructor(
    private readonly metric: Metric,
    theme: Theme,
  ) {
    const { title, unit, least } = metricTexts[metric];
    this.scale = new AutoScale(least);
    const value = element(
      'div',
      { class: 'value', 'aria-hidden': 'true' },
      this.number,
      element('span', { class: 'unit' }, unit),
      element('span', { class: 'title' }, title),
    );
    this.root = element(
      'section',
      { class: 'panel', 'aria-label': title },
      element(
        'div',
        { class: 'body' },
        element('div', { class: 'dial' }, this.dialCanvas, value, this.peak),
        element('div', { class: 'history' }, this.historyCanvas, element('p', { class: 'empty' }, 'No I/O yet')),
      ),
    );
    this.dial = new Dial(this.dialCanvas, metric, theme);
    this.history = new History(this.historyCanvas, metric, theme);
  }

  /** Draws, and returns the same in words. */
  show({ store, controllers, colorOf, window }: PanelReading): string {
    const { metric } = this;
    const values = controllers.map((controller) => store.valueAt(controller, metric, window.toMs));
    const value = values.reduce((sum, one) => sum + one, 0);
    const peak = store.peak(controllers, metric, window);
    const max = this.scale.update(Math.max(peak, value), Date.now());
    const colors = controllers.map(colorOf);
    this.number.textContent = formatValue(metric, value);
    this.peak.textContent = peak > 0 ? `peak ${formatValue(metric, peak)}` : '';
    this.dial.show({ values: values.length > 0 ? values : [0], colors, peak, max });
    this.history.show({
      lines: controllers.map((controller) => ({
        controller,
        color: colorOf(controller),
        points: store.points(controller, metric, window),
      })),
      marks: store.marks(window),
      window,
      max,
      idle: !store.hasIo,
    });
    const words = describe(metric, { value, peak, max });
    this.dialCanvas.setAttribute('aria-label', words);
    this.historyCanvas.setAttribute(
      'aria-label',
      `${metricTexts[metric].title}, the last minute. ${marksInWords(store, window)}`,
    );
    return words;
  }

  restyle(theme: Theme): void {
    this.dial.restyle(theme);
    this.history.restyle(theme);
  }
}

function marksInWords(store: SeriesStore, window: Window): string {
  const marks = store.marks(window);
  if (marks.length === 0) return 'No events.';
  const ago = (atMs: number) => Math.round((window.toMs - atMs) / 1000);
  return `Events: ${marks.map(({ atMs, label }) => `${label} ${ago(atMs)} s before the end`).join(', ')}.`;
}
