import { element } from './dom.ts';

/** Screen readers are told this often, at most. */
const intervalMs = 5000;

/** What the gauge shows, in words, for those who do not see it: the newest ones, but not four times a second. */
export class Announcer {
  readonly root = element('p', { class: 'words', role: 'status', 'aria-live': 'polite' });
  private next = '';
  private timer: ReturnType<typeof setTimeout> | undefined;

  say(words: string): void {
    this.next = words;
    if (this.timer === undefined) this.speak();
  }

  private speak(): void {
    this.timer = undefined;
    if (this.root.textContent === this.next) return;
    const first = this.root.textContent === '';
    this.root.textContent = this.next;
    // What it says when made is replaced at once by what there is.
    if (!first) this.timer = setTimeout(() => this.speak(), intervalMs);
  }
}
