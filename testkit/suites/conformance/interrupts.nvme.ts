import { type Controller, expect, type InterruptVector, test } from '@doorbell/testkit';

const spec = 'PCIe Transport 1.0, Interrupts';
const interruptCoalescing = 0x08;
const vectorConfiguration = 0x09;
const msixCapability = 0x11;
const functionMask = 1 << 14;
const depth = 16;

async function arrives(vector: InterruptVector, ms = 5000): Promise<boolean> {
  for (let waited = 0; waited < ms && !vector.isSet; waited += 1) await new Promise((done) => setTimeout(done, 1));
  return vector.isSet;
}

/** A queue pair on vector 1, and the vector in the test's hands. */
async function queueOn(nvme0: Controller) {
  const qpair = await nvme0.createQpair({ depth, vector: 1 });
  const vector = nvme0.interrupt(1);
  vector.clear();
  return { qpair, vector };
}

/** Offset of the Pending Bit Array in BAR0. */
function pendingBits(nvme0: Controller): number {
  const { config } = nvme0.pcie;
  const at = nvme0.pcie.capability(msixCapability)?.offset ?? 0;
  expect(config.read32(at + 8) & 7).toBe(0);
  return config.read32(at + 8) & ~7;
}

test('a completion signals the vector of its queue, and no other', { spec }, async ({ nvme0, nvme0n1 }) => {
  const { qpair, vector } = await queueOn(nvme0);
  const other = nvme0.interrupt(2);
  other.clear();
  await nvme0n1.flush(qpair);
  expect(await arrives(vector)).toBe(true);
  expect(other.isSet).toBe(false);
});

test('a queue without interrupts signals nothing', {
  spec: 'NVMe Base 2.0, Create I/O Completion Queue command',
}, async ({ nvme0, nvme0n1 }) => {
  const qpair = await nvme0.createQpair({ depth, interrupts: false });
  const vectors = [1, 2].map((number) => nvme0.interrupt(number));
  for (const vector of vectors) vector.clear();
  await nvme0n1.flush(qpair);
  expect(vectors.map(({ isSet }) => isSet)).toEqual([false, false]);
});

test('a masked vector is pending in the Pending Bit Array, and comes when it is unmasked', { spec }, async ({
  nvme0,
  nvme0n1,
}) => {
  const { qpair, vector } = await queueOn(nvme0);
  const pending = () => nvme0.registers.read32(pendingBits(nvme0)) & 2;
  vector.mask();
  await nvme0n1.flush(qpair);
  expect(vector.isSet).toBe(false);
  expect(pending()).toBe(2);
  vector.unmask();
  expect(await arrives(vector)).toBe(true);
  expect(pending()).toBe(0);
});

test('the function mask holds back every vector', { spec }, async ({ nvme0, nvme0n1 }) => {
  const { qpair, vector } = await queueOn(nvme0);
  const { config } = nvme0.pcie;
  const control = (nvme0.pcie.capability(msixCapability)?.offset ?? 0) + 2;
  const before = config.read16(control);
  config.write16(control, before | functionMask);
  await nvme0n1.flush(qpair);
  expect(vector.isSet).toBe(false);
  config.write16(control, before);
  expect(await arrives(vector)).toBe(true);
});

test('MSI is masked by INTMS, and comes by INTMC', {
  spec: 'NVMe Base 2.0, Interrupt Mask Set',
}, async ({ nvme0, nvme0n1 }) => {
  await nvme0.initialize({ interrupts: 'msi' });
  const { qpair, vector } = await queueOn(nvme0);
  nvme0.registers.set('INTMS', 2);
  // Both read as the mask; other vectors may be masked by the driver.
  expect([nvme0.registers.get('INTMS') & 2n, nvme0.registers.get('INTMC') & 2n]).toEqual([2n, 2n]);
  await nvme0n1.flush(qpair);
  expect(vector.isSet).toBe(false);
  nvme0.registers.set('INTMC', 2);
  expect(nvme0.registers.get('INTMS') & 2n).toBe(0n);
  expect(await arrives(vector)).toBe(true);
});

test('coalescing waits for its threshold of entries', {
  spec: 'NVMe Base 2.0, Interrupt Coalescing (Feature Identifier 08h)',
}, async ({ nvme0, nvme0n1 }) => {
  const { qpair, vector } = await queueOn(nvme0);
  // 25.5 s, or four entries (0's based).
  await nvme0.setFeatures(interruptCoalescing, (255 << 8) | 3);
  for (let sent = 0; sent < 3; sent += 1) await nvme0n1.flush(qpair);
  expect(vector.isSet).toBe(false);
  await nvme0n1.flush(qpair);
  expect(await arrives(vector)).toBe(true);
  vector.clear();
  // Without coalescing on this vector every completion signals.
  await nvme0.setFeatures(vectorConfiguration, 1 + (1 << 16));
  await nvme0n1.flush(qpair);
  expect(await arrives(vector)).toBe(true);
});
