import assert from 'node:assert/strict';
import { checkPlatform, isDrive, parseAddress, parseAddresses } from '../../../testkit/machine/address.ts';

describe('an address of a controller', () => {
  it('is read into its parts, in one form for one controller', () => {
    assert.deepEqual(parseAddress(' emulated '), { kind: 'emulated', text: 'emulated' });
    assert.equal(parseAddress('emulated:/tmp/a.img?size=1G').kind, 'emulated');
    assert.equal(parseAddress('emulated?name=a').kind, 'emulated');
    const drive = { kind: 'pcie', text: '0000:3d:00.0', bdf: '0000:3d:00.0', spdk: false };
    assert.deepEqual(parseAddress('0000:3d:00.0'), drive);
    assert.deepEqual(parseAddress('3D:00.0'), drive);
    assert.deepEqual(parseAddress('spdk:3d:00.0'), { ...drive, text: 'spdk:0000:3d:00.0', spdk: true });
    assert.deepEqual(parseAddress('vfio-user:/run/a b.sock'), {
      kind: 'vfio-user',
      text: 'vfio-user:/run/a b.sock',
      socket: '/run/a b.sock',
    });
    const target = { kind: 'tcp', host: 'lab', port: 4420, nqn: 'nqn.2014-08.org.nvmexpress:x' };
    const text = 'tcp://lab:4420/nqn.2014-08.org.nvmexpress:x';
    assert.deepEqual(parseAddress(text), { ...target, text });
    assert.deepEqual(parseAddress('tcp://lab/nqn.2014-08.org.nvmexpress:x'), { ...target, text });
    const six = parseAddress('tcp://[fe80::1]:4421/nqn.x');
    assert.ok(six.kind === 'tcp');
    assert.deepEqual([six.host, six.port, six.text], ['fe80::1', 4421, 'tcp://[fe80::1]:4421/nqn.x']);
  });

  const wrong: readonly (readonly [address: string, says: RegExp])[] = [
    ['', /no controller "".*Known forms: 'emulated'.*'vfio-user:<socket>'/],
    ['emulatde', /no controller "emulatde"/],
    ['nvme0', /no controller "nvme0"/],
    ['0000:3d:20.0', /"0000:3d:20\.0" is no PCI function.*at most 1f/],
    ['0000:3d:00.8', /no controller/],
    ['spdk:x', /"x" is no PCI function/],
    ['vfio-user:', /names no socket/],
    [`vfio-user:/${'a'.repeat(107)}`, /path of 108 bytes.*at most 107/],
    ['tcp:lab', /has no host or no subsystem/],
    ['tcp://lab:0/nqn.x', /the port 0/],
    ['tcp://lab:70000/nqn.x', /the port 70000/],
    ['tcp://lab:4420/x', /subsystem "x".*begins with "nqn\."/],
    [`tcp://lab/nqn.${'x'.repeat(220)}`, /more than 223 bytes/],
  ];
  for (const [address, says] of wrong) {
    it(`is refused with the fact and the way out: "${address.slice(0, 30)}"`, () => {
      assert.throws(() => parseAddress(address), { code: 'BAD_ADDRESS', message: says });
    });
  }

  it('is refused where the native driver has no platform for it, saying which it has', () => {
    const check = (address: string, ...built: string[]) => checkPlatform(parseAddress(address), built);
    check('emulated', 'emulated');
    check('0000:3d:00.0', 'emulated', 'vfio');
    check('0000:3d:00.0', 'spdk');
    check('vfio-user:/a', 'vfio-user');
    assert.throws(() => check('0000:3d:00.0', 'emulated'), {
      code: 'NOT_SUPPORTED',
      message: /VFIO.*has: emulated\.$/,
    });
    assert.throws(() => check('spdk:0000:3d:00.0', 'vfio'), {
      code: 'NOT_SUPPORTED',
      message: /SPDK.*doorbell doctor/,
    });
    assert.throws(() => check('tcp://a/nqn.x', 'emulated', 'vfio'), { code: 'NOT_SUPPORTED', message: /SPDK/ });
  });

  it('names another controller than the others of the run, however it is written', () => {
    assert.equal(parseAddresses(['emulated', '0000:3d:00.0']).length, 2);
    for (const [a, b] of [
      ['emulated', 'emulated'],
      ['3d:00.0', 'spdk:0000:3D:00.0'],
    ] as const) {
      assert.throws(() => parseAddresses([a, b]), { code: 'BAD_ADDRESS', message: /named twice/ });
    }
  });

  it('tells whose data may be lost', () => {
    const drives = ['emulated', '0000:3d:00.0', 'spdk:0000:3d:00.0', 'vfio-user:/a', 'tcp://a/nqn.x'].map((address) =>
      isDrive(parseAddress(address)),
    );
    assert.deepEqual(drives, [false, true, true, false, true]);
  });
});
