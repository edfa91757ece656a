import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { bindToVfio, giveToKernel } from '../../../testkit/machine/binding.ts';
import { lockController, lockHolder } from '../../../testkit/machine/controllerLock.ts';
import { capacityOf, nvmeController, sizeText } from '../../../testkit/machine/nvmeControllers.ts';
import { bdf, FakeMachine } from '../../fakes/machine.ts';

let machine: FakeMachine;
let told: string[];
beforeEach(() => {
  machine = new FakeMachine();
  told = [];
});
afterEach(() => machine.remove());

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const tell = (step: string) => void told.push(step);
const bind = (...addresses: string[]) =>
  bindToVfio(machine, addresses.length > 0 ? addresses : [bdf], { owner, tell, timeoutMs: 200 });
const giveBack = () => giveToKernel(machine, [bdf], { tell, timeoutMs: 200 });
const driver = async (address = bdf) => (await nvmeController(machine, address)).driver;

describe('binding a controller to vfio-pci', () => {
  it('takes it from the kernel for one user, and gives it back', async () => {
    machine.drive();
    let heldAtUnbind: string[] = [];
    machine.onWrite = (file) => {
      if (file.endsWith('/unbind')) heldAtUnbind = [...machine.held];
    };
    await bind();
    assert.equal(await driver(), 'vfio-pci');
    assert.deepEqual(heldAtUnbind, ['nvme0n1'], 'nothing can be mounted meanwhile');
    assert.deepEqual([...machine.held], []);
    assert.match(
      told.join('\n'),
      /serial S5GX0001\) is bound to vfio-pci now.*\n\/dev\/vfio\/12 belongs to user \d+ now/,
    );
    machine.onWrite = () => undefined;
    const { model, serial, name } = await nvmeController(machine, bdf);
    assert.deepEqual(
      [model, serial, name],
      ['Samsung SSD 980 PRO 1TB', 'S5GX0001', undefined],
      'a person still sees which it is',
    );
    assert.equal(sizeText(capacityOf(await nvmeController(machine, bdf))), '1.0 TB');
    machine.file(`/sys/bus/pci/devices/${bdf}/device`, '0x0001');
    assert.equal((await nvmeController(machine, bdf)).serial, undefined, 'another drive in the slot');
    machine.file(`/sys/bus/pci/devices/${bdf}/device`, '0xa80a');
    await giveBack();
    assert.deepEqual(await machine.names('/run/doorbell'), []);
    assert.equal(await driver(), 'nvme');
    assert.match(told.at(-1) ?? '', /kernel's nvme driver again, as nvme0/);
    assert.equal(await machine.text(`/sys/bus/pci/devices/${bdf}/driver_override`), '(null)', 'nothing stays behind');
  });

  it('says so when there is nothing to do', async () => {
    machine.drive();
    await giveBack();
    await bind();
    const { length } = machine.written;
    await bind();
    assert.equal(machine.written.length, length);
    assert.match(told.join('\n'), /with the kernel already[\s\S]*bound to vfio-pci already/);
  });

  it('takes one that no driver has', async () => {
    machine.drive({ driver: undefined });
    await bind();
    assert.equal(await driver(), 'vfio-pci');
  });

  it('touches nothing when one of several is in use, or its module is missing', async () => {
    machine.drive();
    machine.drive({ address: '0000:3e:00.0', group: '13' });
    machine.mount('259:17', '/srv', '/dev/nvme1n1p1');
    await assert.rejects(bind(bdf, '0000:3e:00.0'), { code: 'DRIVE_HELD', message: /nvme1n1p1 is mounted at \/srv/ });
    machine.claims.set('nvme0n1p1', 'EBUSY');
    await assert.rejects(bind(), { code: 'DRIVE_HELD' });
    assert.deepEqual(machine.written, []);
    assert.equal(await driver(), 'nvme');
  });

  it('gives the drive back to the kernel when vfio-pci will not take it', async () => {
    machine.drive();
    machine.unwilling.add('vfio-pci');
    await assert.rejects(bind(), /did not bind 0000:3d:00\.0 to vfio-pci.*sudo dmesg \| grep/);
    assert.equal(await driver(), 'nvme');
    assert.deepEqual([...machine.held], []);
  });

  it('says what to do when the kernel’s driver does not take it back', async () => {
    machine.drive();
    await bind();
    machine.unwilling.add('nvme');
    await assert.rejects(giveBack(), /did not bind 0000:3d:00\.0 to nvme.*sudo modprobe nvme/);
  });

  it('can be done and undone after an end at any point', async () => {
    for (let at = 0; at < 3; at += 1) {
      for (const next of [bind, giveBack]) {
        const own = new FakeMachine();
        own.drive();
        let writes = 0;
        // As a process that is killed: nothing more is written, also no way back.
        own.onWrite = () => {
          if (writes++ >= at) throw new Error('killed');
        };
        await assert.rejects(bindToVfio(own, [bdf], { owner, tell, timeoutMs: 50 }), /killed/);
        own.onWrite = () => undefined;
        machine.remove();
        machine = own;
        await next();
        assert.equal(await driver(), next === bind ? 'vfio-pci' : 'nvme', `killed before write ${at}`);
        const override = await machine.text(`/sys/bus/pci/devices/${bdf}/driver_override`);
        assert.equal(override, next === bind ? 'vfio-pci' : '(null)', `killed before write ${at}`);
      }
    }
  });

  it('does not give back what a process still has open', async () => {
    machine.drive();
    await bind();
    machine.process(77, 'qemu-system-x86', '/dev/vfio/12');
    await assert.rejects(giveBack(), { code: 'CONTROLLER_IN_USE', message: /open in qemu-system-x86 \(pid 77\)/ });
    assert.equal(await driver(), 'vfio-pci');
  });
});

describe('the lock of a controller', () => {
  // No function of a real bus, and another one for each process that runs this.
  const address = `ffff:${process.pid.toString(16)}`;

  it('is one process’s at a time, names it, and is gone when released', async () => {
    assert.equal(await lockHolder(address), undefined);
    const lock = await lockController(address);
    assert.equal(await lockHolder(address), process.pid);
    const inUse = { code: 'CONTROLLER_IN_USE', message: new RegExp(`driver host with pid ${process.pid}`) };
    await assert.rejects(lockController(address), inUse);
    await lock.release();
    assert.equal(await lockHolder(address), undefined);
    await (await lockController(address)).release();
  });

  it('is another process’s until that process ends, also by force', async () => {
    const other = `${address}.other`;
    const name = `doorbell-${other}`.padEnd(107, '.');
    const hold = `require('node:net').createServer().listen('\\0${name}', () => console.log('held'))`;
    const child = spawn(process.execPath, ['-e', hold], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await assert.rejects(lockController(other), { message: new RegExp(`driver host with pid ${child.pid}\\b`) });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    await (await lockController(other)).release();
  });
});
