import { CompletionQueue, expect, type Pcie, Sqe, SubmissionQueue, test } from '@doorbell/testkit';

const command = 0x04;
const status = 0x06;
const bar0 = 0x10;
const capabilityList = 1 << 4;
const interruptStatus = 1 << 3;
const memorySpace = 1 << 1;
const busMaster = 1 << 2;
const interruptDisable = 1 << 10;
const intms = 0x0c;
const intmc = 0x10;

/** Offset of a capability that must be there. */
function place(pcie: Pcie, id: number): number {
  const found = pcie.capability(id);
  if (found === undefined) throw new Error(`no capability ${id}`);
  return found.offset;
}

test('the header is of an NVM Express controller with a 64-bit memory BAR', {
  spec: 'PCIe Transport 1.0, PCI Header',
}, async ({ pcie }) => {
  expect(pcie.classCode).toBe(0x010802);
  expect(pcie.config.read16(status) & capabilityList).not.toBe(0);
  expect(pcie.config.read32(bar0) & 0x7).toBe(4);
});

test('BAR0 tells its size to a probe', { spec: 'PCIe Transport 1.0, PCI Header' }, async ({ pcie }) => {
  const { config } = pcie;
  const before = [config.read32(bar0), config.read32(bar0 + 4)] as const;
  config.write32(bar0, 0xffff_ffff);
  config.write32(bar0 + 4, 0xffff_ffff);
  const mask = (BigInt(config.read32(bar0 + 4)) << 32n) | BigInt(config.read32(bar0) & 0xffff_fff0);
  config.write32(bar0, before[0]);
  config.write32(bar0 + 4, before[1]);
  const size = BigInt.asUintN(64, ~mask) + 1n;
  expect(size >= 0x2000n && (size & (size - 1n)) === 0n).toBe(true);
  expect([config.read32(bar0), config.read32(bar0 + 4)]).toEqual([...before]);
});

test('has the capabilities that a controller on PCI Express needs', {
  spec: 'PCIe Transport 1.0, PCI Capabilities',
}, async ({ pcie }) => {
  const ids = pcie.capabilities.map(({ id }) => id);
  for (const id of [0x01, 0x10]) expect(ids).toContain(id);
  expect(ids.includes(0x05) || ids.includes(0x11)).toBe(true);
  expect(pcie.extendedCapability(0x01)?.name).toBe('Advanced Error Reporting');
  // A Function Level Reset can be initiated.
  expect(pcie.config.read32(place(pcie, 0x10) + 4) & (1 << 28)).not.toBe(0);
});

test('identity is read-only', { spec: 'PCIe Transport 1.0, PCI Header' }, async ({ pcie }) => {
  const places = [0x00, 0x08, 0x2c];
  const before = places.map((at) => pcie.config.read32(at));
  for (const at of places) pcie.config.write32(at, 0x5a5a_5a5a);
  expect(places.map((at) => pcie.config.read32(at))).toEqual(before);
});

test('without Memory Space Enable nothing answers', { spec: 'PCIe Transport 1.0, PCI Header' }, async ({
  nvme0,
  pcie,
}) => {
  const before = pcie.config.read16(command);
  pcie.config.write16(command, before & ~memorySpace);
  expect(nvme0.registers.read32(0x08)).toBe(0xffff_ffff);
  pcie.config.write16(command, before);
  expect(nvme0.registers.vs.major).toBe(2);
});

test('without Bus Master Enable no command is fetched', { spec: 'PCIe Transport 1.0, PCI Header' }, async ({
  nvme0,
  nvme0n1,
  pcie,
}) => {
  const qpair = await nvme0.createQpair();
  const before = pcie.config.read16(command);
  pcie.config.write16(command, before & ~busMaster);
  const flushed = nvme0n1.flush(qpair);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(qpair.outstanding).toBe(1);
  pcie.config.write16(command, before);
  expect((await flushed).ok).toBe(true);
});

test('in D3hot registers do not answer, back in D0 the controller goes on', {
  spec: 'PCIe Transport 1.0, PCI Power Management',
}, async ({ nvme0, nvme0n1, pcie }) => {
  const qpair = await nvme0.createQpair();
  pcie.powerState = 'D3hot';
  expect(nvme0.registers.read32(0x08)).toBe(0xffff_ffff);
  pcie.powerState = 'D0';
  expect(nvme0.registers.csts.rdy).toBe(true);
  await nvme0n1.flush(qpair);
});

test('Function Level Reset and hot reset leave a controller that can be enabled', {
  spec: 'NVMe Base 2.0, Controller Level Reset',
}, async ({ nvme0, pcie }) => {
  for (const reset of [() => pcie.flr(), () => pcie.hotReset()]) {
    await reset();
    expect(nvme0.registers.csts.rdy).toBe(false);
    await nvme0.reset();
    expect(nvme0.registers.csts.rdy).toBe(true);
  }
});

test('Interrupt Status shows the interrupt pin while completions wait', {
  spec: 'PCIe Transport 1.0, Pin Based Interrupts',
}, async ({ nvme0, pcie }) => {
  const { config } = pcie;
  const pin = () => (config.read16(status) & interruptStatus) !== 0;
  const until = async (value: boolean) => {
    for (let tries = 0; pin() !== value && tries < 5000; tries += 1) await new Promise((done) => setTimeout(done, 1));
    return pin();
  };
  // A reset of the function disables MSI-X: from then on there is the pin.
  await pcie.flr();
  await nvme0.initialize({ interrupts: 'none' });
  expect(pin()).toBe(false);
  // A completion queue of the test's own: its entry stays until the test moves the head.
  const cq = new CompletionQueue(nvme0, { qid: 2, depth: 4, vector: 0 });
  const sq = new SubmissionQueue(nvme0, { qid: 2, depth: 4 });
  await cq.create();
  await sq.create();
  sq[0] = new Sqe({ opcode: 0x00, cid: 1, nsid: 1 });
  sq.tail = 1;
  await cq.wait();
  expect(await until(true)).toBe(true);
  nvme0.registers.write32(intms, 1);
  expect(pin()).toBe(false);
  nvme0.registers.write32(intmc, 1);
  expect(pin()).toBe(true);
  const before = config.read16(command);
  config.write16(command, before | interruptDisable);
  expect(pin()).toBe(true);
  config.write16(command, before);
  cq.head = 1;
  expect(await until(false)).toBe(false);
});
