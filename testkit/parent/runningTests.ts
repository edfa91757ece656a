import type { HostEvents, TestId } from '../protocol.ts';
import type { HostHandlers } from './hostOptions.ts';

interface Running {
  readonly runId: number;
  readonly id: TestId;
  readonly startedMs: number;
}

/** Knows which tests have started and not ended, so that the death of their host is reported on them. */
export class RunningTests {
  private readonly running = new Map<string, Running>();

  /** `handlers` with the starts and ends of tests noted on the way. */
  watch(handlers: HostHandlers): HostHandlers {
    const started: HostEvents['testStarted'] = (event) => {
      this.running.set(key(event), { runId: event.runId, id: event.id, startedMs: performance.now() });
      handlers.testStarted?.(event);
    };
    const ended: HostEvents['testEnded'] = (event) => {
      this.running.delete(key(event));
      handlers.testEnded?.(event);
    };
    return {
      testStarted: started,
      testEnded: ended,
      output: (event) => handlers.output?.(event),
      progress: (event) => handlers.progress?.(event),
      fileErrored: (event) => handlers.fileErrored?.(event),
      casesFound: (event) => handlers.casesFound?.(event),
      chart: (event) => handlers.chart?.(event),
      perfProgress: (event) => handlers.perfProgress?.(event),
      replayProgress: (event) => handlers.replayProgress?.(event),
      log: (event) => handlers.log?.(event),
    };
  }

  /** Output that came too late to be sent by the test itself. */
  lastWords(handlers: HostHandlers, text: string): void {
    for (const { runId, id } of this.running.values()) handlers.output?.({ runId, id, text });
  }

  /** Ends every running test as errored, because of `reason`. */
  abandon(handlers: HostHandlers, reason: string): void {
    for (const { runId, id, startedMs } of this.running.values()) {
      const message = reason.split('\n').slice(0, 10).join('\n');
      handlers.testEnded?.({
        runId,
        id,
        outcome: { state: 'errored', failures: [{ message, stack: [] }], hostGone: true },
        durationMs: performance.now() - startedMs,
      });
    }
    this.running.clear();
  }
}

function key({ runId, id }: { runId: number; id: TestId }): string {
  return `${runId} ${id}`;
}
