import * as vscode from 'vscode';
import { isDrive, parseAddress } from '../../testkit/machine/address.ts';
import { type DriveIdentity, driveText } from '../../testkit/machine/drive.ts';
import { sizeText } from '../../testkit/machine/nvmeControllers.ts';
import type { HostCalls } from '../../testkit/protocol.ts';
import { HumanError } from '../humanError.ts';

/** What was allowed on a drive; by serial number, in the extension's own storage and never in a workspace. */
interface Consent {
  /** Also tests that are tagged so. */
  readonly destructive: boolean;
}

const key = 'doorbell.allowedDrives';

/** Asks once for each drive whether tests may write to it, and once more before the first destructive ones. */
export class DriveConsent {
  constructor(private readonly memory: Pick<vscode.Memento, 'get' | 'update'>) {}

  /** Serial numbers of drives that may be written to. */
  get allowed(): string[] {
    return Object.keys(this.#known);
  }

  /**
   * Asks the drives among these addresses who they are, and the user about new ones; gives their serial numbers.
   * @throws HumanError when the answer was no
   */
  async check(calls: Pick<HostCalls, 'drives'>, addresses: readonly string[], destructive: number): Promise<string[]> {
    const controllers = addresses.filter((address) => isDrive(parseAddress(address)));
    if (controllers.length === 0) return [];
    const drives = await calls.drives({ controllers, allowedDrives: this.allowed });
    for (const drive of drives) {
      const known = this.#known[drive.serial];
      if (!known || (destructive > 0 && !known.destructive)) await this.#ask(drive, destructive);
    }
    return drives.map(({ serial }) => serial);
  }

  get #known(): Readonly<Record<string, Consent>> {
    return this.memory.get<Record<string, Consent>>(key, {});
  }

  async #ask(drive: DriveIdentity, destructive: number): Promise<void> {
    const { model, serial, bytes, address } = drive;
    const question = vscode.l10n.t('Run tests on {0}, serial number {1}, {2}?', model, serial, sizeText(bytes));
    const detail = [
      vscode.l10n.t('Controller {0}. Tests write to the drive: what is on it may be lost.', address),
      ...(destructive > 0 ? [destructiveText(destructive)] : []),
      vscode.l10n.t('The answer is kept for this serial number.'),
    ].join('\n\n');
    const yes = vscode.l10n.t('Run on This Drive');
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) !== yes) {
      throw new HumanError(vscode.l10n.t('Nothing was run: tests on {0} were not allowed.', driveText(drive)));
    }
    await this.memory.update(key, { ...this.#known, [serial]: { destructive: destructive > 0 } });
  }
}

function destructiveText(count: number): string {
  return count === 1
    ? vscode.l10n.t('One of the tests is tagged destructive: it erases data or changes the drive for good.')
    : vscode.l10n.t('{0} of the tests are tagged destructive: they erase data or change the drive for good.', count);
}
