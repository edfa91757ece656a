import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { controllerFindings } from '../machine/doctor/controllerFindings.ts';
import type { Finding } from '../machine/doctor/finding.ts';
import { kernelFindings } from '../machine/doctor/kernelFindings.ts';
import { spdkFinding } from '../machine/doctor/spdkFinding.ts';
import { Machine } from '../machine/machine.ts';
import { ownCommand, rootCommand } from '../machine/shell.ts';
import { HostProcess } from '../parent/hostProcess.ts';
import type { HostInfo, TestFailure } from '../protocol.ts';
import { ExitCode, type ExitCodeValue } from './exitCodes.ts';
import { places } from './places.ts';
import { failuresOf } from './reporters/reporter.ts';
import { Style } from './style.ts';

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

/** `doorbell doctor`: every line is a fact; below it is what to do, as a command where there is one. It changes nothing. */
export async function doctorCommand(json: boolean, machine = new Machine()): Promise<ExitCodeValue> {
  const { findings: host, platforms } = await driverHost();
  const findings = [
    ...system(),
    workspace(process.cwd()),
    ...host,
    ...(await kernelFindings(machine)),
    await spdkFinding(platforms),
    ...(await controllerFindings(machine, ownCommand())),
  ].map(asRoot);
  const style = Style.for(process.stdout);
  if (json) process.stdout.write(`${JSON.stringify({ findings }, null, 2)}\n`);
  else for (const finding of findings) process.stdout.write(render(finding, style));
  return findings.some(({ state }) => state === 'fault') ? ExitCode.Environment : ExitCode.Passed;
}

/** Where root runs it, there may be no sudo. */
function asRoot({ fix, undo, ...finding }: Finding): Finding {
  return {
    ...finding,
    ...(fix && {
      fix: { ...fix, command: rootCommand(fix.command), ...(fix.undo && { undo: rootCommand(fix.undo) }) },
    }),
    ...(undo && { undo: rootCommand(undo) }),
  };
}

const marks = { ok: ['green', '✓'], note: ['yellow', '-'], fault: ['red', '✗'] } as const;

export function render({ state, text, advice, fix, undo }: Finding, style: Style): string {
  const back = undo ?? fix?.undo;
  const lines = [
    advice,
    fix && `$ ${fix.command}`,
    fix?.afterwards,
    back && style.apply('dim', `${fix ? 'and to undo it' : 'to undo it'}: ${back}`),
  ];
  const below = lines.flatMap((line) => (line ? [`    ${line}\n`] : []));
  const [color, mark] = marks[state];
  return `${style.apply(color, mark)} ${text}\n${below.join('')}`;
}

function system(): Finding[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNodeFit = major > 20 || (major === 20 && minor >= 19);
  const isMachineFit = process.platform === 'linux' && process.arch === 'x64';
  return [
    {
      id: 'node',
      state: isNodeFit ? 'ok' : 'fault',
      text: `Node.js ${process.versions.node}`,
      ...(!isNodeFit && { advice: 'Doorbell needs Node.js 20.19 or newer.' }),
    },
    {
      id: 'system',
      state: isMachineFit ? 'ok' : 'fault',
      text: `${process.platform} ${release()} on ${process.arch}`,
      ...(!isMachineFit && { advice: 'The native driver runs on Linux x64 only.' }),
    },
  ];
}

function workspace(folder: string): Finding {
  const types = join('.doorbell', 'types');
  if (existsSync(join(folder, types))) return { id: 'types', state: 'ok', text: `types for the editor in ${types}` };
  return {
    id: 'types',
    state: 'note',
    text: `no ${types} in this folder: tests run, the editor cannot complete or check them`,
    advice: 'In VS Code run "NVMe: Create Sample Workspace" to get a folder that has them.',
  };
}

interface HostFindings {
  readonly findings: readonly Finding[];
  readonly platforms: readonly string[];
}

async function driverHost(): Promise<HostFindings> {
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
    const text = (error as Error).message;
    return { findings: [{ id: 'host', state: 'fault', text, advice: 'Build it again: npm run build' }], platforms: [] };
  }
  try {
    const findings = [await evidence(host), addon(host.info, logs), ...(await checkEmulated(host, failures))];
    return { findings, platforms: host.info.platforms };
  } finally {
    await host.stop();
  }
}

async function evidence(host: HostProcess): Promise<Finding> {
  const folder = dirname(host.evidenceFile);
  const { mode } = await stat(folder);
  const isPrivate = (mode & 0o077) === 0;
  return {
    id: 'evidence',
    state: isPrivate ? 'ok' : 'fault',
    text: `evidence is kept in ${dirname(folder)}`,
    ...(!isPrivate && { advice: `${folder} must be readable by you alone (0700).` }),
  };
}

function addon({ addonVersion, platforms, version }: HostInfo, logs: readonly string[]): Finding {
  if (addonVersion === '')
    return { id: 'addon', state: 'fault', text: logs.join(' ') || 'the native driver could not be loaded' };
  return {
    id: 'addon',
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
      return [
        {
          id: 'emulated',
          state: 'ok',
          text: `emulated SSD${name}: write, read and compare in ${durationMs.toFixed(0)} ms`,
        },
      ];
    return [
      {
        id: 'emulated',
        state: 'fault',
        text: `emulated SSD${name}: ${failure.message}`,
        advice: 'This is a defect of Doorbell: report it.',
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
