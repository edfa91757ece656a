import { expect, type RegisterName, test } from '@doorbell/testkit';

const spec = 'NVMe Base 2.0, Controller Properties';

test('the version and what it makes mandatory', { spec }, async ({ nvme0 }) => {
  const { registers } = nvme0;
  expect(registers.vs).toMatchObject({ major: 2, minor: 0 });
  const cap = registers.get('CAP');
  // CAP.CRMS, and CRTO with times for the modes it names.
  expect((cap >> 59n) & 3n).not.toBe(0n);
  expect(registers.get('CRTO')).not.toBe(0n);
  // CAP.CSS: the NVM Command Set or all supported I/O command sets; MQES of two entries at least.
  expect((cap >> 37n) & 0x41n).not.toBe(0n);
  expect(registers.cap.mqes).toBeGreaterThan(0);
  expect(registers.cap.timeoutMs).toBeGreaterThan(0);
});

test('properties that the host only reads keep their values', { spec }, async ({ nvme0 }) => {
  const names: RegisterName[] = ['CAP', 'VS', 'CRTO', 'CMBLOC', 'CMBSZ', 'CMBSTS', 'BPINFO', 'PMRCAP'];
  const before = names.map((name) => nvme0.registers.get(name));
  for (const name of names) nvme0.registers.set(name, name === 'CAP' ? 0xffff_ffff_ffff_ffffn : 0xffff_ffff);
  expect(names.map((name) => nvme0.registers.get(name))).toEqual(before);
});

test('64-bit properties are the same by halves', { spec }, async ({ nvme0 }) => {
  for (const offset of [0x00, 0x28, 0x30]) {
    const low = BigInt(nvme0.registers.read32(offset));
    const high = BigInt(nvme0.registers.read32(offset + 4));
    expect(nvme0.registers.read64(offset)).toBe(low | (high << 32n));
  }
});

test('the admin queue properties have no bits beyond their fields', { spec }, async ({ nvme0 }) => {
  await nvme0.disable();
  const { registers } = nvme0;
  registers.set('AQA', 0xffff_ffff);
  expect(registers.get('AQA')).toBe(0x0fff_0fffn);
  for (const name of ['ASQ', 'ACQ'] as const) {
    registers.set(name, 0xffff_ffff_ffff_ffffn);
    expect(registers.get(name)).toBe(0xffff_ffff_ffff_f000n);
  }
});

test('a controller reset leaves AQA, ASQ and ACQ, a Function Level Reset does not', {
  spec: 'NVMe Base 2.0, Controller Level Reset',
}, async ({ nvme0, pcie }) => {
  const names: RegisterName[] = ['AQA', 'ASQ', 'ACQ'];
  const before = names.map((name) => nvme0.registers.get(name));
  await nvme0.disable();
  expect(names.map((name) => nvme0.registers.get(name))).toEqual(before);
  expect(nvme0.registers.get('CC') & 1n).toBe(0n);
  await pcie.flr();
  expect(names.map((name) => nvme0.registers.get(name))).toEqual([0n, 0n, 0n]);
  expect(nvme0.registers.get('CC')).toBe(0n);
});

test('settings that CAP does not allow are fatal, and a reset ends that', {
  spec: 'NVMe Base 2.0, Controller Configuration',
}, async ({ nvme0 }) => {
  const { registers } = nvme0;
  const page = Math.log2(registers.cap.maxPageBytes) - 11;
  for (const cc of [page << 7, 1 << 4]) {
    await nvme0.initialize(async (_controller, steps) => {
      await steps.disable();
      const { aqa, asq, acq } = await steps.prepareAdmin();
      registers.set('AQA', aqa);
      registers.set('ASQ', asq);
      registers.set('ACQ', acq);
      registers.set('CC', 0x0046_0001 | cc);
      await steps.waitCsts(0x2, 0x2);
      await steps.disable();
      expect(registers.csts.cfs).toBe(false);
      const again = await steps.prepareAdmin();
      registers.set('AQA', again.aqa);
      registers.set('ASQ', again.asq);
      registers.set('ACQ', again.acq);
      registers.set('CC', 0x0046_0001);
      await steps.waitCsts(0x1, 0x1);
      await steps.adopt();
    });
  }
});

test('CC.SHN leads to CSTS.SHST, and enabling anew starts over', { spec: 'NVMe Base 2.0, Shutdown' }, async ({
  nvme0,
}) => {
  for (const kind of ['normal', 'abrupt'] as const) {
    await nvme0.shutdown(kind);
    expect(nvme0.registers.csts.shst).toBe(2);
    await nvme0.reset();
    expect(nvme0.registers.csts.shst).toBe(0);
  }
});

test('NSSR resets the subsystem by its one value, and CSTS.NSSRO remembers', {
  spec: 'NVMe Base 2.0, NVM Subsystem Reset',
}, async ({ nvme0, skip }) => {
  if (!nvme0.registers.cap.nssrs) skip('no NVM Subsystem Reset (CAP.NSSRS)');
  nvme0.registers.set('NSSR', 0x1234_5678);
  expect(nvme0.registers.csts.rdy).toBe(true);
  await nvme0.resetBy('subsystem');
  expect(nvme0.registers.csts).toMatchObject({ rdy: false, nssro: true });
  nvme0.registers.set('CSTS', 0x10);
  expect(nvme0.registers.csts.nssro).toBe(false);
  await nvme0.reset();
});

test('doorbells and reserved properties read as 0', { spec }, async ({ nvme0 }) => {
  for (const offset of [0x18, 0x6c, 0xf00, 0x1000, 0x1004]) expect(nvme0.registers.read32(offset)).toBe(0);
});
