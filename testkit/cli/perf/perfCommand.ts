import { checkPlatform, isDrive, parseAddress } from '../../machine/address.ts';
import { driveText } from '../../machine/drive.ts';
import { shellWord } from '../../machine/shell.ts';
import { HostProcess } from '../../parent/hostProcess.ts';
import type { PerfProgress, PerfReport, PerfRequest } from '../../perf/perfProtocol.ts';
import { ExitCode, type ExitCodeValue, UsageError } from '../exitCodes.ts';
import { interrupts } from '../interrupts.ts';
import { places } from '../places.ts';
import { ProgressLine } from '../trace/progressLine.ts';
import { parsePerfCommand, perfUsage } from './perfArguments.ts';
import { progressText, reportLines } from './perfText.ts';

/** A measurement that does not end when it is told to is ended with its host. */
const stopMs = 15_000;

/** `doorbell perf`. */
export async function perfCommand(argv: readonly string[]): Promise<ExitCodeValue> {
  const command = parsePerfCommand(argv);
  if (command === undefined) {
    process.stdout.write(perfUsage);
    return ExitCode.Passed;
  }
  const { report, wasStopped } = await measure(command.request);
  const text = command.json ? JSON.stringify(report, null, 2) : reportLines(report, command.request).join('\n');
  process.stdout.write(`${text}\n`);
  if (wasStopped) return ExitCode.Cancelled;
  return report.ends.every((end) => end === 'completed') ? ExitCode.Passed : ExitCode.Failures;
}

async function measure(request: PerfRequest): Promise<{ report: PerfReport; wasStopped: boolean }> {
  let progress: PerfProgress | undefined;
  const host = await HostProcess.start(
    { hostPath: places.host, logFolder: places.logs },
    {
      perfProgress: (event) => {
        progress = event;
      },
      rawOutput: ({ text }) => void process.stderr.write(text),
    },
  );
  const line = new ProgressLine(() => (progress === undefined ? 'opening the controller' : progressText(progress)));
  const stop = interrupts((count) => {
    if (count > 1) return void host.stop(0);
    void host.calls.stopPerf().catch(() => undefined);
    setTimeout(() => void host.stop(0), stopMs).unref();
  });
  try {
    checkAddress(request, host);
    await checkDrive(request, host, 'measurement');
    return { report: await host.calls.perf(request), wasStopped: stop.count > 0 };
  } catch (error) {
    throw explained(error);
  } finally {
    line.dispose();
    stop.dispose();
    await host.stop();
  }
}

/** @throws UsageError for a platform that is not built in */
export function checkAddress({ controller }: { readonly controller: string }, { info }: HostProcess): void {
  if (info.platforms.length === 0) return;
  try {
    checkPlatform(parseAddress(controller), info.platforms);
  } catch (error) {
    throw new UsageError(`--controller: ${(error as Error).message}`);
  }
}

/** @throws UsageError for a drive that nobody has allowed by its serial number */
export async function checkDrive(
  { controller, allowedDrives }: Pick<PerfRequest, 'controller' | 'allowedDrives'>,
  host: HostProcess,
  what: 'measurement' | 'replay',
): Promise<void> {
  if (!isDrive(parseAddress(controller))) return;
  for (const drive of await host.calls.drives({ controllers: [controller], allowedDrives })) {
    if (!drive.allowed) {
      throw new UsageError(
        `This ${what} would write to ${driveText(drive)}. If that data may be lost, add: --allow-drive ${shellWord(drive.serial)}`,
      );
    }
    process.stderr.write(`doorbell: the ${what} writes to ${driveText(drive)}\n`);
  }
}

/** What the user can mend is wrong input; the rest is told as it is, without a stack. */
export function explained(error: unknown): unknown {
  if (error instanceof UsageError || !(error instanceof Error)) return error;
  const isInput = ['PerfError', 'ReplayError', 'TraceDamage', 'RangeError', 'TypeError'].includes(error.name);
  if (isInput) return new UsageError(error.message);
  error.stack = error.message;
  return error;
}
