/** The Performance Gauge: two dials and a rolling history, fed by the extension while it is visible. */
import type { ToGauge } from '../protocol.ts';
import { Announcer } from './announcer.ts';
import { Bar } from './bar.ts';
import { type Choices, loadChoices, post, saveChoices } from './choices.ts';
import { element } from './dom.ts';
import { Panel } from './panel.ts';
import { SeriesStore, type Window } from './series.ts';
import { onThemeChange, readTheme } from './theme.ts';

const windowMs = 60_000;

class Gauge {
  private readonly store = new SeriesStore();
  private theme = readTheme();
  private readonly panels = [new Panel('megabytesPerSecond', this.theme), new Panel('iops', this.theme)];
  private readonly bar = new Bar({ pause: (paused) => this.pause(paused), toggle: (name) => this.toggle(name) });
  private readonly announcer = new Announcer();
  private choices: Choices = loadChoices();
  private live = false;
  private frame = 0;

  constructor(private readonly root: HTMLElement) {
    root.append(
      this.bar.root,
      element('main', { class: 'panels' }, ...this.panels.map((panel) => panel.root)),
      this.announcer.root,
    );
    onThemeChange(() => this.restyle());
    window.addEventListener('message', (event: MessageEvent<ToGauge>) => this.receive(event.data));
    this.draw();
    post({ type: 'ready' });
  }

  private receive(message: ToGauge): void {
    if (message.type === 'hydrate') this.store.hydrate(message.samples, message.marks);
    else if (message.type === 'samples') this.store.add(message.samples);
    else if (message.type === 'mark') this.store.mark(message.mark);
    else if (message.type === 'state') this.live = message.live;
    this.schedule();
  }

  private pause(paused: boolean): void {
    const pausedAtMs = this.store.newestMs ?? Date.now();
    this.choose({ hidden: this.choices.hidden, ...(paused && { pausedAtMs }) });
    post({ type: 'pause', paused });
  }

  private toggle(name: string): void {
    const hidden = this.choices.hidden.includes(name)
      ? this.choices.hidden.filter((other) => other !== name)
      : [...this.choices.hidden, name];
    this.choose({ ...this.choices, hidden });
  }

  private choose(choices: Choices): void {
    this.choices = choices;
    saveChoices(choices);
    this.schedule();
  }

  private restyle(): void {
    this.theme = readTheme();
    for (const panel of this.panels) panel.restyle(this.theme);
    this.schedule();
  }

  /** At most once a frame. */
  private schedule(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const { store, choices } = this;
    const paused = this.isPaused();
    const shown = store.controllers.filter((name) => !choices.hidden.includes(name));
    const colorOf = (name: string) => this.colorOf(name);
    const window = this.window(paused);
    this.root.classList.toggle('stale', !this.live && !paused);
    this.root.classList.toggle('idle', !store.hasIo);
    this.bar.show({
      controllers: store.controllers.map((name) => ({ name, color: colorOf(name), shown: shown.includes(name) })),
      hint: 'Run a test to see its I/O here',
      state: paused ? 'Paused' : this.live || !store.hasIo ? '' : 'Last values',
      paused,
    });
    const words = this.panels.map((panel) => panel.show({ store, controllers: shown, colorOf, window }));
    this.announcer.say(store.hasIo ? words.join(' ') : 'No I/O yet.');
  }

  /** A pause whose data has left the history is over. */
  private isPaused(): boolean {
    const { pausedAtMs } = this.choices;
    const { oldestMs } = this.store;
    if (pausedAtMs === undefined) return false;
    if (oldestMs === undefined || oldestMs <= pausedAtMs) return true;
    this.choices = { hidden: this.choices.hidden };
    saveChoices(this.choices);
    return false;
  }

  private window(paused: boolean): Window {
    const toMs = (paused ? this.choices.pausedAtMs : this.store.newestMs) ?? Date.now();
    return { fromMs: toMs - windowMs, toMs };
  }

  private colorOf(controller: string): string {
    const index = this.store.controllers.indexOf(controller);
    return this.theme.series[index % this.theme.series.length] ?? this.theme.foreground;
  }
}

const root = document.getElementById('root');
if (root) new Gauge(root);
