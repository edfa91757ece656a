import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { lockController } from '../../../testkit/machine/controllerLock.ts';
import { machineRootVariable } from '../../../testkit/machine/machine.ts';
import { nativeAddon } from '../../../testkit/native.ts';
import type { NativeAddon } from '../../../testkit/nativeSurface.ts';
import { Controller } from '../../../testkit/objects/controller.ts';
import { admit, allowDrives, identityOf } from '../../../testkit/objects/driveGate.ts';

/** An NVMe/TCP target that is the emulated SSD in truth: what a drive of somebody's looks like to the gate. */
const target = 'tcp://lab:4420/nqn.2014-08.org.nvmexpress:gate';
const file = path.resolve('native/build/Release/doorbell.node');
const emulated = 'emulated?name=gate&size=64M';

describe('the gate before a drive', () => {
  let real: NativeAddon;
  const cached = createRequire(__filename).cache;
  before(() => {
    real = createRequire(__filename)(file) as NativeAddon;
    const replaced = { platforms: ['emulated', 'tcp'], openController: () => real.openController(emulated) };
    // Its own properties are not for us to change, and its functions want it as `this`.
    const addon = new Proxy({} as NativeAddon, {
      get: (_, name) => {
        const value: unknown = Reflect.get(name in replaced ? replaced : real, name);
        return typeof value === 'function' && /^[a-z]/.test(String(name)) ? value.bind(real) : value;
      },
    });
    const entry = cached[file];
    assert.ok(entry);
    entry.exports = addon;
    assert.equal(nativeAddon(), addon, 'the addon was loaded before');
  });
  after(() => {
    const entry = cached[file];
    if (entry) entry.exports = real;
    allowDrives([]);
  });
  beforeEach(() => allowDrives([]));

  const serialOf = async (): Promise<string> => {
    await using controller = await Controller.open(emulated);
    return controller.identifyData.serial;
  };

  it('stays shut until somebody allowed the drive by its serial number, and names it', async () => {
    const serial = await serialOf();
    const refused = (error: Error) => {
      assert.equal((error as NodeJS.ErrnoException).code, 'DRIVE_NOT_ALLOWED');
      const { bytes } = (error as Error & { drive: { bytes: bigint } }).drive;
      assert.equal(bytes, 64n * 2n ** 20n);
      assert.match(
        error.message,
        new RegExp(`, serial ${serial}, 67\\.1 MB\\. Tests write to it\\..*--allow-drive ${serial}`),
      );
      return true;
    };
    await assert.rejects(Controller.open(target), refused);
    await assert.rejects(Controller.open(target, { initialize: false }), refused);
    await assert.rejects(
      Controller.open(target, { initialize: async () => assert.fail('the test must not reach the drive') }),
      refused,
    );
    allowDrives(['another', `${serial}x`]);
    await assert.rejects(Controller.open(target), refused);
    allowDrives(['another', serial]);
    await using controller = await Controller.open(target, { ioQueues: 3 });
    assert.equal(controller.ioQueues, 3, 'it was initialised as asked');
    assert.equal(identityOf(controller).serial, serial);
  });

  it('lets go of a drive it refused', async () => {
    await assert.rejects(Controller.open(target));
    // The emulated SSD knows one owner at a time: this would be refused as in use.
    await using controller = await Controller.open(emulated);
    assert.ok(controller);
  });

  it('lets no address pass that the build cannot open', async () => {
    await assert.rejects(Controller.open('0000:3d:00.0'), { code: 'NOT_SUPPORTED' });
    await assert.rejects(Controller.open('nvme0'), { code: 'BAD_ADDRESS' });
  });

  describe('on PCI Express', () => {
    const withVfio = (open: () => never) => ({ platforms: ['vfio'], openController: open }) as never as NativeAddon;
    const never = () => assert.fail('the driver must not be reached');

    it('passes no function that is not there, and none of a machine that is a tree of files', async () => {
      await assert.rejects(admit('ffff:ff:1f.7', withVfio(never)), { code: 'NO_CONTROLLER' });
      process.env[machineRootVariable] = '/nowhere';
      try {
        await assert.rejects(admit('ffff:ff:1f.7', withVfio(never)), /is of the machine in \/nowhere/);
      } finally {
        delete process.env[machineRootVariable];
      }
    });

    it('has left no lock behind', async () => {
      await (await lockController('ffff:ff:1f.7')).release();
    });
  });
});
