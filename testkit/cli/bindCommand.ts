import { parseAddress } from '../machine/address.ts';
import { bindToVfio, giveToKernel } from '../machine/binding.ts';
import { Machine } from '../machine/machine.ts';
import { ProtectionError } from '../machine/protection.ts';
import { ownCommand } from '../machine/shell.ts';
import { ExitCode, type ExitCodeValue, UsageError } from './exitCodes.ts';

/** `doorbell bind` and `doorbell unbind`: the one place where Doorbell changes a machine, and only when it is told to. */
export async function bindCommand(
  verb: 'bind' | 'unbind',
  addresses: readonly string[],
  machine = new Machine(),
): Promise<ExitCodeValue> {
  const functions = addresses.map((address) => functionOf(verb, address));
  if (functions.length === 0) throw new UsageError(`${verb} takes addresses of controllers, like 0000:3d:00.0.`);
  const tell = (step: string) => void process.stdout.write(`${step}\n`);
  try {
    if (verb === 'bind') await bindToVfio(machine, functions, { owner: owner(), tell });
    else await giveToKernel(machine, functions, { tell });
    return ExitCode.Passed;
  } catch (error) {
    process.stderr.write(`doorbell: ${reasonOf(error, verb, functions)}\n`);
    return ExitCode.Environment;
  }
}

function functionOf(verb: string, address: string): string {
  try {
    const parsed = parseAddress(address);
    if (parsed.kind === 'pcie') return parsed.bdf;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  throw new UsageError(`${verb} is for controllers on PCI Express, like 0000:3d:00.0, not for "${address}".`);
}

/** The person behind `sudo`, who is to open the controller without it. */
function owner(): { uid: number; gid: number } {
  const { SUDO_UID, SUDO_GID } = process.env;
  return { uid: Number(SUDO_UID ?? process.getuid?.() ?? 0), gid: Number(SUDO_GID ?? process.getgid?.() ?? 0) };
}

function reasonOf(error: unknown, verb: string, functions: readonly string[]): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const isRoots = code === 'EACCES' || code === 'EPERM' || (error instanceof ProtectionError && code === 'NOT_ROOT');
  if (!isRoots || process.getuid?.() === 0) return message;
  return `Binding a controller to another driver needs root. Run: sudo ${ownCommand()} ${verb} ${functions.join(' ')}`;
}
