import assert from 'node:assert/strict';
import { BindCommands } from '../../../extension/controllers/bindCommands.ts';
import type { ControllerItem } from '../../../extension/controllers/controllerItems.ts';
import { ControllerPicker } from '../../../extension/controllers/controllerPicker.ts';
import { machineRootVariable } from '../../../testkit/machine/machine.ts';
import { bdf, FakeMachine } from '../../fakes/machine.ts';
import type { FakeQuickPick } from '../../fakes/vscode/ui.ts';
import { changeSetting, commands, fake } from '../../fakes/vscode.ts';
import { FakeWorkspace, fakeHosts, until } from './support.ts';

const sudo = process.getuid?.() === 0 ? '' : 'sudo ';

describe('choosing a controller', () => {
  let machine: FakeMachine;
  let parts: { dispose(): void }[];
  let ran: string[];
  let failures: string[];

  beforeEach(() => {
    new FakeWorkspace();
    machine = new FakeMachine();
    process.env[machineRootVariable] = machine.root;
    ran = [];
    failures = [];
    const runShell = async (_title: string, command: string) => {
      ran.push(command);
      machine.bind(bdf, command.includes(' unbind ') ? 'nvme' : 'vfio-pci');
      return true;
    };
    const failed = (what: string, error: unknown) => void failures.push(`${what}: ${(error as Error).message}`);
    const bind = new BindCommands({ doorbell: '/x y/doorbell', runShell, failed });
    parts = [bind, new ControllerPicker({ hosts: fakeHosts().manager, bind, failed })];
  });
  afterEach(() => {
    delete process.env[machineRootVariable];
    for (const part of parts) part.dispose();
    machine.remove();
    assert.deepEqual(
      fake.alive().filter((kind) => /quick pick/.test(kind)),
      [],
    );
  });

  const rows = () => (fake.offered.at(-1) as ControllerItem[]).map(({ label, detail = '' }) => `${label} | ${detail}`);
  /** Opens the picker and takes the row with these words. */
  const take = async (words: string, button?: string) => {
    fake.answers.unshift((pick: FakeQuickPick) => {
      const item = (pick.items as ControllerItem[]).find(({ label }) => label.includes(words));
      assert.ok(item, words);
      if (button === undefined) return pick.accept(item);
      const found = item.buttons?.find(({ tooltip }) => tooltip === button);
      assert.ok(found, `${words} has no button ${button}`);
      pick.triggered.fire({ item, button: found });
    });
    await commands.executeCommand('doorbell.pickController');
  };

  it('offers the emulated SSD, every drive with what may be done with it, and other places', async () => {
    machine.drive();
    machine.drive({ address: '0000:3e:00.0', group: '13', serial: 'BOOT' });
    machine.mount('259:17', '/', '/dev/nvme1n1p1');
    await commands.executeCommand('doorbell.pickController');
    assert.deepEqual(rows(), [
      '$(check) Emulated SSD | In the driver host. Nothing of this machine is touched.',
      'PCI Express | ',
      `$(circuit-board) ${bdf} | with the kernel (nvme0), not in use`,
      '$(lock) 0000:3e:00.0 | in use: nvme1n1p1 is mounted at /',
      'Elsewhere | ',
      '$(plug) vfio-user Socket... | ',
      '$(remote) NVMe over TCP... | ',
      ' | ',
      '$(pulse) Doctor: What This Machine Lacks | ',
    ]);
    const [free, held] = (fake.offered.at(-1) as ControllerItem[]).slice(2);
    assert.equal(free?.description, 'Samsung SSD 980 PRO 1TB, serial S5GX0001, 1.0 TB');
    assert.deepEqual(
      [free, held].map((item) => item?.buttons?.map(({ tooltip }) => tooltip)),
      [['Bind to VFIO'], []],
    );
    assert.deepEqual([fake.updated, ran], [[], []], 'looking changes nothing');
  });

  it('takes a free drive from the kernel first, with its command shown, and only then', async () => {
    machine.drive();
    fake.answers = [undefined];
    await take(bdf);
    const [question] = fake.shown;
    assert.match(
      question?.message ?? '',
      /^Take 0000:3d:00\.0, Samsung SSD 980 PRO 1TB, serial S5GX0001, 1\.0 TB from the kernel/,
    );
    assert.deepEqual([question?.modal, ran, fake.updated], [true, [], []], 'a closed question is a no');
    fake.answers = ['Run in Terminal'];
    await take(bdf);
    assert.deepEqual(ran, [`${sudo}'/x y/doorbell' bind ${bdf}`]);
    assert.deepEqual(fake.updated, [`doorbell.controller = "${bdf}"`]);
    await take(bdf);
    assert.equal(ran.length, 1, 'it is bound');
    assert.match(rows()[2] ?? '', /^\$\(check\) 0000:3d:00\.0 \| bound to vfio-pci, ready/);
  });

  it('leaves a drive alone that is in use, and says by whom', async () => {
    machine.drive();
    machine.mount('259:1', '/', '/dev/nvme0n1p1');
    await take(bdf);
    assert.deepEqual(failures, [`Choose Controller: ${bdf} is in use and is left alone: nvme0n1p1 is mounted at /.`]);
    assert.deepEqual([ran, fake.updated, fake.shown], [[], [], []]);
  });

  it('refuses one that came into use while the picker was open', async () => {
    machine.drive();
    fake.answers.unshift((pick: FakeQuickPick) => {
      machine.mount('259:1', '/mnt', '/dev/nvme0n1p1');
      pick.accept((pick.items as ControllerItem[])[2]);
    });
    await commands.executeCommand('doorbell.pickController');
    assert.match(failures[0] ?? '', /nvme0n1p1 is mounted at \/mnt/);
    assert.deepEqual([ran, fake.updated], [[], []]);
  });

  it('gives a drive back with one action, and its workspace goes back to the emulated SSD', async () => {
    machine.drive({ driver: 'vfio-pci' });
    changeSetting('doorbell.controller', bdf);
    fake.answers = ['Run in Terminal'];
    await take(bdf, 'Give Back to the Kernel');
    await until(() => fake.updated.length > 0, 'the setting');
    assert.deepEqual(ran, [`${sudo}'/x y/doorbell' unbind ${bdf}`]);
    assert.deepEqual(fake.updated, ['doorbell.controller = "emulated"']);
  });

  it('binds and gives back by commands of their own, which say when there is nothing to do', async () => {
    machine.drive({ driver: undefined });
    const first = (items: unknown) => (items as unknown[])[0];
    fake.answers = [first, 'Run in Terminal'];
    await commands.executeCommand('doorbell.bindController');
    fake.answers = [first, 'Run in Terminal'];
    await commands.executeCommand('doorbell.unbindController');
    assert.deepEqual(
      ran.map((command) => command.split(' ').at(-2)),
      ['bind', 'unbind'],
    );
    machine.mount('259:1', '/', '/dev/nvme0n1p1');
    await commands.executeCommand('doorbell.bindController');
    assert.match(fake.shown.at(-1)?.message ?? '', /No controller for "Bind Controller to VFIO"/);
  });

  it('takes other addresses as they are typed, with or without their scheme', async () => {
    fake.answers = ['/run/nvme.sock'];
    await take('vfio-user Socket');
    fake.answers = ['tcp://lab/nqn.x'];
    await take('NVMe over TCP');
    changeSetting('doorbell.controller', ['emulated?name=a', 'emulated?name=b']);
    await take('Emulated SSD');
    assert.deepEqual(fake.updated, [
      'doorbell.controller = "vfio-user:/run/nvme.sock"',
      'doorbell.controller = "tcp://lab:4420/nqn.x"',
      'doorbell.controller = ["emulated","emulated?name=b"]',
    ]);
  });
});
