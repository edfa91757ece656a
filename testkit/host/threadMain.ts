/** A thread of a test: loads its file as the host loads tests, and runs `main` on the attached controller. */
import { parentPort } from 'node:worker_threads';
import type { ThreadContext } from '../api/thread.ts';
import type { FromThread, ThreadData, ToThread } from '../api/threadProtocol.ts';
import { Controller } from '../objects/controller.ts';
import { TestScope } from '../objects/testScope.ts';
import type { TestFailure } from '../protocol.ts';
import { toFailures } from './failure/toFailures.ts';
import { installLoader, loadFresh } from './loader/install.ts';

type Main = (context: ThreadContext) => unknown;

/** @param testkit what `@doorbell/testkit` means in the file */
export async function runThread(data: ThreadData, testkit: object): Promise<void> {
  const failures: TestFailure[] = [];
  const fail = (error: unknown): void => void failures.push(...toFailures(error));
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  installLoader(testkit);
  const { seed, commandTimeouts } = data;
  const scope = new TestScope({ onFailure: fail, seed, commandTimeouts });
  scope.enter();
  const result = await runMain(data, scope).catch(fail);
  tell(failures.length > 0 ? { type: 'failed', failures } : { type: 'ended', result }, fail);
}

async function runMain({ file, controller: address, data }: ThreadData, scope: TestScope): Promise<unknown> {
  const signal = stopSignal();
  const main = mainOf(file);
  const nvme0 = await Controller.attach(address);
  try {
    return await main({ nvme0, data, signal });
  } finally {
    await scope.close();
    await nvme0.close();
  }
}

function mainOf(file: string): Main {
  const { main } = loadFresh(file) as { main?: unknown };
  if (typeof main === 'function') return main as Main;
  throw new TypeError(`${file} must export a function main, which runs in the thread`);
}

function stopSignal(): AbortSignal {
  const stopped = new AbortController();
  parentPort?.on('message', (message: ToThread) => {
    if (message === 'stop') stopped.abort();
  });
  return stopped.signal;
}

function tell(message: FromThread, fail: (error: unknown) => void): void {
  try {
    parentPort?.postMessage(message);
  } catch (error) {
    // What `main` returned cannot be cloned.
    fail(error);
    parentPort?.postMessage({ type: 'failed', failures: toFailures(error) } satisfies FromThread);
  }
}
