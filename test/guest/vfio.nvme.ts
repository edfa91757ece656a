import { DmaBuffer, expect, test } from '@doorbell/testkit';

// What VFIO does and cannot do, on a PCI function of its own: run in the guest of test/guest.

test('identifies, writes and reads', async ({ nvme0, nvme0n1, qpair }) => {
  expect((await nvme0.identify()).serial).toBe('guest');
  const out = new DmaBuffer(64 * 1024, { pattern: 0x5aa55aa5 });
  const back = new DmaBuffer(64 * 1024);
  const blockCount = out.size / nvme0n1.lbaBytes;
  await nvme0n1.write(qpair, out, { slba: 100, blockCount });
  await nvme0n1.read(qpair, back, { slba: 100, blockCount });
  expect(back.equals(out)).toBe(true);
});

test('interrupts arrive, and a masked vector keeps its own', async ({ nvme0, nvme0n1, buf, skip }) => {
  const qpair = await nvme0.createQpair();
  const { msix } = qpair;
  if (msix === undefined) return skip('no interrupt vectors');
  const arrived = async () => {
    for (let i = 0; i < 500 && !msix.isSet; i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    return msix.isSet;
  };
  msix.clear();
  await nvme0n1.read(qpair, buf, { slba: 0 });
  expect(await arrived()).toBe(true);
  msix.mask();
  msix.clear();
  await nvme0n1.read(qpair, buf, { slba: 0 });
  expect(msix.isSet).toBe(false);
  msix.unmask();
  expect(await arrived()).toBe(true);
});

test('a function level reset disables the controller, and it comes back', async ({ nvme0, pcie, nvme0n1, buf }) => {
  await pcie.flr();
  expect(nvme0.registers.csts.rdy).toBe(false);
  await nvme0.reset();
  await nvme0n1.read(await nvme0.createQpair(), buf, { slba: 0 });
});

test('a hot reset disables the controller, and it comes back', async ({ nvme0, pcie, nvme0n1, buf }) => {
  await pcie.hotReset();
  await nvme0.reset();
  await nvme0n1.read(await nvme0.createQpair(), buf, { slba: 0 });
});

test('BAR0 reads all ones in D3hot and while memory is not decoded, and ends nobody', ({ pcie }) => {
  const version = pcie.bar.read32(8);
  pcie.powerState = 'D3hot';
  expect(pcie.bar.read32(8)).toBe(0xffffffff);
  pcie.bar.write32(0x1000, 0);
  pcie.powerState = 'D0';
  const command = pcie.config.read16(4);
  pcie.config.write16(4, command & ~2);
  expect(pcie.bar.read32(8)).toBe(0xffffffff);
  pcie.config.write16(4, command);
  expect(pcie.bar.read32(8)).toBe(version);
});

test('what VFIO cannot do is skipped with its reason', ({ pcie }) => {
  pcie.aspm = pcie.aspm === 'L1' ? 'L0s' : 'L1';
});
