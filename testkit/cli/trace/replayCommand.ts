import { existsSync } from 'node:fs';
import { isDrive, parseAddress } from '../../machine/address.ts';
import { HostProcess } from '../../parent/hostProcess.ts';
import type { ReplayProgress, ReplayReport, ReplayRequest } from '../../trace/replay/replayProtocol.ts';
import { replayLines, replayProgressText } from '../../trace/replay/replayText.ts';
import { ExitCode, type ExitCodeValue, UsageError } from '../exitCodes.ts';
import { interrupts } from '../interrupts.ts';
import { checkAddress, checkDrive, explained } from '../perf/perfCommand.ts';
import { places } from '../places.ts';
import { ProgressLine } from './progressLine.ts';

/** A replay that does not end when it is told to is ended with its host. */
const stopMs = 15_000;

/** `doorbell trace replay`. */
export async function replayCommand(request: ReplayRequest, json: boolean): Promise<ExitCodeValue> {
  if (!existsSync(request.trace)) throw new UsageError(`${request.trace} does not exist.`);
  const { report, wasStopped } = await replay(request);
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : `${replayLines(report).join('\n')}\n`);
  if (wasStopped) return ExitCode.Cancelled;
  const good = report.ends.every((end) => end === 'completed') && report.errors === 0 && report.damage === undefined;
  return good ? ExitCode.Passed : ExitCode.Failures;
}

async function replay(request: ReplayRequest): Promise<{ report: ReplayReport; wasStopped: boolean }> {
  let progress: ReplayProgress | undefined;
  const host = await HostProcess.start(
    { hostPath: places.host, logFolder: places.logs },
    {
      replayProgress: (event) => {
        progress = event;
      },
      rawOutput: ({ text }) => void process.stderr.write(text),
    },
  );
  const line = new ProgressLine(() =>
    progress === undefined ? 'opening the controller' : replayProgressText(progress),
  );
  const stop = interrupts((count) => {
    if (count > 1) return void host.stop(0);
    void host.calls.stopReplay().catch(() => undefined);
    setTimeout(() => void host.stop(0), stopMs).unref();
  });
  try {
    checkAddress(request, host);
    // Reading harms nothing, but opening a drive resets its controller: its owner has to say so all the same.
    if (isDrive(parseAddress(request.controller))) await checkDrive(request, host, 'replay');
    return { report: await host.calls.replay(request), wasStopped: stop.count > 0 };
  } catch (error) {
    throw explained(error);
  } finally {
    line.dispose();
    stop.dispose();
    await host.stop();
  }
}
