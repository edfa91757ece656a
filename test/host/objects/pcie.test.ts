import assert from 'node:assert/strict';
import type { Controller } from '../../../testkit/objects/controller.ts';
import { extendedCapabilities, standardCapabilities } from '../../../testkit/objects/pcie/capabilities.ts';
import type { ConfigSpace } from '../../../testkit/objects/pcie/configSpace.ts';
import type { Pcie } from '../../../testkit/objects/pcie/pcie.ts';
import { openSsd, rejection } from './support.ts';

describe('the PCI function', () => {
  let nvme0: Controller;
  let pcie: Pcie;
  before(async () => {
    nvme0 = await openSsd(62);
    pcie = nvme0.pcie;
  });
  after(() => nvme0.close());

  it('is an NVM Express controller with its capabilities', () => {
    assert.equal(pcie.classCode, 0x010802);
    const ids = pcie.capabilities.map(({ id }) => id);
    for (const id of [1, 5, 16, 17]) assert.ok(ids.includes(id), `capability ${id} in ${ids.join(', ')}`);
    assert.equal(pcie.extendedCapability(1)?.name, 'Advanced Error Reporting');
    assert.equal(pcie.capability(0x2a), undefined);
    const { speed, width, training } = pcie.linkStatus;
    assert.ok(speed >= 1 && width >= 1 && !training, `${speed} x${width}`);
  });

  it('has its configuration space and BAR by accesses of every width', () => {
    const { config, bar } = pcie;
    assert.equal(config.read32(0), pcie.vendorId + pcie.deviceId * 0x1_0000);
    assert.equal(config.read8(1), pcie.vendorId >>> 8);
    const [line] = [config.read8(0x3c)];
    config.write8(0x3c, 0x5a);
    assert.equal(config.read8(0x3c), 0x5a);
    config.write8(0x3c, line ?? 0);
    assert.equal(bar.read64(0), nvme0.registers.cap.raw);
    assert.equal(bar.read32(0x08), nvme0.registers.vs.raw);
    assert.equal(bar.read16(0x0a), nvme0.registers.vs.major);
    assert.equal(bar.read8(0x0b), 0);
    for (const call of [() => config.read16(1), () => config.read32(4096), () => bar.read64(4), () => bar.read16(1)]) {
      assert.throws(call, RangeError);
    }
  });

  it('is put back before the next test: power state, ASPM, command register', async () => {
    const command = pcie.config.read16(4);
    pcie.aspm = 'L1';
    assert.equal(pcie.aspm, 'L1');
    pcie.powerState = 'D3hot';
    assert.equal(pcie.powerState, 'D3hot');
    pcie.config.write16(4, 0);
    await nvme0.restore();
    assert.deepEqual([pcie.powerState, pcie.aspm, pcie.config.read16(4)], ['D0', 'disabled', command]);
    assert.equal((await nvme0.identify()).vwc.present, true);
    assert.throws(() => {
      pcie.powerState = 'D4' as 'D0';
    }, /powerState must be 'D0', 'D1', 'D2', 'D3hot', not 'D4'/);
  });

  it('resets by the link and by the function', async () => {
    for (const reset of [() => pcie.hotReset(), () => pcie.flr()]) {
      await reset();
      assert.equal(nvme0.registers.csts.rdy, false);
      await nvme0.reset();
      assert.equal(nvme0.registers.csts.rdy, true);
    }
  });

  it('says what the platform cannot do', async () => {
    for (const verb of [() => pcie.bind(), () => pcie.unbind(), () => pcie.rescan()]) {
      const error = await rejection(verb());
      assert.deepEqual([error.name, (error as { code?: string }).code], ['NotSupportedError', 'NOT_SUPPORTED']);
      assert.match(error.message, /the platform "emulated"/);
    }
  });

  it('with capability lists that go in circles or end in nothing is walked to an end', () => {
    const space = (dwords: Readonly<Record<number, number>>): ConfigSpace => {
      const read = (offset: number, bytes: number) =>
        ((dwords[offset & ~3] ?? 0) >>> ((offset & 3) * 8)) & (bytes === 4 ? -1 : 2 ** (bytes * 8) - 1);
      return {
        read8: (at: number) => read(at, 1),
        read16: (at: number) => read(at, 2),
        read32: (at: number) => read(at, 4) >>> 0,
      } as unknown as ConfigSpace;
    };
    const circle = space({ 4: 0x0010_0000, 52: 0x40, 64: 0x5001, 80: 0x4005, 256: 0x1001_0001 });
    assert.deepEqual(
      standardCapabilities(circle).map(({ id }) => id),
      [1, 5],
    );
    assert.deepEqual(
      extendedCapabilities(circle).map(({ id, offset }) => [id, offset]),
      [[1, 0x100]],
    );
    assert.deepEqual(standardCapabilities(space({ 52: 0x40, 64: 1 })), [], 'no list by the status register');
    assert.deepEqual(extendedCapabilities(space({ 256: 0xffff_ffff })), []);
  });
});
