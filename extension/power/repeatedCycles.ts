import * as vscode from 'vscode';
import type { PowerReport } from '../../testkit/protocol.ts';

export interface RepeatedCycles {
  readonly address: string;
  readonly count: number;
  /** One cycle. */
  cycle(): Promise<PowerReport>;
}

/** Power cycles in a row, with progress; ends at the first failure, or between two cycles when someone cancels. */
export async function cycleRepeatedly({ address, count, cycle }: RepeatedCycles): Promise<string> {
  const title = vscode.l10n.t('Power cycles of {0}', address);
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    let done = 0;
    let last: PowerReport | undefined;
    while (done < count && !token.isCancellationRequested) {
      last = await nth(done + 1, cycle);
      done += 1;
      progress.report({ increment: 100 / count, message: vscode.l10n.t('{0} of {1}', done, count) });
    }
    return summary(address, { done, count, unsafeShutdowns: last?.unsafeShutdowns });
  });
}

async function nth(number: number, cycle: () => Promise<PowerReport>): Promise<PowerReport> {
  try {
    return await cycle();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(vscode.l10n.t('cycle {0}: {1}', number, reason), { cause: error });
  }
}

interface Outcome {
  readonly done: number;
  readonly count: number;
  readonly unsafeShutdowns: bigint | undefined;
}

function summary(address: string, { done, count, unsafeShutdowns }: Outcome): string {
  const cycles =
    done < count
      ? vscode.l10n.t('{0}: cancelled after {1} of {2} power cycles.', address, done, count)
      : vscode.l10n.t('{0}: {1} power cycles done.', address, done);
  if (unsafeShutdowns === undefined) return cycles;
  return `${cycles} ${vscode.l10n.t('The drive counts {0} unsafe shutdowns.', String(unsafeShutdowns))}`;
}
