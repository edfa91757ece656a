/** How far something is, on standard error: one line that changes on a terminal, now and then a line elsewhere. */

const onTerminalMs = 250;
const elsewhereMs = 5000;

export class ProgressLine {
  readonly #timer: NodeJS.Timeout;
  #shown = false;

  constructor(private readonly text: () => string) {
    this.#timer = setInterval(() => this.#show(), process.stderr.isTTY ? onTerminalMs : elsewhereMs);
    this.#timer.unref();
  }

  #show(): void {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${this.text()}`);
    else process.stderr.write(`${this.text()}\n`);
    this.#shown = true;
  }

  dispose(): void {
    clearInterval(this.#timer);
    if (this.#shown && process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}
