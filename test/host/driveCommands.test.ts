import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Finding } from '../../testkit/machine/doctor/finding.ts';
import { nvmeController } from '../../testkit/machine/nvmeControllers.ts';
import { bdf, FakeMachine } from '../fakes/machine.ts';

const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
const command = path.resolve('testkit/cli/doorbell.mjs');

describe('the doorbell command on a machine with drives', () => {
  let machine: FakeMachine;
  beforeEach(() => {
    machine = new FakeMachine();
    machine.drive();
  });
  afterEach(() => machine.remove());

  const doorbell = async (...args: string[]) => {
    const env = { ...process.env, DOORBELL_MACHINE_ROOT: machine.root, NO_COLOR: '1' };
    return promisify(execFile)(process.execPath, [command, ...args], { env }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code: code as number, stdout: String(stdout), stderr: String(stderr) }),
    );
  };

  it('takes a drive from the kernel and gives it back', async () => {
    const kernel = machine.serve();
    try {
      const bound = await doorbell('bind', '3d:00.0');
      assert.equal(bound.code, 0, bound.stderr);
      assert.match(
        bound.stdout,
        /serial S5GX0001\) is bound to vfio-pci now, taken from nvme\.\n.*belongs to user \d+/,
      );
      assert.equal((await nvmeController(machine, bdf)).driver, 'vfio-pci');
      const back = await doorbell('unbind', bdf);
      assert.equal(back.code, 0, back.stderr);
      assert.equal((await nvmeController(machine, bdf)).driver, 'nvme');
    } finally {
      kernel.stop();
    }
  });

  it('refuses one that is in use, naming the holder, and touches nothing', async () => {
    machine.mount('259:1', '/', '/dev/nvme0n1p1');
    const { code, stderr } = await doorbell('bind', bdf);
    assert.equal(code, 3);
    assert.match(
      stderr,
      /^doorbell: 0000:3d:00\.0 \(Samsung .*\) is in use: nvme0n1p1 is mounted at \/\. Doorbell leaves it alone/,
    );
    assert.equal((await nvmeController(machine, bdf)).driver, 'nvme');
    assert.equal(await machine.text(`/sys/bus/pci/devices/${bdf}/driver_override`), '(null)');
  });

  it('says what is wrong with its arguments', async () => {
    const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
      [['bind'], /bind takes addresses of controllers, like 0000:3d:00\.0/],
      [['bind', 'emulated'], /bind is for controllers on PCI Express.*not for "emulated"/],
      [['unbind', 'nvme0'], /There is no controller "nvme0"/],
    ];
    for (const [args, says] of wrong) {
      const { code, stderr } = await doorbell(...args);
      assert.equal(code, 2);
      assert.match(stderr, says);
    }
    const none = await doorbell('bind', '0000:01:00.0');
    assert.match(
      none.stderr,
      /There is no PCI function 0000:01:00\.0\. NVMe controllers of this machine: 0000:3d:00\.0/,
    );
  });

  it('tells of it as data, with commands that can be run from anywhere', async () => {
    const { stdout, code } = await doorbell('doctor', '--json');
    assert.equal(code, 0);
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    const drive = findings.find(({ id }) => id === `controller ${bdf}`);
    assert.equal(drive?.fix?.command, `${sudo}${process.execPath} ${command} bind ${bdf}`);
    const ids = findings.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, 'each finding has a name of its own');
    for (const id of ['node', 'addon', 'emulated', 'spdk', 'iommu', 'vfio', 'memlock', 'hugepages']) {
      assert.ok(ids.includes(id), id);
    }
  });
});
