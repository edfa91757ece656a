import { DiscoveryClient } from '../discovery/client.ts';
import type { DiscoveredTest } from '../discovery/types.ts';
import { isDrive, parseAddress } from '../machine/address.ts';
import { driveText } from '../machine/drive.ts';
import { shellWord } from '../machine/shell.ts';
import type { HostProcess } from '../parent/hostProcess.ts';
import type { RunOptions } from './arguments.ts';
import { UsageError } from './exitCodes.ts';
import { places } from './places.ts';

/** Before a run on drives: names each and what tests may do to it. @throws UsageError for one nobody has allowed by its serial number */
export async function checkDrives(
  host: HostProcess,
  options: RunOptions,
  tests: { readonly root: string; readonly files: readonly string[] },
): Promise<void> {
  const { controllers, allowedDrives } = options;
  if (!controllers.some((address) => isDrive(parseAddress(address)))) return;
  const drives = await host.calls.drives({ controllers, allowedDrives });
  const warning = destructiveText(await countDestructive(options, tests));
  const refused = drives.filter(({ allowed }) => !allowed);
  if (refused.length > 0) {
    const options_ = refused.map(({ serial }) => `--allow-drive ${shellWord(serial)}`).join(' ');
    throw new UsageError(
      `This run would write to ${refused.map(driveText).join(' and ')}${warning}. If that data may be lost, add: ${options_}`,
    );
  }
  for (const drive of drives) process.stderr.write(`doorbell: the run writes to ${driveText(drive)}${warning}\n`);
}

function destructiveText(count: number): string {
  return count === 0 ? '' : `; ${count} test${count > 1 ? 's are' : ' is'} tagged destructive`;
}

async function countDestructive(
  options: RunOptions,
  tests: { root: string; files: readonly string[] },
): Promise<number> {
  if (options.notTags.includes('destructive')) return 0;
  const discovery = new DiscoveryClient({ worker: places.discovery });
  try {
    const found = await discovery.scan(tests.root, tests.files);
    return found.reduce((sum, file) => sum + countTagged(file.tests, 'destructive'), 0);
  } finally {
    discovery.dispose();
  }
}

/** Tests with a tag of their own or of a suite around them. */
export function countTagged(tests: readonly DiscoveredTest[], tag: string, inherited = false): number {
  return tests.reduce((sum, test) => {
    const has = inherited || (test.tags ?? []).includes(tag);
    if (test.kind === 'suite') return sum + countTagged(test.children, tag, has);
    return sum + (has ? 1 : 0);
  }, 0);
}
