import type { HostEvents, TestId } from '../../protocol.ts';
import { TestOutput } from './testOutput.ts';

type OutputEvent = Parameters<HostEvents['output']>[0];
type Place = { readonly file: string; readonly line: number };

/** At most 20 messages a second. */
const batchMs = 50;

export interface RouterOptions {
  readonly send: (event: OutputEvent) => void;
  /** Told of every text that waits for its batch, so that it can be saved if this thread never comes back; '' when it went out. */
  readonly pending: (text: string) => void;
  readonly logFolder: string;
}

/** Takes what a run's tests write to stdout and stderr, and passes it on under the name of the test that is running. */
export class OutputRouter {
  private runId = 0;
  private id: TestId | undefined;
  private output: TestOutput | undefined;
  private waiting = '';
  private sentAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: RouterOptions) {}

  /** From now on the words belong to test `id`, or to the run outside any test. */
  enter(runId: number, id: TestId | undefined): void {
    this.leave();
    this.runId = runId;
    this.id = id;
    this.output = new TestOutput(this.options.logFolder, id ?? 'run');
  }

  /** Passes on what is left. */
  leave(): void {
    if (!this.output) return;
    this.waiting += this.output.end();
    this.output = undefined;
    this.flush();
  }

  /** False when no run is on: the text is nobody's. */
  write(text: string): boolean {
    if (!this.output) return false;
    const passed = this.output.add(text);
    if (passed) this.pass(passed);
    return true;
  }

  /** Words with the place they come from. */
  writeAt(text: string, place: Place | undefined): void {
    const passed = this.output?.add(text);
    if (!passed) return;
    this.flush();
    this.options.send({ runId: this.runId, id: this.id, text: passed, ...place });
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.waiting) return;
    const text = this.waiting;
    this.waiting = '';
    this.sentAt = performance.now();
    this.options.send({ runId: this.runId, id: this.id, text });
    this.options.pending('');
  }

  private pass(text: string): void {
    this.waiting += text;
    // Also from a loop that never lets a timer run.
    if (performance.now() - this.sentAt >= batchMs) this.flush();
    else this.wait(text);
  }

  private wait(text: string): void {
    this.options.pending(text);
    this.timer ??= setTimeout(() => this.flush(), batchMs);
  }
}

type Write = typeof process.stdout.write;

/** Sends this process' stdout and stderr through `router`; what it does not take goes where it always went. */
export function captureStandardStreams(router: OutputRouter): void {
  for (const stream of [process.stdout, process.stderr]) {
    const original = stream.write.bind(stream) as Write;
    stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      if (!router.write(text)) return (original as (...args: unknown[]) => boolean)(chunk, ...rest);
      const done = rest.find((argument) => typeof argument === 'function') as (() => void) | undefined;
      if (done) process.nextTick(done);
      return true;
    }) as Write;
  }
}
