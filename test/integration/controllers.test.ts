import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { DoorbellApi } from '../../extension/api.ts';
import { bdf, FakeMachine } from '../fakes/machine.ts';
import { doorbell, eventually, folder, recordRuns, runFromLens, testItem } from './support.ts';

describe('drives of the machine', () => {
  let api: DoorbellApi;
  let machine: FakeMachine;
  before(async () => {
    api = await doorbell();
    machine = new FakeMachine();
    machine.drive();
    machine.drive({ address: '0000:3e:00.0', group: '13', serial: 'BOOT' });
    machine.mount('259:17', '/', '/dev/nvme1n1p1');
    process.env.DOORBELL_MACHINE_ROOT = machine.root;
  });
  after(async () => {
    delete process.env.DOORBELL_MACHINE_ROOT;
    await setController(undefined);
    machine.remove();
  });

  const setController = async (value: unknown) =>
    vscode.workspace
      .getConfiguration('doorbell', folder().uri)
      .update('controller', value, vscode.ConfigurationTarget.Workspace);

  it('are told by the doctor in a tab of its own, with commands that are copied, not run', async () => {
    await vscode.commands.executeCommand('doorbell.doctor');
    const finding = (id: string) => api.doctor.findings?.find((each) => each.id === id);
    await eventually('the findings', () => finding(`controller ${bdf}`));
    const tabs = vscode.window.tabGroups.all.flatMap(({ tabs: all }) => all.map(({ label }) => label));
    assert.ok(tabs.includes('NVMe Doctor'), tabs.join());
    assert.match(finding('controller 0000:3e:00.0')?.text ?? '', /in use: nvme1n1p1 is mounted at \//);
    assert.equal(finding('controller 0000:3e:00.0')?.fix, undefined);
    assert.equal(finding('emulated')?.state, 'ok');
    await vscode.commands.executeCommand('doorbell.copyFix', `controller ${bdf}`, 'fix');
    assert.match(await vscode.env.clipboard.readText(), /\/bin\/doorbell'? bind 0000:3d:00\.0$/);
  });

  const outcomeOf = async () => {
    const recorder = recordRuns(api.testing.controller);
    try {
      await runFromLens(await testItem(api, 'hello.nvme.ts', 'hello world'));
      const [run] = recorder.runs;
      const message = run?.messages[0]?.message;
      const text = typeof message === 'string' ? message : (message?.value ?? '');
      return { state: run?.states.at(-1), text: text.replaceAll('&nbsp;', ' ').replaceAll('\\', '') };
    } finally {
      recorder.restore();
    }
  };

  it('are not run on without a native driver for them, and the test says why', async () => {
    await setController('spdk:0000:3e:00.0');
    const { state, text } = await outcomeOf();
    assert.equal(state, 'hello world: errored');
    assert.match(text, /spdk:0000:3e:00\.0.*needs a native driver built with SPDK|is of the machine in/);
  });

  it('are no address when their words are wrong, and the test says which are right', async () => {
    await setController('nvme0n1');
    const { state, text } = await outcomeOf();
    assert.equal(state, 'hello world: errored');
    assert.match(text, /There is no controller "nvme0n1".*0000:3d:00\.0/);
  });

  it('leave the emulated SSD the one that tests run on otherwise', async () => {
    await setController(undefined);
    assert.equal((await outcomeOf()).state, 'hello world: passed');
  });
});
