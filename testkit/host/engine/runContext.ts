import { format } from 'node:util';
import type { TestContext } from '../../api/testContext.ts';
import type { HostEvents, RunRequest, StackFrame } from '../../protocol.ts';
import { authorFrames } from '../failure/stackFrames.ts';
import type { OutputRouter } from '../output/outputRouter.ts';
import type { RunDevices } from './runDevices.ts';

/** What of a run a test's fixtures reach. */
export interface ContextParts {
  readonly request: Pick<RunRequest, 'runId'>;
  readonly parts: { readonly events: Pick<HostEvents, 'progress' | 'chart'>; readonly output: OutputRouter };
  readonly devices: RunDevices;
  readonly restartTimeout: () => void;
}

/** Progress is for people: at most 20 times a second, and the end. */
const tellMs = 50;

export function testContextOf(id: string, seed: number, run: ContextParts): TestContext {
  const { events, output } = run.parts;
  let toldMs = 0;
  return {
    seed,
    controller: (index) => run.devices.controller(index),
    log: (...words) => output.writeAt(`${format(...words)}\n`, placeOf(authorFrames(new Error().stack, __filename))),
    chart: (chart) => events.chart({ runId: run.request.runId, id, chart }),
    progress: (label, done, total) => {
      run.restartTimeout();
      if (done < total && performance.now() - toldMs < tellMs) return;
      toldMs = performance.now();
      events.progress({ runId: run.request.runId, id, label, done, total });
    },
  };
}

function placeOf([frame]: readonly StackFrame[]): { file: string; line: number } | undefined {
  return frame && { file: frame.file, line: frame.line };
}
