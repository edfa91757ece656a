import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const maxLines = 1000;
const maxChars = 256 * 1024;
const fileBufferChars = 64 * 1024;
const keptFiles = 20;

/** What one test wrote: passed on up to a limit, and from there kept whole in a file. */
export class TestOutput {
  private passed = '';
  private passedLines = 0;
  private droppedLines = 0;
  private file: LogFile | undefined;

  constructor(
    private readonly logFolder: string,
    private readonly name: string,
  ) {}

  /** Returns what may be passed on. */
  add(text: string): string {
    if (this.file) {
      this.drop(text);
      return '';
    }
    const lines = countLines(text);
    if (this.passedLines + lines <= maxLines && this.passed.length + text.length <= maxChars) {
      this.passed += text;
      this.passedLines += lines;
      return text;
    }
    this.file = new LogFile(this.logFolder, this.name);
    this.file.write(this.passed);
    this.drop(text);
    return '';
  }

  /** Closes the file; returns the words that say what was left out, if anything was. */
  end(): string {
    if (!this.file) return '';
    this.file.close();
    return `... ${this.droppedLines.toLocaleString('en')} lines dropped, see ${this.file.path}\n`;
  }

  private drop(text: string): void {
    this.droppedLines += countLines(text);
    this.file?.write(text);
  }
}

/** Written synchronously in large pieces: a flood must not wait for itself in memory. */
class LogFile {
  readonly path: string;
  private readonly descriptor: number;
  private pending: string[] = [];
  private pendingChars = 0;

  constructor(folder: string, name: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    removeOldest(folder);
    this.path = join(folder, `output-${Date.now()}-${name.replace(/[^\w.-]+/g, '_').slice(-80)}.log`);
    this.descriptor = openSync(this.path, 'wx', 0o600);
  }

  write(text: string): void {
    this.pending.push(text);
    this.pendingChars += text.length;
    if (this.pendingChars >= fileBufferChars) this.flush();
  }

  close(): void {
    this.flush();
    closeSync(this.descriptor);
  }

  private flush(): void {
    writeSync(this.descriptor, this.pending.join(''));
    this.pending = [];
    this.pendingChars = 0;
  }
}

/** Names begin with the time: the first are the oldest. */
function removeOldest(folder: string): void {
  const files = readdirSync(folder).filter((name) => /^output-\d+-.*\.log$/.test(name));
  for (const name of files.sort().slice(0, 1 - keptFiles)) rmSync(join(folder, name), { force: true });
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
