import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { DoorbellApi } from '../../extension/api.ts';
import { doorbell, eventually, isAlive, recordRuns, runFromLens, testItem } from './support.ts';

describe('the driver host', () => {
  let api: DoorbellApi;
  before(async () => {
    api = await doorbell();
    await runFromLens(await testItem(api, 'hello.nvme.ts', 'hello world'));
  });

  const pid = () => api.hosts.hosts[0]?.alive?.pid;

  it('is restarted by its command, and the old process is gone', async () => {
    const before = pid();
    assert.ok(before);
    await vscode.commands.executeCommand('doorbell.restartHost');
    await eventually('another process', () => pid() !== undefined && pid() !== before);
    assert.ok(!isAlive(before));
  });

  it('switches the power of the emulated SSD, and the next test works', async () => {
    const reports: unknown[] = [];
    const power = api.hosts.hosts[0]?.alive?.link.calls;
    assert.ok(power);
    const first = await power.power({ action: 'cycle' });
    const second = await power.power({ action: 'cycle' });
    reports.push(first, second);
    assert.equal((second.powerCycles ?? 0n) - (first.powerCycles ?? 0n), 1n);
    await vscode.commands.executeCommand('doorbell.powerOff');
    await vscode.commands.executeCommand('doorbell.powerOn');
    const recorder = recordRuns(api.testing.controller);
    try {
      await runFromLens(await testItem(api, 'hello.nvme.ts', 'hello world'));
      assert.equal(recorder.runs[0]?.states.at(-1), 'hello world: passed');
    } finally {
      recorder.restore();
    }
  });

  it('leaves no process behind when it is stopped', async () => {
    const before = pid();
    assert.ok(before);
    await vscode.commands.executeCommand('doorbell.stopHost');
    assert.equal(api.hosts.hosts[0]?.state.kind, 'stopped');
    assert.ok(!isAlive(before));
  });
});
