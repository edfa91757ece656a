import { AddonError, nativeAddon } from '../native.ts';
import type { NativeServer } from '../nativeSurface.ts';
import { ExitCode, type ExitCodeValue, UsageError } from './exitCodes.ts';
import { interrupts } from './interrupts.ts';

/** What the caller can mend: the words of the driver are for them. */
const usageCodes: readonly unknown[] = ['BAD_SOCKET', 'BAD_ADDRESS', 'BUSY'];

/** `doorbell serve`: the emulated SSD for other processes, until interrupted. */
export async function serveCommand(socket: string, address: string): Promise<ExitCodeValue> {
  let server: NativeServer;
  try {
    server = await nativeAddon().serve(socket, address);
  } catch (error) {
    if (error instanceof AddonError) {
      process.stderr.write(`doorbell: ${error.message}\n`);
      return ExitCode.Environment;
    }
    if (error instanceof Error && usageCodes.includes((error as { code?: unknown }).code)) {
      throw new UsageError(error.message);
    }
    throw error;
  }
  process.stdout.write(`Serving ${address} at vfio-user:${socket}. Ctrl-C ends it.\n`);
  await interrupted();
  await server.close();
  return ExitCode.Passed;
}

function interrupted(): Promise<void> {
  // A promise alone keeps no process alive.
  const alive = setInterval(() => undefined, 2 ** 30);
  return new Promise((resolve) => {
    const stop = interrupts(() => {
      stop.dispose();
      clearInterval(alive);
      resolve();
    });
  });
}
