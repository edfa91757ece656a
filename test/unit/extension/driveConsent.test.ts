import assert from 'node:assert/strict';
import { DriveConsent } from '../../../extension/controllers/driveConsent.ts';
import { TestRunner } from '../../../extension/testing/testRunner.ts';
import { changeSetting, fake } from '../../fakes/vscode.ts';
import { setUp } from './runSetUp.ts';
import { fakeLog, fakeMemory, runAt } from './support.ts';

const drive = {
  address: '0000:3d:00.0',
  model: 'Samsung SSD 980 PRO 1TB',
  serial: 'S5GX0001',
  firmware: '5B2QGXA7',
  bytes: 1_000_204_886_016n,
};
const yes = 'Run on This Drive';

describe('the first run on a drive', () => {
  const start = async () => {
    const made = await setUp();
    const memory = fakeMemory();
    await made.manager.of(made.workspace.folder).acquire();
    const [link] = made.links;
    assert.ok(link);
    link.drives = [drive];
    const { controller, tree, loader, manager } = made;
    const consent = new DriveConsent(memory);
    const runner = new TestRunner({ controller, tree, loader, hosts: manager, log: fakeLog(), consent });
    let clicks = 0;
    const click = (...ids: string[]) => {
      clicks += 1;
      const selection = { include: ids.map(made.item) };
      const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };
      const request = { include: selection.include, exclude: undefined, profile: undefined, preserveFocus: true };
      return runner.run({ request, selection, mode: 'run', token });
    };
    changeSetting('doorbell.controller', drive.address);
    return { ...made, memory, consent, click, last: () => runAt(controller, clicks - 1) };
  };

  it('asks once, naming model, serial number and capacity, and remembers the answer for the drive', async () => {
    const { click, links, memory, last } = await start();
    fake.answers = [yes];
    await click('a.nvme.ts > one');
    const [question] = fake.shown;
    assert.deepEqual(
      [question?.message, question?.modal, question?.items],
      ['Run tests on Samsung SSD 980 PRO 1TB, serial number S5GX0001, 1.0 TB?', true, [yes]],
    );
    assert.deepEqual(links[0]?.requests[0]?.allowedDrives, ['S5GX0001']);
    assert.match(last().log(), /passed a\.nvme\.ts > one/);
    assert.match(last().output(), /--controller 0000:3d:00\.0 --allow-drive S5GX0001 --seed/, 'the same in a shell');
    await click('a.nvme.ts > two');
    assert.equal(fake.shown.length, 1, 'it is known now');
    assert.deepEqual(memory.kept.get('doorbell.allowedDrives'), { S5GX0001: { destructive: false } });
    assert.deepEqual(fake.updated, [], 'nothing of it stands in a setting');
  });

  it('runs nothing when the answer is no, and says so at the test', async () => {
    const { click, links, last, memory } = await start();
    await click('a.nvme.ts > one');
    assert.deepEqual(links[0]?.requests, []);
    assert.match(last().log(), /errored a\.nvme\.ts > one/);
    assert.match(
      String((last().messages[0]?.message.message as { value?: string })?.value ?? last().messages[0]?.message.message),
      /Nothing was run: tests on 0000:3d:00\\\.0, Samsung .* were not allowed/,
    );
    assert.equal(memory.kept.size, 0);
    fake.answers = [yes];
    await click('a.nvme.ts > one');
    assert.equal(fake.shown.length, 2, 'it is asked again');
  });

  it('asks once more before the first destructive tests, and says how many they are', async () => {
    const { click, memory } = await start();
    fake.answers = [yes];
    await click('a.nvme.ts > one');
    fake.answers = [yes];
    await click('a.nvme.ts > suite', 'a.nvme.ts > one');
    assert.equal(fake.shown.length, 2);
    assert.match(fake.shown.at(-1)?.detail ?? '', /One of the tests is tagged destructive/);
    assert.doesNotMatch(fake.shown[0]?.detail ?? '', /destructive/);
    assert.deepEqual(memory.kept.get('doorbell.allowedDrives'), { S5GX0001: { destructive: true } });
    await click('a.nvme.ts > suite');
    assert.equal(fake.shown.length, 2);
  });

  it('is no matter of the emulated SSD', async () => {
    const { click, links } = await start();
    changeSetting('doorbell.controller', 'emulated');
    await click('a.nvme.ts > one');
    assert.deepEqual([fake.shown, links[0]?.requests[0]?.allowedDrives], [[], undefined]);
  });
});
