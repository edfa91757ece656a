import assert from 'node:assert/strict';
import { contentOf } from '../../../testkit/machine/blockFacts.ts';
import { holdersOf } from '../../../testkit/machine/holders.ts';
import { capacityOf, nvmeController, nvmeControllers, sizeText } from '../../../testkit/machine/nvmeControllers.ts';
import { checkFree, checkGroup, checkReleased, claimAll } from '../../../testkit/machine/protection.ts';
import { bdf, FakeMachine } from '../../fakes/machine.ts';

let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

const controller = () => nvmeController(machine, bdf);
const holders = async () => (await holdersOf(machine, await controller())).map(({ device, by }) => `${device}: ${by}`);
const refusal = (message: RegExp, code = 'DRIVE_HELD') => ({ name: 'ProtectionError', code, message });

describe('the NVMe controllers of a machine', () => {
  it('are found by their class, with what the kernel knows of them', async () => {
    machine.drive();
    machine.pci('0000:00:1f.2', '0x010601', 'ahci', '3');
    machine.drive({ address: '0000:3e:00.0', driver: undefined, group: undefined });
    const [first, second, ...others] = await nvmeControllers(machine);
    assert.equal(others.length, 0);
    assert.ok(first);
    const { address, driver, iommuGroup, name, model, serial, firmware, ids } = first;
    assert.deepEqual(
      { address, driver, iommuGroup, name, model, serial, firmware, ids },
      {
        address: bdf,
        driver: 'nvme',
        iommuGroup: '12',
        name: 'nvme0',
        model: 'Samsung SSD 980 PRO 1TB',
        serial: 'S5GX0001',
        firmware: '5B2QGXA7',
        ids: '144d:a80a',
      },
    );
    const partitions = ['nvme0n1p1', 'nvme0n1p2'];
    assert.deepEqual(first.namespaces, [{ name: 'nvme0n1', bytes: 1_000_204_886_016n, partitions }]);
    assert.equal(sizeText(capacityOf(first)), '1.0 TB');
    assert.deepEqual([second?.driver, second?.iommuGroup, second?.name], [undefined, undefined, undefined]);
  });

  it('show the device that is mounted, where multipath hides the path', async () => {
    machine.drive();
    machine.file(`/sys/bus/pci/devices/${bdf}/nvme/nvme0/nvme0c0n1/uevent`, '');
    assert.deepEqual(
      (await controller()).namespaces.map(({ name }) => name),
      ['nvme0n1'],
    );
  });

  it('are named by the error for an address where there is none', async () => {
    machine.drive();
    machine.pci('0000:02:00.0', '0x020000');
    const none = { code: 'NO_CONTROLLER', message: /no PCI function 0000:01:00\.0\. NVMe .*: 0000:3d:00\.0\.$/ };
    await assert.rejects(nvmeController(machine, '0000:01:00.0'), none);
    await assert.rejects(nvmeController(machine, '0000:02:00.0'), /another device at 0000:02:00\.0 \(class 0x020000\)/);
  });
});

describe('a drive whose data somebody needs', () => {
  beforeEach(() => machine.drive());

  const cases: readonly (readonly [name: string, setUp: () => void, says: string])[] = [
    ['mounted', () => machine.mount('259:2', '/home', '/dev/nvme0n1p2'), 'nvme0n1p2: mounted at /home'],
    [
      'mounted as a whole, at a place with a blank, known by its number only',
      () => machine.mount('259:0', '/mnt/my\\040data', '/dev/root'),
      'nvme0n1: mounted at /mnt/my data',
    ],
    [
      'mounted outside this container',
      () => machine.file('/proc/1/mountinfo', '1 0 259:1 / / rw - ext4 /dev/nvme0n1p1 rw'),
      'nvme0n1p1: mounted at /',
    ],
    ['swap', () => machine.append('/proc/swaps', '/dev/nvme0n1p1 partition 8388604 0 -2'), 'nvme0n1p1: in use as swap'],
    [
      'LVM, with a volume that is mounted',
      () => {
        machine.upper('dm-0', 'nvme0n1p2', { 'dm/name': 'vg0-root', 'dm/uuid': 'LVM-abc' });
        machine.mount('254:0', '/', '/dev/mapper/vg0-root');
      },
      'nvme0n1p2: part of the LVM volume vg0-root, mounted at /',
    ],
    [
      'LVM over an array, used as swap',
      () => {
        machine.upper('md127', 'nvme0n1', { 'md/level': 'raid1' }, '9:127');
        machine.upper('dm-1', 'md127', { 'dm/name': 'vg1-swap', 'dm/uuid': 'LVM-x' }, '254:1');
        machine.append('/proc/swaps', '/dev/dm-1 partition 1 0 -2');
      },
      'nvme0n1: part of the RAID array md127, part of the LVM volume vg1-swap, in use as swap',
    ],
    [
      'device-mapper',
      () => machine.upper('dm-3', 'nvme0n1p1', { 'dm/name': 'thin', 'dm/uuid': 'x' }),
      'nvme0n1p1: part of the device-mapper volume thin',
    ],
    [
      'an encrypted volume',
      () => machine.upper('dm-2', 'nvme0n1p1', { 'dm/name': 'luks', 'dm/uuid': 'CRYPT-LUKS2-y' }),
      'nvme0n1p1: part of the encrypted volume luks',
    ],
    ['any other holder', () => machine.upper('bcache0', 'nvme0n1p1', {}), 'nvme0n1p1: part of the device bcache0'],
    [
      'btrfs over several devices',
      () => {
        machine.file('/sys/fs/btrfs/1234-uuid/label', 'data');
        machine.file('/sys/fs/btrfs/1234-uuid/devices/nvme0n1p2', '');
      },
      'nvme0n1p2: part of the mounted btrfs "data"',
    ],
    [
      'an imported ZFS pool',
      () => {
        machine.file('/run/udev/data/b259:1', 'E:ID_FS_TYPE=zfs_member\nE:ID_FS_LABEL=tank');
        machine.file('/proc/spl/kstat/zfs/tank/io', '');
      },
      'nvme0n1p1: part of the ZFS pool "tank"',
    ],
    [
      'a process with the namespace open',
      () => machine.process(4242, 'qemu-system-x86', '/dev/nvme0n1'),
      'nvme0n1: open in qemu-system-x86 (pid 4242)',
    ],
    [
      'a process with the controller open',
      () => machine.process(4243, 'nvme', '/dev/nvme0'),
      'nvme0: open in nvme (pid 4243)',
    ],
  ];
  for (const [name, setUp, says] of cases) {
    it(`is refused, naming the holder: ${name}`, async () => {
      assert.deepEqual(await holders(), []);
      setUp();
      assert.deepEqual(await holders(), [says]);
      const [device = '', by = ''] = says.split(/: (.*)/s);
      const expected = new RegExp(`^${bdf} \\(Samsung SSD 980 PRO 1TB, serial S5GX0001\\) is in use: `);
      const check = checkFree(machine, await controller());
      await assert.rejects(check, (error: Error) => {
        assert.match(error.message, expected);
        assert.ok(error.message.includes(`${device} is ${by}`), error.message);
        return true;
      });
      await assert.rejects(checkReleased(machine, await controller()), refusal(/is in use/));
    });
  }

  it('is not one whose pool or volume nobody has imported: that is for a person to know', async () => {
    machine.file('/run/udev/data/b259:1', 'E:ID_FS_TYPE=zfs_member\nE:ID_FS_LABEL=old');
    machine.file('/proc/spl/kstat/zfs/tank/io', '');
    assert.deepEqual(await holders(), []);
    assert.equal(await contentOf(machine, 'nvme0n1p1'), 'a member of a ZFS pool "old"');
    assert.equal(await contentOf(machine, 'nvme0n1p2'), undefined);
  });

  it('does not look free because something about it cannot be read', async () => {
    machine.text = async (file) => {
      if (file === '/proc/swaps') throw Object.assign(new Error('EACCES: /proc/swaps'), { code: 'EACCES' });
      return FakeMachine.prototype.text.call(machine, file);
    };
    await assert.rejects(checkFree(machine, await nvmeController(machine, bdf)), /EACCES/);
  });
});

describe('the exclusive claim before a drive is taken from the kernel', () => {
  beforeEach(() => machine.drive());

  it('holds every namespace until it is closed', async () => {
    const claims = await claimAll(machine, await controller());
    assert.deepEqual([...machine.held], ['nvme0n1']);
    await claims.close();
    assert.deepEqual([...machine.held], []);
  });

  const refused: readonly (readonly [code: string, device: string, error: object])[] = [
    ['EBUSY', 'nvme0n1p2', refusal(/the kernel has nvme0n1p2 in exclusive use/)],
    ['EBUSY', 'nvme0n1', refusal(/the kernel has nvme0n1 in exclusive use/)],
    ['EACCES', 'nvme0n1p1', refusal(/Only root may ask whether nvme0n1p1/, 'NOT_ROOT')],
    ['ENOENT', 'nvme0n1', refusal(/could not be found out \(ENOENT from \/dev\/nvme0n1\)/)],
  ];
  for (const [code, device, error] of refused) {
    it(`refuses the drive for ${code} of ${device}, and lets go of the rest`, async () => {
      machine.claims.set(device, code);
      await assert.rejects(claimAll(machine, await controller()), error);
      assert.deepEqual([...machine.held], []);
    });
  }
});

describe('the IOMMU group of a drive', () => {
  const check = async (...also: string[]) => checkGroup(await controller(), also);

  it('may hold bridges, stubs, and what no driver has', async () => {
    machine.drive();
    machine.pci('0000:00:01.0', '0x060400', 'pcieport', '12');
    machine.pci('0000:00:01.1', '0x060400', 'shpchp', '12');
    machine.pci('0000:3d:00.1', '0x010802', undefined, '12');
    machine.pci('0000:3d:00.2', '0x0c0330', 'vfio-pci', '12');
    await check();
  });

  it('is listed when others in it are in use, and they are left alone', async () => {
    machine.drive();
    machine.pci('0000:3d:00.1', '0x020000', 'e1000e', '12');
    machine.drive({ address: '0000:3e:00.0' });
    await assert.rejects(
      check(),
      refusal(
        /shares IOMMU group 12 with 0000:3d:00\.1 \(driver e1000e\), 0000:3e:00\.0 \(driver nvme\)/,
        'GROUP_HELD',
      ),
    );
    await assert.rejects(check('0000:3e:00.0'), refusal(/with 0000:3d:00\.1 \(driver e1000e\), and/, 'GROUP_HELD'));
  });

  it('is needed', async () => {
    machine.drive({ group: undefined });
    await assert.rejects(check(), refusal(/behind no IOMMU.*doorbell doctor/, 'NO_IOMMU'));
  });
});

describe('a drive that a driver host wants to open', () => {
  it('must be out of the hands of the kernel', async () => {
    machine.drive();
    await assert.rejects(
      checkReleased(machine, await controller()),
      refusal(/in the hands of the kernel's nvme driver\. .*doorbell bind 0000:3d:00\.0/, 'NOT_BOUND'),
    );
    machine.drive({ address: '0000:3e:00.0', driver: undefined });
    const unbound = await nvmeController(machine, '0000:3e:00.0');
    await assert.rejects(checkReleased(machine, unbound), refusal(/is bound to no driver/, 'NOT_BOUND'));
    machine.drive({ address: '0000:3f:00.0', driver: 'vfio-pci' });
    await checkReleased(machine, await nvmeController(machine, '0000:3f:00.0'));
  });
});
