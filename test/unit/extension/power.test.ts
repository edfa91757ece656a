import assert from 'node:assert/strict';
import { PowerCommands } from '../../../extension/power/powerCommands.ts';
import { commands, fake } from '../../fakes/vscode.ts';
import { FakeWorkspace, fakeHosts } from './support.ts';

describe('vPower', () => {
  function power() {
    const workspace = new FakeWorkspace();
    const made = { ...fakeHosts(), workspace };
    const events: string[] = [];
    const failures: string[] = [];
    const part = new PowerCommands(
      made.manager,
      (what, error) => void failures.push(`${what}: ${(error as Error).message}`),
      { allowed: ['S5GX0001'] },
    );
    part.onDidChangePower(({ action }) => void events.push(action));
    return { ...made, events, failures, part };
  }

  it('works between runs on the emulated SSD, without a question, and reports the counts', async () => {
    const { links, events, part } = power();
    fake.answers = ['0'];
    await commands.executeCommand('doorbell.powerCycle');
    assert.deepEqual(links[0]?.said, ['power cycle emulated']);
    assert.deepEqual(events, ['cycle']);
    assert.deepEqual(
      fake.shown.map(({ message }) => message),
      ['emulated is powered on: 2 power cycles, 1 unsafe shutdowns.'],
    );
    part.dispose();
  });

  it('leaves a host that a fresh run does not take', async () => {
    const { links, part, manager, workspace } = power();
    fake.answers = ['0'];
    await commands.executeCommand('doorbell.powerCycle');
    await manager.of(workspace.folder).acquire({ fresh: true });
    assert.equal(links.length, 2);
    part.dispose();
  });

  it('takes no answer as a no, and a wrong number for what it is', async () => {
    const { links, failures, part } = power();
    for (const answers of [[undefined], ['3', undefined]]) {
      fake.answers = answers;
      await commands.executeCommand('doorbell.powerCycleRepeatedly');
    }
    fake.answers = ['0'];
    await commands.executeCommand('doorbell.powerCycleRepeatedly');
    assert.equal(links.length, 0);
    assert.deepEqual(failures, ['Power Cycle: A whole number of 1 to 100000']);
    part.dispose();
  });

  it('cycles many times, with the time it was told, and sums up', async () => {
    const { links, events, part } = power();
    fake.answers = ['3', '250'];
    await commands.executeCommand('doorbell.powerCycleRepeatedly');
    assert.deepEqual(links[0]?.said, Array(3).fill('power cycle emulated 250 ms'));
    assert.deepEqual(events, ['cycle', 'cycle', 'cycle']);
    assert.match(fake.shown.at(-1)?.message ?? '', /3 power cycles done. The drive counts 1 unsafe shutdowns/);
    part.dispose();
  });

  it('ends a row of cycles at the first failure, and names it', async () => {
    const { manager, failures, part } = power();
    const session = await manager.current().acquire();
    let cycles = 0;
    session.link.calls.power = async () => {
      cycles += 1;
      throw new Error('the relay is stuck');
    };
    fake.answers = ['5', '0'];
    await commands.executeCommand('doorbell.powerCycleRepeatedly');
    assert.equal(cycles, 1);
    assert.deepEqual(failures, ['Power Cycle: cycle 1: the relay is stuck']);
    part.dispose();
  });

  it('ends a row of cycles between two of them when someone cancels', async () => {
    const { links, part } = power();
    fake.cancelAfterReports = 2;
    fake.answers = ['50', '0'];
    await commands.executeCommand('doorbell.powerCycleRepeatedly');
    assert.equal(links[0]?.said.length, 2);
    assert.match(fake.shown.at(-1)?.message ?? '', /cancelled after 2 of 50 power cycles/);
    part.dispose();
  });

  it('switches by what the setting names, and refuses words that name nothing', async () => {
    const { links, failures, part } = power();
    fake.settings.set('doorbell.power', 'quarch:tcp://lab');
    await commands.executeCommand('doorbell.powerOff');
    assert.deepEqual(links[0]?.said, ['power off emulated quarch:tcp://lab']);
    fake.settings.set('doorbell.power', 'plug');
    await commands.executeCommand('doorbell.powerOff');
    assert.match(failures[0] ?? '', /^Power Off: "plug" names no power controller/);
    part.dispose();
  });

  it('names what sleeps too, before it suspends the machine', async () => {
    const { links, part } = power();
    fake.settings.set('doorbell.controller', '0000:3d:00.0');
    fake.settings.set('doorbell.power', 's3');
    fake.answers = ['0', undefined];
    await commands.executeCommand('doorbell.powerCycle');
    assert.match(fake.shown.at(-1)?.detail ?? '', /The whole machine sleeps, and with it:/);
    assert.equal(links.length, 0);
    part.dispose();
  });

  it('asks before it takes power from a real controller, naming it and its serial, and takes no for an answer', async () => {
    const { links, events, part, workspace } = power();
    const snapshot = {
      segment: 0,
      address: '0000:3d:00.0',
      model: 'M',
      serial: 'S123',
      firmware: 'F',
      state: 'ready',
      queues: [],
    };
    const node = { row: { of: snapshot }, pid: 1, workspaceFolder: workspace.folder, children: [] };
    fake.answers = [undefined];
    await commands.executeCommand('doorbell.powerOff', node);
    assert.deepEqual(
      fake.shown.map(({ message, modal }) => [message, modal]),
      [['Power Off controller 0000:3d:00.0, serial S123?', true]],
    );
    assert.equal(links.length, 0);
    fake.answers = ['Power Off'];
    await commands.executeCommand('doorbell.powerOff', node);
    assert.deepEqual(links[0]?.said, ['power off 0000:3d:00.0']);
    assert.deepEqual(events, ['off']);
    part.dispose();
  });

  it('says why it failed', async () => {
    const { failures, part } = power();
    fake.folders = [];
    await commands.executeCommand('doorbell.powerOn');
    assert.match(failures[0] ?? '', /^Power On: Open a folder first/);
    part.dispose();
  });
});
