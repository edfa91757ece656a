import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostProcess } from '../../testkit/parent/hostProcess.ts';
import type { RunRequest } from '../../testkit/protocol.ts';
import { median, ms, type Row, timed } from './row.ts';

const sample = path.resolve('testkit/sample');
const hello = path.join(sample, 'hello.nvme.ts');
const repeats = 7;

const request = (runId: number): RunRequest => ({
  runId,
  root: sample,
  files: [hello],
  grep: '^hello world$',
  bail: false,
  repeat: 1,
  untilFailure: false,
  debug: false,
  timeoutMs: 60_000,
  fresh: false,
});

async function run(host: HostProcess, runId: number): Promise<void> {
  const { passed } = await host.calls.run(request(runId));
  if (passed !== 1) throw new Error(`hello world: ${passed} passed`);
}

/** Time its threads ran, in ms: the scheduler's own count. /proc/PID/stat charges a whole tick to whoever wakes with a timer. */
function cpuMs(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  const ranNs = readdirSync(tasks).map((task) =>
    Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]),
  );
  return ranNs.reduce((sum, ns) => sum + ns, 0) / 1e6;
}

async function idlePercent(host: HostProcess): Promise<number> {
  await sleep(2500);
  const [cpu, begin] = [cpuMs(host.pid), performance.now()];
  await sleep(7000);
  return (100 * (cpuMs(host.pid) - cpu)) / (performance.now() - begin);
}

export async function bench(): Promise<Row[]> {
  const logFolder = mkdtempSync(path.join(os.tmpdir(), 'doorbell-bench-'));
  const options = { hostPath: path.resolve('dist/host.cjs'), logFolder, cwd: sample };
  const cold: number[] = [];
  const warm: number[] = [];
  let idle = 0;
  try {
    for (let round = 0; round < repeats; round += 1) {
      let host: HostProcess | undefined;
      cold.push(
        await timed(async () => {
          host = await HostProcess.start(options);
          await run(host, 1);
        }),
      );
      if (!host) throw new Error('no host');
      for (let id = 2; id < 5; id += 1) warm.push(await timed(() => run(host!, id)));
      if (round === 0) idle = await idlePercent(host);
      await host.stop();
    }
  } finally {
    rmSync(logFolder, { recursive: true, force: true });
  }
  return [
    { what: 'hello world, cold: fork to summary', value: ms(median(cold)), goal: '1500 ms' },
    { what: 'hello world, warm: run to summary', value: ms(median(warm)), goal: '500 ms' },
    { what: 'idle driver host, share of a core', value: `${idle.toFixed(2)} %`, goal: '1 %' },
  ];
}
