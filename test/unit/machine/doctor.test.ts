import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { render } from '../../../testkit/cli/doctorCommand.ts';
import { Style } from '../../../testkit/cli/style.ts';
import { controllerFindings } from '../../../testkit/machine/doctor/controllerFindings.ts';
import { kernelFindings } from '../../../testkit/machine/doctor/kernelFindings.ts';
import { bdf, FakeMachine } from '../../fakes/machine.ts';

let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
  machine.file('/proc/sys/kernel/osrelease', '6.1.0-test');
});
afterEach(() => machine.remove());

const kernel = async (id: string) => {
  const finding = (await kernelFindings(machine)).find((each) => each.id === id);
  assert.ok(finding);
  return finding;
};
const controllers = () => controllerFindings(machine, 'doorbell');
const limits = (soft: string) => machine.file('/proc/self/limits', `Max locked memory         ${soft}    x    bytes`);

describe('what the doctor says of the kernel', () => {
  it('is that all is well where it is', async () => {
    machine.drive();
    limits('unlimited');
    machine.file('/proc/meminfo', 'HugePages_Total:     512\nHugePages_Free:      500\nHugepagesize:       2048 kB');
    assert.deepEqual(
      (await kernelFindings(machine)).map(({ state, text, fix }) => [state, text, fix]),
      [
        ['ok', 'the IOMMU is on', undefined],
        ['ok', 'the kernel module vfio-pci is there (kernel 6.1.0-test)', undefined],
        ['ok', 'this user may lock all of the memory for DMA', undefined],
        ['ok', '512 hugepages of 2 MiB, 500 of them free', undefined],
      ],
    );
  });

  it('is how to switch the IOMMU on, as commands where the boot loader is known', async () => {
    machine.file('/proc/cpuinfo', 'vendor_id\t: GenuineIntel');
    const plain = await kernel('iommu');
    assert.deepEqual([plain.state, plain.fix], ['note', undefined]);
    assert.match(plain.advice ?? '', /VT-d or AMD-Vi.*intel_iommu=on iommu=pt.*restart/);
    machine.file('/usr/sbin/update-grub', '');
    machine.file('/proc/cpuinfo', 'vendor_id\t: AuthenticAMD');
    const { fix } = await kernel('iommu');
    assert.match(
      fix?.command ?? '',
      /^echo 'GRUB_[^']* iommu=pt"' \| sudo tee \/etc\/default\/grub\.d\/doorbell\.cfg && sudo/,
    );
    assert.equal(fix?.undo, 'sudo rm /etc/default/grub.d/doorbell.cfg && sudo update-grub');
    machine.file('/etc/default/grub.d/doorbell.cfg', '');
    assert.equal((await kernel('iommu')).undo, fix?.undo, 'what was done can be undone later');
  });

  it('is how to load vfio-pci, unless the kernel has none', async () => {
    machine.drive();
    rmSync(machine.path('/sys/bus/pci/drivers/vfio-pci'), { recursive: true });
    const fix = { command: 'sudo modprobe vfio-pci', undo: 'sudo modprobe -r vfio-pci' };
    assert.deepEqual((await kernel('vfio')).fix, fix);
    machine.file('/lib/modules/6.1.0-test/modules.dep', 'kernel/drivers/net/e1000.ko:');
    const without = await kernel('vfio');
    assert.deepEqual([without.fix, /CONFIG_VFIO_PCI/.test(without.advice ?? '')], [undefined, true]);
    machine.file('/lib/modules/6.1.0-test/modules.dep', 'kernel/drivers/vfio/pci/vfio-pci.ko.xz: a b');
    assert.deepEqual((await kernel('vfio')).fix, fix);
  });

  it('is how to unload it, when nothing uses it', async () => {
    machine.file('/sys/module/vfio_pci/refcnt', '0');
    assert.equal((await kernel('vfio')).undo, 'sudo modprobe -r vfio-pci');
    machine.file('/sys/module/vfio_pci/refcnt', '1');
    assert.equal((await kernel('vfio')).undo, undefined);
  });

  it('is how much memory may be locked, and how to raise it', async () => {
    limits('8388608');
    const { state, text, fix, undo } = await kernel('memlock');
    assert.deepEqual([state, undo], ['note', undefined]);
    assert.match(text, /may lock 8 MiB/);
    assert.match(
      fix?.command ?? '',
      /^echo "\$USER - memlock unlimited" \| sudo tee \/etc\/security\/limits\.d\/doorbell\.conf$/,
    );
    assert.match(fix?.afterwards ?? '', /Log in again/);
    machine.file('/etc/security/limits.d/doorbell.conf', '');
    limits('1073741824');
    const after = await kernel('memlock');
    assert.deepEqual([after.state, after.undo], ['ok', 'sudo rm /etc/security/limits.d/doorbell.conf']);
    assert.match(after.text, /may lock 1024 MiB/);
  });

  it('is how to get hugepages, for those who want them', async () => {
    machine.file('/proc/meminfo', 'HugePages_Total:       0\nHugepagesize:       2048 kB');
    const { fix } = await kernel('hugepages');
    assert.deepEqual(fix, {
      command: 'echo 128 | sudo tee /proc/sys/vm/nr_hugepages',
      undo: 'echo 0 | sudo tee /proc/sys/vm/nr_hugepages',
    });
  });
});

describe('what the doctor says of a controller', () => {
  const drive = '0000:3d:00.0, Samsung SSD 980 PRO 1TB, serial S5GX0001, 1.0 TB';
  const only = async () => {
    const [finding, ...others] = await controllers();
    assert.ok(finding);
    assert.equal(others.length, 0);
    return finding;
  };

  it('is that there is none', async () => {
    assert.match((await only()).text, /no NVMe controller.*emulated SSD/);
  });

  it('is who uses it, and then offers nothing', async () => {
    machine.drive();
    machine.mount('259:1', '/', '/dev/nvme0n1p1');
    assert.deepEqual(await only(), {
      id: `controller ${bdf}`,
      state: 'note',
      text: `${drive}: in use: nvme0n1p1 is mounted at /`,
      advice: 'Doorbell leaves it alone.',
    });
  });

  it('is how to take a free one, what stands on it, and how to give it back', async () => {
    machine.drive();
    machine.file('/run/udev/data/b259:2', 'E:ID_FS_TYPE=ext4\nE:ID_FS_LABEL=old');
    const finding = await only();
    assert.equal(finding.text, `${drive}: with the kernel (nvme0), not in use; it holds ext4 "old" on nvme0n1p2`);
    const undo = `sudo doorbell unbind ${bdf}`;
    assert.deepEqual(finding.fix, { command: `sudo doorbell bind ${bdf}`, undo });
    machine.bind(bdf, 'vfio-pci');
    const bound = await only();
    assert.deepEqual([bound.state, bound.fix, bound.undo], ['ok', undefined, undo]);
    assert.match(bound.text, /bound to vfio-pci, ready for tests$/);
  });

  it('is who has it open through VFIO', async () => {
    machine.drive({ driver: 'vfio-pci' });
    machine.process(7, 'qemu-system-x86', '/dev/vfio/12');
    const { state, text, undo } = await only();
    assert.deepEqual([state, undo], ['note', undefined]);
    assert.match(text, /in use: it is open in qemu-system-x86 \(pid 7\)$/);
  });

  it('is what keeps VFIO from it: no IOMMU, or others in its group', async () => {
    machine.drive({ group: undefined });
    assert.match((await only()).text, /not in use; behind no IOMMU/);
    assert.equal((await only()).fix, undefined);
    machine.remove();
    machine = new FakeMachine();
    machine.drive({ driver: undefined });
    machine.pci('0000:3d:00.1', '0x020000', 'e1000e', '12');
    const { text, fix } = await only();
    assert.match(text, /bound to no driver; its IOMMU group 12 also has 0000:3d:00\.1 \(e1000e\)/);
    assert.equal(fix, undefined);
  });

  it('is that another driver has it, which is somebody else’s decision', async () => {
    machine.drive({ driver: 'uio_pci_generic' });
    const { text, fix } = await only();
    assert.match(text, /PCI 144d:a80a: bound to uio_pci_generic, not usable yet$/);
    assert.equal(fix, undefined);
  });
});

describe('a finding on a terminal', () => {
  it('has its advice, its command and the way back below it', () => {
    const finding = {
      id: 'x',
      state: 'note',
      text: 'fact',
      advice: 'Do this.',
      fix: { command: 'sudo a', undo: 'sudo b', afterwards: 'Log in again.' },
    } as const;
    const plain = new Style(false);
    assert.equal(
      render(finding, plain),
      '- fact\n    Do this.\n    $ sudo a\n    Log in again.\n    and to undo it: sudo b\n',
    );
    assert.equal(
      render({ id: 'x', state: 'ok', text: 'fact', undo: 'sudo b' }, plain),
      '✓ fact\n    to undo it: sudo b\n',
    );
  });
});
