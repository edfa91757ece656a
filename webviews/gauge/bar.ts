import { element, icon, icons } from './dom.ts';

export interface BarEvents {
  readonly pause: (paused: boolean) => void;
  readonly toggle: (controller: string) => void;
}

/** What the bar shows. */
export interface BarReading {
  readonly controllers: readonly { readonly name: string; readonly color: string; readonly shown: boolean }[];
  /** In place of controllers. */
  readonly hint: string;
  /** `Paused`, `Not live`; empty while live. */
  readonly state: string;
  readonly paused: boolean;
}

/** Above the panels: the controllers, the state, and the pause button. */
export class Bar {
  readonly root: HTMLElement;
  private readonly legend = element('div', { class: 'legend', role: 'group', 'aria-label': 'Controllers' });
  private readonly state = element('span', { class: 'state' });
  private readonly button = element('button', { type: 'button', class: 'action' });
  private shownPaused: boolean | undefined;
  private shownLegend = '';

  constructor(private readonly events: BarEvents) {
    this.root = element('header', { class: 'bar' }, this.legend, this.state, this.button);
    this.button.addEventListener('click', () => this.events.pause(!this.shownPaused));
  }

  show(reading: BarReading): void {
    if (this.state.textContent !== reading.state) this.state.textContent = reading.state;
    this.showButton(reading.paused);
    this.showLegend(reading);
  }

  /** Rebuilt only when it changes: focus must not be lost four times a second. */
  private showLegend({ controllers, hint }: BarReading): void {
    const key = JSON.stringify([controllers, hint]);
    if (key === this.shownLegend) return;
    this.shownLegend = key;
    const focused = document.activeElement?.getAttribute('data-controller');
    const chips = controllers.map(({ name, color, shown }) =>
      this.chip(name, color, { shown, alone: controllers.length === 1 }),
    );
    this.legend.replaceChildren(...(chips.length > 0 ? chips : [element('span', { class: 'hint' }, hint)]));
    chips.find((chip) => chip.getAttribute('data-controller') === focused)?.focus();
  }

  private chip(name: string, color: string, { shown, alone }: { shown: boolean; alone: boolean }): HTMLElement {
    const swatch = element('span', { class: 'swatch', 'aria-hidden': 'true' });
    swatch.style.setProperty('--series', color);
    const label = element('span', { class: 'name' }, name);
    if (alone) return element('span', { class: 'chip', title: name }, swatch, label);
    const pressed = { 'aria-pressed': String(shown), 'data-controller': name };
    const chip = element('button', { type: 'button', class: 'chip', title: name, ...pressed }, swatch, label);
    chip.addEventListener('click', () => this.events.toggle(name));
    return chip;
  }

  private showButton(paused: boolean): void {
    if (paused === this.shownPaused) return;
    this.shownPaused = paused;
    const label = paused ? 'Resume' : 'Pause';
    this.button.setAttribute('aria-label', label);
    this.button.title = label;
    this.button.replaceChildren(icon(paused ? icons.resume : icons.pause));
  }
}
