import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { HostProcess } from '../parent/hostProcess.ts';
import type { HostInfo, TestFailure } from '../protocol.ts';
import { ExitCode, type ExitCodeValue } from './exitCodes.ts';
import { places } from './places.ts';
import { failuresOf } from './reporters/reporter.ts';
import { Style } from './style.ts';

export interface Finding {
  readonly state: 'ok' | 'note' | 'fault';
  readonly text: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** The whole way once: file, loader, fixtures, driver, emulated SSD. */
const selfCheck = `import { expect, test } from '@doorbell/testkit';
test('self check', async ({ nvme0n1, qpair, buf }) => {
  buf.write('doorbell', 0);
  await nvme0n1.write(qpair, buf, { slba: 0 });
  buf.write('00000000', 0);
  await nvme0n1.read(qpair, buf, { slba: 0 });
  expect(buf.toString('ascii', 0, 8)).toBe('doorbell');
});
`;
const selfCheckMs = 20_000;

/** `doorbell doctor`: every line is a fact; a fault has its remedy below. */
export async function doctorCommand(): Promise<ExitCodeValue> {
  const findings = [...machine(), workspace(process.cwd()), ...(await driverHost())];
  const style = Style.for(process.stdout);
  for (const finding of findings) process.stdout.write(render(finding, style));
  return findings.some(({ state }) => state === 'fault') ? ExitCode.Environment : ExitCode.Passed;
}

export function render({ state, text, remedy }: Finding, style: Style): string {
  const mark = { ok: style.apply('green', '✓'), note: style.apply('yellow', '-'), fault: style.apply('red', '✗') }[
    state
  ];
  return `${mark} ${text}\n${remedy ? `    ${remedy}\n` : ''}`;
}

function machine(): Finding[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNodeFit = major > 20 || (major === 20 && minor >= 19);
  const isMachineFit = process.platform === 'linux' && process.arch === 'x64';
  return [
    {
      state: isNodeFit ? 'ok' : 'fault',
      text: `Node.js ${process.versions.node}`,
      ...(!isNodeFit && { remedy: 'Doorbell needs Node.js 20.19 or newer.' }),
    },
    {
      state: isMachineFit ? 'ok' : 'fault',
      text: `${process.platform} ${release()} on ${process.arch}`,
      ...(!isMachineFit && { remedy: 'The native driver runs on Linux x64 only.' }),
    },
  ];
}

function workspace(folder: string): Finding {
  const types = join('.doorbell', 'types');
  if (existsSync(join(folder, types))) return { state: 'ok', text: `types for the editor in ${types}` };
  return {
    state: 'note',
    text: `no ${types} in this folder: tests run, the editor cannot complete or check them`,
    remedy: 'In VS Code run "NVMe: Create Sample Workspace" to get a folder that has them.',
  };
}

async function driverHost(): Promise<Finding[]> {
  const logs: string[] = [];
  const failures: TestFailure[] = [];
  let host: HostProcess;
  try {
    const options = { hostPath: places.host, logFolder: places.logs };
    host = await HostProcess.start(options, {
      log: ({ message }) => logs.push(message),
      testEnded: ({ outcome }) => failures.push(...failuresOf(outcome)),
      fileErrored: ({ failure }) => failures.push(failure),
    });
  } catch (error) {
    return [{ state: 'fault', text: (error as Error).message, remedy: 'Build it again: npm run build' }];
  }
  try {
    return [await evidence(host), addon(host.info, logs), ...(await checkEmulated(host, failures))];
  } finally {
    await host.stop();
  }
}

async function evidence(host: HostProcess): Promise<Finding> {
  const folder = dirname(host.evidenceFile);
  const { mode } = await stat(folder);
  const isPrivate = (mode & 0o077) === 0;
  return {
    state: isPrivate ? 'ok' : 'fault',
    text: `evidence is kept in ${dirname(folder)}`,
    ...(!isPrivate && { remedy: `${folder} must be readable by you alone (0700).` }),
  };
}

function addon({ addonVersion, platforms, version }: HostInfo, logs: readonly string[]): Finding {
  if (addonVersion === '') return { state: 'fault', text: logs.join(' ') || 'the native driver could not be loaded' };
  return {
    state: 'ok',
    text: `native driver ${addonVersion} for Doorbell ${version}, platforms: ${platforms.join(', ')}`,
  };
}

async function checkEmulated(host: HostProcess, failures: readonly TestFailure[]): Promise<Finding[]> {
  if (host.info.addonVersion === '') return [];
  const root = await mkdtemp(join(tmpdir(), 'doorbell-doctor-'));
  try {
    const file = join(root, 'selfCheck.nvme.ts');
    await writeFile(file, selfCheck);
    const { durationMs } = await host.calls.run(selfCheckRequest(root, file));
    const { controllers } = await host.telemetry.topology();
    const [found] = controllers;
    const name = found ? ` (${found.model}, firmware ${found.firmware})` : '';
    const [failure] = failures;
    if (!failure)
      return [{ state: 'ok', text: `emulated SSD${name}: write, read and compare in ${durationMs.toFixed(0)} ms` }];
    return [
      {
        state: 'fault',
        text: `emulated SSD${name}: ${failure.message}`,
        remedy: 'This is a defect of Doorbell: report it.',
      },
    ];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function selfCheckRequest(root: string, file: string) {
  return {
    runId: 1,
    root,
    files: [file],
    bail: false,
    repeat: 1,
    untilFailure: false,
    debug: false,
    timeoutMs: selfCheckMs,
    fresh: false,
  };
}
